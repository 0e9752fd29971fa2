import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** A value that travels to the writer's thread and into a statement. */
export type Sql = string | number | null;

/** One parametrised statement. Its text is the key under which the writer keeps it prepared, so never build it from values. */
export interface Step {
  readonly sql: string;
  readonly params: readonly Sql[];
}

/** A query that must give a row (`row`) or none (`none`) for its unit to be committed. */
export interface Check extends Step {
  readonly expect: "row" | "none";
}

/** Statements prepared once per connection. */
export class Statements {
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

  /** The first rows, none behind those that together reach `maxBytes` as `bytesOf` counts them: at least one, if there is any. */
  upTo(maxBytes: number, bytesOf: (row: Row) => number, sql: string, params: readonly Sql[]): Row[] {
    return this.#try(() => {
      const rows: Row[] = [];
      let bytes = 0;
      for (const row of this.prepare(sql).iterate(...(params as SQLInputValue[])) as Iterable<Row>) {
        rows.push(row);
        bytes += bytesOf(row);
        if (bytes >= maxBytes) break;
      }
      return rows;
    });
  }
}

/** A row as SQLite gives it; each area turns it into what the port promises, once, at this edge. */
export type Row = Readonly<Record<string, string | number | null>>;

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new TypeError(`column ${column} is not text`);
  return value;
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new TypeError(`column ${column} is not a number`);
  return value;
}

/** `{ [name]: value }`, or nothing for NULL: absent things are absent, not undefined. */
export function optional<K extends string, T>(name: K, value: T | null | undefined): { [P in K]?: T } {
  return (value === null || value === undefined ? {} : { [name]: value }) as { [P in K]?: T };
}

/** JSON of what is there, NULL of what is not. */
export function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** What a JSON column holds; `undefined` for NULL. */
export function parsed(row: Row, column: string): unknown {
  const value = row[column];
  return typeof value === "string" ? JSON.parse(value) : undefined;
}

export function flag(is: boolean): number {
  return is ? 1 : 0;
}

/** NULL for what a patch does not name. */
export function optionalFlag(is: boolean | undefined): number | null {
  return is === undefined ? null : flag(is);
}
