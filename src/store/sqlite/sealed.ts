import type { DatabaseSync } from "node:sqlite";

/** Everything in the database that was sealed with the key of the folder. What is new belongs here, or a change of the key would lose it. */

interface Place {
  /** What one of them is called, with the column that names it. */
  readonly noun: string;
  readonly name: string;
  readonly table: string;
  /** A unique column, by whose order they are gone through. */
  readonly key: string;
  /** The sealed text, or NULL. */
  readonly value: string;
  /** What `value` becomes: `?1` is the new text. */
  readonly assign: string;
  /** Where it was before a schema: who only looks at a folder of before leaves that as it is. */
  readonly before?: { readonly schema: number; readonly value: string };
}

const places: readonly Place[] = [
  {
    noun: "access key",
    name: "id",
    table: "access_key",
    key: "id",
    value: "sealed_secret",
    assign: "sealed_secret = ?1",
  },
  {
    noun: "function",
    name: "uuid",
    table: "function",
    key: "number",
    value: "sealed_secrets",
    assign: "sealed_secrets = ?1",
  },
  {
    noun: "destination",
    name: "name",
    table: "destination",
    key: "number",
    value: "sealed",
    assign: "sealed = ?1",
  },
  {
    noun: "subscription",
    name: "uuid",
    table: "subscription",
    key: "number",
    value: "sealed",
    assign: "sealed = ?1",
    before: { schema: 18, value: "json_extract(target, '$.sealed')" },
  },
  {
    noun: "resolver",
    name: "tenant",
    table: "resolver",
    key: "tenant",
    value: "sealed",
    assign: "sealed = ?1",
  },
];

export const anySealed = `SELECT 1 WHERE ${places.map(({ table, value }) => `EXISTS (SELECT 1 FROM ${table} WHERE ${value} IS NOT NULL)`).join(" OR ")}`;

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
  for (const { noun, name, table, before, ...now } of places) {
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
  for (const { table, key, value, assign } of places) {
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
