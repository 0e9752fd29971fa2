import type { Repeated, Row } from "../sql/step.ts";
import type { Statements } from "./statements.ts";

/** How much of one kind of row is remembered; when there is more, what was read first is forgotten. */
interface RepeatedBounds {
  readonly rows: number;
  /** In the texts of all of them. */
  readonly characters: number;
  /** A row with more is read each time. */
  readonly charactersOfRow: number;
}

/** Some MiB. Whose rows they are does not matter: one that was displaced is read again. */
const defaultBounds: RepeatedBounds = { rows: 4_096, characters: 2_000_000, charactersOfRow: 4_000 };

interface Remembered<T> {
  readonly value: T;
  readonly characters: number;
}

const dataVersion = "PRAGMA data_version";

/** Who writes; see {@link Committer.writes}. */
interface Writer {
  readonly writes: number | undefined;
}

/**
 * Single rows that requests ask for again and again: whose a key is, which bucket has a name, what is known of an object. They are remembered
 * until anything at all was committed, so that what is returned is what the database holds.
 *
 * While the writer has nothing to do nothing can change. While it is at work SQLite is asked (`data_version`), which costs a part of a read; once for
 * all that is done without waiting, as the caller of a commit learns of it by a message, and what is done then asks again.
 *
 * Only for a connection that does not write: SQLite tells of the commits of others. The values are shared and must not be changed.
 */
export class RepeatedReads implements Repeated {
  readonly #statements: Statements;
  readonly #writer: Writer;
  readonly #bounds: RepeatedBounds;
  /** What the writer had been handed when the version was looked at. */
  #writes: number | undefined;
  #version: unknown;
  /** Counts the versions. */
  #generation = 0;
  /** The version was looked at, and nothing was waited for since. */
  #isCurrent = false;

  constructor(statements: Statements, writer: Writer, bounds: RepeatedBounds = defaultBounds) {
    this.#statements = statements;
    this.#writer = writer;
    this.#bounds = bounds;
  }

  /** @param read makes of a row what is returned. */
  of<T>(sql: string, read: (row: Row) => T): (...params: readonly string[]) => T | undefined {
    const rows = new Map<string, Remembered<T>>();
    let characters = 0;
    let generation = 0;
    const forget = (name: string, { characters: fewer }: Remembered<T>): void => {
      rows.delete(name);
      characters -= fewer;
    };
    return (...params) => {
      this.#look();
      if (generation !== this.#generation) {
        generation = this.#generation;
        rows.clear();
        characters = 0;
      }
      const name = params.join("\0");
      const known = rows.get(name);
      if (known !== undefined) return known.value;
      const row = this.#statements.get(sql, ...params);
      if (row === undefined) return undefined;
      const remembered = { value: read(row), characters: name.length + charactersIn(row) };
      if (remembered.characters > this.#bounds.charactersOfRow) return remembered.value;
      rows.set(name, remembered);
      characters += remembered.characters;
      for (const [oldest, one] of rows) {
        if (rows.size <= this.#bounds.rows && characters <= this.#bounds.characters) break;
        forget(oldest, one);
      }
      return remembered.value;
    };
  }

  #look(): void {
    if (this.#isCurrent) return;
    const { writes } = this.#writer;
    if (writes !== undefined && writes === this.#writes) return;
    this.#writes = writes;
    const version = this.#statements.get(dataVersion)?.["data_version"];
    if (version !== this.#version) this.#generation += 1;
    this.#version = version;
    this.#isCurrent = true;
    // When all that waits for nothing has run, promises included.
    process.nextTick(() => {
      this.#isCurrent = false;
    });
  }
}

function charactersIn(row: Row): number {
  let characters = 0;
  for (const column in row) {
    const value = row[column];
    if (typeof value === "string") characters += value.length;
  }
  return characters;
}
