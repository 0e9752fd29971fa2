import type { Client } from "pg";
import { anySealed, sealedPlaces } from "../sql/sealed.ts";
import { queryRows } from "./connection.ts";
import { postgresQuery } from "./dialect.ts";

const atOnce = 200;

/** Whether anything is sealed. */
export async function holdsSealed(client: Client): Promise<boolean> {
  return (await client.query(anySealed)).rows.length > 0;
}

/**
 * Seals anew what `renew` gives another text for, each by itself and only while it is as it was read: other nodes may work on it. One that is cut off goes on
 * from there when it is begun again. `renew` gives `undefined` for what may stay. Gives how many were sealed anew.
 */
export async function resealDatabase(client: Client, renew: (sealed: string) => string | undefined): Promise<number> {
  let renewed = 0;
  for (const { table, key, value, assign } of sealedPlaces) {
    const page = (after: string): string =>
      `SELECT ${key} AS key, ${value} AS value FROM ${table} WHERE ${value} IS NOT NULL ${after} ORDER BY ${key} LIMIT ${atOnce}`;
    const sql = `UPDATE ${table} SET ${assign} WHERE ${key} = ?2 AND ${value} = ?3`;
    let rows = await queryRows(client, postgresQuery({ sql: page(""), params: [] }));
    while (rows.length > 0) {
      const sealed = rows.flatMap((row) => {
        const before = String(row["value"]);
        const text = renew(before);
        return text === undefined
          ? []
          : [client.query(postgresQuery({ sql, params: [text, row["key"] ?? null, before] }))];
      });
      for (const { rowCount } of await Promise.all(sealed)) renewed += rowCount ?? 0;
      const last = rows.at(-1)?.["key"] ?? null;
      rows = await queryRows(client, postgresQuery({ sql: page(`AND ${key} > ?`), params: [last] }));
    }
  }
  return renewed;
}
