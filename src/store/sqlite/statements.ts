import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { type Reads, type Row, type Sql, type Step, text } from "../sql/step.ts";

/** Statements prepared once per connection. */
export class Statements implements Reads {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();
  readonly #failed: (error: unknown) => unknown;

  /** @param failed what to throw instead of an error of SQLite's. Default: that error. */
  constructor(db: DatabaseSync, failed: (error: unknown) => unknown = (error) => error) {
    this.#db = db;
    this.#failed = failed;
  }

  prepare(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }

  /** How many rows it changed. */
  run({ sql, params }: Step): number {
    return this.#try(() => Number(this.prepare(sql).run(...(params as SQLInputValue[])).changes));
  }

  get(sql: string, ...params: readonly Sql[]): Row | undefined {
    return this.#try(() => this.prepare(sql).get(...(params as SQLInputValue[])) as Row | undefined);
  }

  /** The row as `read` reads it. */
  one<T>(read: (row: Row) => T, sql: string, ...params: readonly Sql[]): T | undefined {
    const row = this.get(sql, ...params);
    return row === undefined ? undefined : read(row);
  }

  all(sql: string, ...params: readonly Sql[]): Row[] {
    return this.#try(() => this.prepare(sql).all(...(params as SQLInputValue[])) as Row[]);
  }

  #try<T>(ask: () => T): T {
    try {
      return ask();
    } catch (thrown) {
      throw this.#failed(thrown);
    }
  }

  upTo(maxCharacters: number, sql: string, params: readonly Sql[]): Row[] {
    return this.#try(() => {
      const rows: Row[] = [];
      let characters = 0;
      for (const row of this.prepare(sql).iterate(...(params as SQLInputValue[])) as Iterable<Row>) {
        rows.push(row);
        characters += text(row, "data").length;
        if (characters >= maxCharacters) break;
      }
      return rows;
    });
  }
}
