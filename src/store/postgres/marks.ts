import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { integer, type Row, type Step } from "../sql/step.ts";
import { queryRows } from "./connection.ts";
import { postgresQuery } from "./dialect.ts";
import type { Session } from "./session.ts";

const put = "INSERT INTO commit_mark (writer, number) VALUES (?, ?)";
const find =
  "SELECT (extract(epoch FROM at) * 1000)::bigint AS begun_ms FROM commit_mark WHERE writer = ? AND number = ?";
/**
 * Of this process all but the one under way are of no use any more. From those that the last time left: vacuum cannot take away what is deleted while any
 * session holds an older snapshot, and to pass over all of that would take longer each time.
 */
const drop = "DELETE FROM commit_mark WHERE writer = ? AND number >= ? AND number < ?";
/** Of others, whose outcome may still be asked for, those of long ago; each row is looked at. */
const dropOfOthers = "DELETE FROM commit_mark WHERE at < now() - interval '1 day'";
const othersEveryMs = 3_600_000;
/** While the database is away. */
const againMs = 200;

/**
 * Each transaction that writes also writes its number: once the connection is lost before the answer to COMMIT, a new one can tell whether it was
 * made. A row for each, as a single one that is written again and again would grow slow behind any old snapshot.
 */
export class CommitMarks {
  readonly #session: Session;
  readonly #writer = randomUUID();
  #last = 0;
  /** None of this process below it are left, or none below `dropping` once that is committed. */
  #dropped = 0;
  #dropping = 0;
  #othersMs = Number.NEGATIVE_INFINITY;
  #areOthersDropped = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Of the next transaction: to be written in it. */
  next(): {
    readonly number: number;
    readonly row: readonly [writer: string, number: number];
    readonly query: ReturnType<typeof postgresQuery>;
  } {
    this.#last += 1;
    const row = [this.#writer, this.#last] as const;
    return { number: this.#last, row, query: postgresQuery({ sql: put, params: row }) };
  }

  /** Drops those that are not needed any more; in a transaction that has its own. */
  dropPast(): readonly Step[] {
    this.#dropping = this.#last;
    const own = { sql: drop, params: [this.#writer, this.#dropped, this.#dropping] };
    this.#areOthersDropped = performance.now() - this.#othersMs > othersEveryMs;
    return this.#areOthersDropped ? [own, { sql: dropOfOthers, params: [] }] : [own];
  }

  /** What {@link dropPast} did is committed. */
  dropped(): void {
    this.#dropped = this.#dropping;
    if (this.#areOthersDropped) this.#othersMs = performance.now();
  }

  /**
   * Whether a transaction was made whose connection is lost. Resolves when that is known, however long the database is away. @param read of what it wrote,
   * with the same connection; `begunMs`: when it began, by the database's clock
   */
  async find<T>(number: number, read: (query: ReadRows, begunMs: number) => Promise<T>): Promise<T | undefined> {
    for (;;) {
      try {
        return await this.#session.settled(async (client) => {
          const query: ReadRows = async (step) => queryRows(client, postgresQuery(step));
          const [found] = await query({ sql: find, params: [this.#writer, number] });
          return found === undefined ? undefined : await read(query, integer(found, "begun_ms"));
        });
      } catch (thrown) {
        if (this.#session.isClosed) throw thrown;
        await pause(againMs);
      }
    }
  }
}

/** Rows of a statement. */
type ReadRows = (step: Step) => Promise<readonly Row[]>;
