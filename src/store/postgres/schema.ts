import { readdirSync, readFileSync } from "node:fs";
import type { Client } from "pg";
import { asError, SignalboxError } from "../../errors.ts";
import { schemaName } from "./connection.ts";
import { namesOf, otherNodes } from "./others.ts";

const ownMigrations = new URL("../migrations/postgres/", import.meta.url);

/** A step may build an index over all there is. */
const stepMs = 3_600_000;

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** The oldest schema whose program still works on what this step makes. */
  readonly least: number;
}

/**
 * The numbered files, `0001_init.sql` first. One that only adds what the program before it need not know says so in its first line, `-- least 1`: that
 * program may then go on, and start. Of one that says nothing it may not.
 */
function migrationFiles(folder: URL): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}_.+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const number = Number(name.slice(0, 4));
      const sql = readFileSync(new URL(name, folder), "utf8");
      return { number, name, sql, least: Number(/^-- least (\d+)\n/.exec(sql)?.[1] ?? number) };
    });
}

/** The newest schema that this program knows. */
export function newestSchema(folder: URL = ownMigrations): number {
  return migrationFiles(folder).at(-1)?.number ?? 0;
}

/**
 * Brings the database to the newest schema, each step in a transaction of its own, which leaves nothing when it fails. Refuses one that a newer Signalbox
 * made, unless that one's schema is such that this program may work on it, and a step that nodes at work could not go on after. The caller is the one
 * process that starts on it.
 */
export async function migratePostgres(client: Client, folder: URL = ownMigrations): Promise<void> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schemaName}`);
  await client.query("CREATE TABLE IF NOT EXISTS schema_version (version bigint NOT NULL, least bigint NOT NULL)");
  const { rows } = await client.query("SELECT version, least FROM schema_version");
  const { version: current, least } = (rows[0] as { version: number; least: number } | undefined) ?? noSchema;
  const files = migrationFiles(folder);
  const newest = files.at(-1)?.number ?? 0;
  if (least > newest) {
    throw new SignalboxError(
      "conflict",
      `the database has schema ${current}, made by a newer Signalbox; this one knows ${newest}: upgrade, or restore a backup`,
    );
  }
  const steps = files.filter(({ number }) => number > current);
  await refuseOlder(client, Math.max(0, ...steps.map((step) => step.least)));
  for (const step of steps) await migrate(client, step);
}

/** @param leastThen the oldest schema whose program works on what is made. */
async function refuseOlder(client: Client, leastThen: number): Promise<void> {
  if (leastThen === 0) return;
  const older = (await otherNodes(client)).filter(({ schema }) => schema < leastThen);
  if (older.length === 0) return;
  throw new SignalboxError(
    "conflict",
    `nodes of an older version work on the database, and could not on what this version makes of it: stop ${namesOf(older)} first, then start this one again`,
  );
}

const noSchema = { version: 0, least: 0 };

async function migrate(client: Client, { number, name, sql, least }: Migration): Promise<void> {
  const text = `BEGIN; SET LOCAL statement_timeout = ${stepMs}; ${sql};
    INSERT INTO schema_version SELECT ${number}, greatest(${least}, (SELECT max(least) FROM schema_version));
    DELETE FROM schema_version WHERE version <> ${number}; COMMIT`;
  try {
    await client.query({ text, query_timeout: stepMs } as { text: string });
  } catch (thrown) {
    await client.query("ROLLBACK").catch(() => {});
    throw new Error(`migration ${name} failed: ${asError(thrown).message}`, { cause: thrown });
  }
}

const unfinished = "SELECT to_regclass('move_progress') IS NOT NULL AS unfinished";

/** Refuses a database that holds a part of what is moved to it. */
export async function refuseUnfinished(client: Client): Promise<void> {
  const { rows } = await client.query(unfinished);
  if ((rows[0] as { readonly unfinished: number } | undefined)?.unfinished !== 1) return;
  throw new SignalboxError(
    "conflict",
    "a move to this database was begun and not finished: run signalbox move again, or drop its schema signalbox",
  );
}
