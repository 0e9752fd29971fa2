/** A look at the partitions of a store in PostgreSQL, past it. */
import assert from "node:assert/strict";
import { silentLog } from "../../src/log.ts";
import { connect } from "../../src/store/postgres/connection.ts";
import { integer, type Row } from "../../src/store/sql/step.ts";

/** A connection, and what is read by it: rows, or the numbers `n`. */
export async function lookAt(url: string) {
  const connection = await connect(url, silentLog);
  const all = async (sql: string): Promise<Row[]> => (await connection.client.query(sql)).rows as Row[];
  const numbers = async (sql: string): Promise<number[]> => (await all(sql)).map((row) => integer(row, "n"));
  return { client: connection.client, all, numbers, [Symbol.asyncDispose]: () => connection.end() };
}

export const partitionNumbers = "SELECT number AS n FROM partition ORDER BY begins";

/** Each table has the same partitions as `partition` says, and none other is left. */
export async function assertAlike({ all }: { readonly all: (sql: string) => Promise<Row[]> }): Promise<void> {
  const said = await all("SELECT number, begins, ends FROM partition ORDER BY begins");
  for (const [index, row] of said.entries())
    assert.equal(integer(row, "begins"), index === 0 ? 0 : integer(said[index - 1] ?? {}, "ends"));
  const expected = said.flatMap((row) =>
    ["attempt", "delivery", "event"].map((name) => `${name}_p${integer(row, "number")} of ${name}`),
  );
  const found = await all(
    `SELECT c.relname || ' of ' || coalesce(i.inhparent::regclass::text, '') AS name FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
     WHERE c.relnamespace = 'signalbox'::regnamespace AND c.relkind = 'r' AND c.relname ~ '_p[0-9]+$'`,
  );
  assert.deepEqual(new Set(found.map(({ name }) => name)), new Set(expected));
}
