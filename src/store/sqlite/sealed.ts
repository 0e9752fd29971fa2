import type { DatabaseSync } from "node:sqlite";
import { sealedPlaces } from "../sql/sealed.ts";

interface Sealed {
  /** `access key AK123`. */
  readonly name: string;
  readonly value: string;
}

/** Also of a database that was not migrated yet. */
export function* allSealed(db: DatabaseSync): Generator<Sealed> {
  const schema = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
  const tables = new Set(
    db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map(({ name }) => name),
  );
  for (const { noun, name, table, before, ...now } of sealedPlaces) {
    if (!tables.has(table)) continue;
    const value = before !== undefined && schema < before.schema ? before.value : now.value;
    const all = db.prepare(`SELECT ${name} AS name, ${value} AS value FROM ${table} WHERE ${value} IS NOT NULL`);
    for (const row of all.iterate()) yield { name: `${noun} ${String(row["name"])}`, value: String(row["value"]) };
  }
}

const atOnce = 200;

/**
 * Seals anew what `renew` gives another text for, in transactions of 200 at the most, each of which is durable by itself: one that is cut off goes on
 * from there when it is begun again. `renew` gives `undefined` for what may stay. Yields how many were sealed anew, after each.
 */
export function* resealAll(db: DatabaseSync, renew: (sealed: string) => string | undefined): Generator<number> {
  for (const { table, key, value, assign } of sealedPlaces) {
    const first = db.prepare(
      `SELECT ${key} AS key, ${value} AS value FROM ${table} WHERE ${value} IS NOT NULL ORDER BY ${key} LIMIT ${atOnce}`,
    );
    const next = db.prepare(
      `SELECT ${key} AS key, ${value} AS value FROM ${table} WHERE ${key} > ? AND ${value} IS NOT NULL ORDER BY ${key} LIMIT ${atOnce}`,
    );
    const put = db.prepare(`UPDATE ${table} SET ${assign} WHERE ${key} = ?2`);
    for (let rows = first.all(); rows.length > 0; ) {
      let renewed = 0;
      db.exec("BEGIN IMMEDIATE");
      try {
        for (const row of rows) {
          const text = renew(String(row["value"]));
          if (text === undefined) continue;
          put.run(text, row["key"] ?? null);
          renewed += 1;
        }
        db.exec("COMMIT");
      } catch (thrown) {
        if (db.isTransaction) db.exec("ROLLBACK");
        throw thrown;
      }
      yield renewed;
      rows = next.all(rows.at(-1)?.["key"] ?? null);
    }
  }
}
