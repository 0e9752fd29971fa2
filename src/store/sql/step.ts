/** A value that travels to a writer and into a statement. */
export type Sql = string | number | null;

/**
 * One parametrised statement, in SQL that both SQLite and PostgreSQL understand, but for what `postgres/dialect.ts` translates. Its text is the key under
 * which it is kept prepared, so never build it from values.
 */
export interface Step {
  readonly sql: string;
  readonly params: readonly Sql[];
}

/** A query that must give a row (`row`) or none (`none`) for its unit to be committed. */
export interface Check extends Step {
  readonly expect: "row" | "none";
}

/** What a read of either adapter may be: SQLite's is there at once. */
type Sooner<T> = T | Promise<T>;

/** Queries of a connection that only reads. */
export interface Reads {
  get(sql: string, ...params: readonly Sql[]): Sooner<Row | undefined>;
  /** The row as `read` reads it. */
  one<T>(read: (row: Row) => T, sql: string, ...params: readonly Sql[]): Sooner<T | undefined>;
  all(sql: string, ...params: readonly Sql[]): Sooner<Row[]>;
  /**
   * The first rows, none behind those whose column `data` together reaches `maxCharacters`: at least one, if there is any. What is left out is not
   * read.
   */
  upTo(maxCharacters: number, sql: string, params: readonly Sql[]): Sooner<Row[]>;
}

/** Reads one row that is asked for again and again; `undefined` when there is none. The value is shared and must not be changed. */
type RepeatedRead<T> = (...params: readonly string[]) => Sooner<T | undefined>;

/** Single rows that requests ask for again and again; an adapter may remember them as long as they cannot have changed. */
export interface Repeated {
  /** @param read makes of a row what is returned. */
  of<T>(sql: string, read: (row: Row) => T): RepeatedRead<T>;
}

/** A row as the database gives it, with numbers for what is an integer or true or false; each area turns it into what the port promises, once, at this edge. */
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
