import { readdirSync, readFileSync } from "node:fs";
import type { Client } from "pg";
import { asError, SignalboxError } from "../../errors.ts";
import { schemaName } from "./connection.ts";

const migrations = new URL("../migrations/postgres/", import.meta.url);

interface Migration {
  readonly number: number;
  readonly name: string;
}

/** The numbered files, `0001_init.sql` first. */
function migrationFiles(): Migration[] {
  return readdirSync(migrations)
    .filter((name) => /^\d{4}_.+\.sql$/.test(name))
    .sort()
    .map((name) => ({ number: Number(name.slice(0, 4)), name }));
}

/**
 * Brings the database to the newest schema, each step in a transaction of its own; refuses one that a newer Signalbox made. The caller is the one
 * process that works on it.
 */
export async function migratePostgres(client: Client): Promise<void> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schemaName}`);
  await client.query("CREATE TABLE IF NOT EXISTS schema_version (version bigint NOT NULL)");
  const { rows } = await client.query("SELECT max(version) AS version FROM schema_version");
  const current = (rows[0] as { readonly version: number | null } | undefined)?.version ?? 0;
  const files = migrationFiles();
  const newest = files.at(-1)?.number ?? 0;
  if (current > newest) {
    throw new SignalboxError(
      "conflict",
      `the database has schema ${current}, made by a newer Signalbox; this one knows ${newest}: upgrade, or restore a backup`,
    );
  }
  for (const { number, name } of files.filter((file) => file.number > current)) {
    const sql = readFileSync(new URL(name, migrations), "utf8");
    try {
      await client.query(
        `BEGIN; ${sql}; DELETE FROM schema_version; INSERT INTO schema_version VALUES (${number}); COMMIT`,
      );
    } catch (thrown) {
      await client.query("ROLLBACK");
      throw new Error(`migration ${name} failed: ${asError(thrown).message}`, { cause: thrown });
    }
  }
}
