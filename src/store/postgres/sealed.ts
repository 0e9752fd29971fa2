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
 * Seals anew what `renew` gives another text for, in transactions of 200 at the most: one that is cut off goes on from there when it is begun again.
 * `renew` gives `undefined` for what may stay. Gives how many were sealed anew.
 */
export async function resealDatabase(client: Client, renew: (sealed: string) => string | undefined): Promise<number> {
  let renewed = 0;
  for (const { table, key, value, assign } of sealedPlaces) {
    const page = (after: string): string =>
      `SELECT ${key} AS key, ${value} AS value FROM ${table} WHERE ${value} IS NOT NULL ${after} ORDER BY ${key} LIMIT ${atOnce}`;
    let rows = await queryRows(client, postgresQuery({ sql: page(""), params: [] }));
    while (rows.length > 0) {
      await client.query("BEGIN");
      try {
        for (const row of rows) {
          const text = renew(String(row["value"]));
          if (text === undefined) continue;
          const params = [text, row["key"] ?? null];
          await client.query(postgresQuery({ sql: `UPDATE ${table} SET ${assign} WHERE ${key} = ?2`, params }));
          renewed += 1;
        }
        await client.query("COMMIT");
      } catch (thrown) {
        await client.query("ROLLBACK").catch(() => {});
        throw thrown;
      }
      const last = rows.at(-1)?.["key"] ?? null;
      rows = await queryRows(client, postgresQuery({ sql: page(`AND ${key} > ?`), params: [last] }));
    }
  }
  return renewed;
}
