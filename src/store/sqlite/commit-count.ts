import { MarkWriter } from "../../folder/commit-mark.ts";
import type { WriterData } from "./commit-message.ts";
import type { Statements } from "./statements.ts";
import type { Counted } from "./transaction.ts";

const save = "UPDATE meta SET value = ? WHERE key = 'commits'";

/** Counts commits in the database itself and, once they are durable, beside the blobs. */
export class CommitCount implements Counted {
  readonly #statements: Statements;
  readonly #marks: MarkWriter;
  #commits: number;

  constructor(statements: Statements, { markPath, mark, commits }: WriterData) {
    this.#statements = statements;
    this.#marks = new MarkWriter(markPath, mark);
    this.#commits = commits;
    this.#marks.write(commits);
  }

  next(): void {
    this.#statements.run({ sql: save, params: [this.#commits + 1] });
  }

  committed(): void {
    this.#commits += 1;
    this.#marks.write(this.#commits);
  }

  close(): void {
    this.#marks.close();
  }
}
