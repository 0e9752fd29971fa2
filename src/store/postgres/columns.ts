import type { Sql } from "../sql/step.ts";
import { storable } from "./dialect.ts";

/**
 * Rows on their way into a statement, column by column: each is one parameter, an array in PostgreSQL's binary form, which neither side has to quote or to
 * parse. As JSON they cost PostgreSQL twice as much.
 */

export interface Column {
  readonly name: string;
  readonly type: "text" | "bigint";
}

/** A list as in SQL, `sequence, tenant`; whole numbers but for those of these names. */
export function columnsOf(list: string, texts: ReadonlySet<string>): Column[] {
  return list.split(",").map((part) => {
    const name = part.trim();
    return { name, type: texts.has(name) ? "text" : "bigint" };
  });
}

/**
 * What a statement reads them from, in their order. In the list of a SELECT, where PostgreSQL takes value after value: `FROM unnest(…, …)`
 * first copies each of the arrays, which made the events of a commit a quarter dearer.
 * @param first the number of its parameter that is the first column. Default 1
 */
export function unnested(columns: readonly Column[], as: string, first = 1): string {
  const values = columns.map(({ name, type }, index) => `unnest($${index + first}::${type}[]) AS ${name}`);
  return `(SELECT ${values.join(", ")}) AS ${as}`;
}

/** The values of {@link unnested}: column `i` is the value `i` of each row. */
export function arraysOf(rows: readonly (readonly Sql[])[], columns: readonly Column[]): Buffer[] {
  return columns.map(({ type }, at) =>
    type === "text"
      ? textArray(rows.map((row) => storable(row[at] ?? null)))
      : numberArray(rows.map((row) => row[at] ?? null)),
  );
}

const oids = { text: 25, bigint: 20 } as const;
const headBytes = 20;

/** One dimension, from 1. */
function writeHead(array: Buffer, oid: number, length: number): void {
  array.writeInt32BE(1, 0);
  array.writeInt32BE(1, 4);
  array.writeInt32BE(oid, 8);
  array.writeInt32BE(length, 12);
  array.writeInt32BE(1, 16);
}

function textArray(values: readonly Sql[]): Buffer {
  let bytes = headBytes;
  for (const value of values) bytes += 4 + (value === null ? 0 : Buffer.byteLength(String(value)));
  const array = Buffer.allocUnsafe(bytes);
  writeHead(array, oids.text, values.length);
  let at = headBytes;
  for (const value of values) {
    const length = value === null ? -1 : array.write(String(value), at + 4);
    array.writeInt32BE(length, at);
    at += 4 + Math.max(0, length);
  }
  return array;
}

function numberArray(values: readonly Sql[]): Buffer {
  const array = Buffer.allocUnsafe(headBytes + values.length * 12);
  writeHead(array, oids.bigint, values.length);
  let at = headBytes;
  for (const value of values) {
    if (value === null) {
      array.writeInt32BE(-1, at);
      at += 4;
      continue;
    }
    const high = Math.floor(Number(value) / 2 ** 32);
    array.writeInt32BE(8, at);
    array.writeInt32BE(high, at + 4);
    array.writeUInt32BE(Number(value) - high * 2 ** 32, at + 8);
    at += 12;
  }
  return array.subarray(0, at);
}
