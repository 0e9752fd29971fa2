import type { Row, Sql } from "../../store/sql/step.ts";

/** A table as both databases have it. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** Of them, those of its primary key, in order. */
  readonly key: readonly string[];
}

/** What a store has beside its tables. */
export interface Belongings {
  /** No event has a greater sequence, nor had one. */
  readonly lastSequence: number;
  /** Of the folder whose bytes it refers to. */
  readonly identity: string | undefined;
  /** Says with which keys its secrets are sealed. */
  readonly secretCheck: string | undefined;
  /** Bytes of objects lie in `blobs/` of that folder. */
  readonly refersToFolder: boolean;
}

/** Where rows come from. */
export interface MoveSource extends AsyncDisposable {
  tables(): Promise<readonly Table[]>;
  count(table: Table): Promise<number>;
  /** The first rows behind a key, in its order. */
  rows(table: Table, after: readonly Sql[] | undefined, max: number): Promise<readonly Row[]>;
  belongings(): Promise<Belongings>;
  /** Says that everything is elsewhere now: no server starts on it any more. Gives what is to be known of that. */
  retire(): Promise<string>;
}

/** Where they go to: a database that has no server, and nothing in it but what a move has put there that was cut off. */
export interface MoveTarget extends MoveSource {
  /** Behind which key each table goes on that an earlier move has begun; of those that it is done with, what no key is behind. */
  begun(): Promise<ReadonlyMap<string, readonly Sql[]>>;
  /** Durably, with the key of the last one. */
  put(table: Table, rows: readonly Row[]): Promise<void>;
  /** Every row is the same in both: from then on it can be made whole without the source, with these. */
  agree(belongings: Belongings): Promise<void>;
  /** After the source is retired. From then on a server may start on it. */
  finish(belongings: Belongings): Promise<void>;
}

/** A target that needs its source no more. */
export interface AgreedTarget {
  readonly target: MoveTarget;
  readonly belongings: Belongings;
}

/** Where a target keeps its {@link Belongings} among the names of tables. */
export const agreedName = "";

/** Rows at once: fewer of those that may hold a megabyte each. */
export function pageOf({ name }: Table): number {
  return ["event", "function_version", "kept_mail", "invocation"].includes(name) ? 50 : 500;
}

export function keyOf({ key }: Table, row: Row): readonly Sql[] {
  return key.map((column) => row[column] ?? null);
}

export const sqlName = (name: string): string => `"${name}"`;

/** Parents before what refers to them. */
const first = ["tenant", "principal", "token", "app", "function", "bucket", "upload"];

export function parentsFirst<T extends { readonly name: string }>(tables: readonly T[]): readonly T[] {
  const rank = ({ name }: T): number => (first.includes(name) ? first.indexOf(name) : first.length);
  return tables.toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

/** What of `meta` means the same in either database. */
export const metaKeys = ["watermark", "prune_at", "declarations", "last_invocation", "last_user"];
