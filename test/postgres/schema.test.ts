import assert from "node:assert/strict";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import type { Client } from "pg";
import { SignalboxError } from "../../src/errors.ts";
import { silentLog } from "../../src/log.ts";
import { connect, nameOfNode } from "../../src/store/postgres/connection.ts";
import { announceNode, otherNodes } from "../../src/store/postgres/others.ts";
import { migratePostgres, newestSchema } from "../../src/store/postgres/schema.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { databaseFile } from "../../src/store/sqlite/open.ts";
import { noonMs } from "../conformance/store/given.ts";
import { fakeClock } from "../support/clock.ts";
import { migrated } from "../support/migrated.ts";
import { postgresServer } from "../support/postgres.ts";
import { until } from "../support/until.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());
const home = mkdtempSync(join(tmpdir(), "signalbox-schema-"));
after(() => rmSync(home, { recursive: true, force: true }));

/** `PRAGMA user_version`, and files of the data folder, are where SQLite has them; and it has no connection to lose, and no other nodes. */
const onlyPostgres = new Set([
  "schema_version.version",
  "schema_version.least",
  "setting.name",
  "setting.text",
  "commit_mark.writer",
  "commit_mark.number",
  "commit_mark.at",
  "mail_bucket.at_ms",
  "mail_bucket.mailbox",
  "mail_bucket.promised_ms",
  "mail_bucket.tokens",
  "node.address",
  "node.beat_at",
  "node.duties",
  "node.id",
  "node.leaving",
  "node.started_ms",
  "node.started_with",
  "node.version",
  "open_count.node",
  "partition.begins",
  "partition.ends",
  "partition.number",
  "partition.rest",
  "shard.epoch",
  "shard.id",
  "shard.owner",
  "shard.watermark",
]);

async function connected(database: string): Promise<{ client: Client } & AsyncDisposable> {
  const connection = await connect(database, silentLog);
  return { client: connection.client, [Symbol.asyncDispose]: () => connection.end() };
}

async function columnsOfPostgres(): Promise<string[]> {
  await using at = await connected(await server.database());
  await migratePostgres(at.client);
  const { rows } = await at.client.query(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = 'signalbox' AND table_type = 'BASE TABLE'
       AND NOT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = 'signalbox'::regnamespace AND relname = table_name AND relispartition)`,
  );
  return rows.map((row) => (row as { readonly name: string }).name);
}

function columnsOfSqlite(): string[] {
  const folder = mkdtempSync(join(home, "sqlite-"));
  const db = new DatabaseSync(join(migrated(folder), databaseFile), { readOnly: true });
  const rows = db
    .prepare(
      `SELECT t.name || '.' || c.name AS name FROM sqlite_schema t JOIN pragma_table_info(t.name) c
       WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
    )
    .all();
  db.close();
  return rows.map((row) => String(row["name"]));
}

/** Migrations of a test, on a database that may have those before it. */
function folderOf(files: Readonly<Record<string, string>>): URL {
  const folder = mkdtempSync(join(home, "migrations-"));
  mkdirSync(folder, { recursive: true });
  copyFileSync(
    new URL("../../src/store/migrations/postgres/0001_init.sql", import.meta.url),
    join(folder, "0001_init.sql"),
  );
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, name), sql);
  return pathToFileURL(`${folder}/`);
}

describe("the schema", () => {
  it("has the tables and columns that SQLite's has, and no others", async () => {
    const [postgres, sqlite] = [new Set(await columnsOfPostgres()), new Set(columnsOfSqlite())];
    assert.ok(sqlite.size > 200);
    assert.deepEqual(
      [...sqlite].filter((name) => !postgres.has(name)),
      [],
    );
    assert.deepEqual(new Set([...postgres].filter((name) => !sqlite.has(name))), onlyPostgres);
  });

  it("is made by one of several processes that start at once; the others are told who has the database", async () => {
    const options = { url: await server.database(), clock: fakeClock(noonMs), log: silentLog };
    const opening = await Promise.allSettled(Array.from({ length: 4 }, () => openPostgresStore(options)));
    const opened = opening.filter((one) => one.status === "fulfilled");
    assert.equal(opened.length, 1);
    for (const one of opening) {
      if (one.status === "rejected") assert.match(String(one.reason), /in use by another Signalbox process/);
    }
    for (const { value } of opened) await value[Symbol.asyncDispose]();
    await (await openPostgresStore(options))[Symbol.asyncDispose]();
  });
});

describe("a migration", () => {
  it("that fails leaves nothing, and is made when it can be", async () => {
    await using at = await connected(await server.database());
    await migratePostgres(at.client, folderOf({}));
    const broken = { "0002_more.sql": "CREATE TABLE more (a bigint); INSERT INTO nowhere VALUES (1);" };
    await assert.rejects(migratePostgres(at.client, folderOf(broken)), /migration 0002_more.sql failed: .*nowhere/);
    const left = await at.client.query(
      "SELECT to_regclass('more') AS found, (SELECT max(version) FROM schema_version) AS version",
    );
    assert.deepEqual({ ...(left.rows[0] as object) }, { found: null, version: 1 });
    await migratePostgres(at.client, folderOf({ "0002_more.sql": "CREATE TABLE more (a bigint);" }));
    const made = await at.client.query("SELECT count(*) AS count FROM more");
    assert.equal((made.rows[0] as { readonly count: number }).count, 0);
  });

  it("that a newer Signalbox made is refused by an older one, unless it only adds to what that one knows", async () => {
    await using at = await connected(await server.database());
    await migratePostgres(at.client, folderOf({}));
    await migratePostgres(at.client, folderOf({ "0002_more.sql": "-- least 1\nCREATE TABLE more (a bigint);" }));
    await migratePostgres(at.client, folderOf({}));
    const third = { "0002_more.sql": "-- least 1\nSELECT 1;", "0003_less.sql": "DROP TABLE more;" };
    await migratePostgres(at.client, folderOf(third));
    await assert.rejects(migratePostgres(at.client, folderOf({})), (thrown) => {
      assert.ok(thrown instanceof SignalboxError);
      assert.equal(thrown.code, "conflict");
      assert.match(thrown.message, /schema 3, made by a newer Signalbox; this one knows 1: upgrade/);
      return true;
    });
  });
});

describe("a migration beside nodes of an older version", () => {
  const folder = (sql: string): URL => {
    const at = mkdtempSync(join(home, "migrations-"));
    cpSync(new URL("../../src/store/migrations/postgres/", import.meta.url), at, { recursive: true });
    writeFileSync(join(at, "9999_more.sql"), sql);
    return pathToFileURL(`${at}/`);
  };

  it("is refused by name where they could not go on, and made once they are stopped", async () => {
    const url = await server.database();
    await using at = await connected(url);
    await migratePostgres(at.client);
    const startedWith = { version: "1.2.3", schema: newestSchema(), keys: [], settings: {}, hasPublicUrl: true };
    const older = await connect(url, silentLog, undefined, nameOfNode("older"));
    await announceNode(older.client, { id: "older", startedMs: noonMs, startedWith });
    const breaking = folder("CREATE TABLE more (a bigint);");
    await assert.rejects(migratePostgres(at.client, breaking), {
      message: /nodes of an older version .*: stop node \(older, version 1\.2\.3\) first/,
    });
    await migratePostgres(at.client, folder(`-- least ${newestSchema()}\nCREATE TABLE other (a bigint);`));
    await at.client.query("UPDATE schema_version SET version = $1", [newestSchema()]);
    await older.end();
    await until("PostgreSQL knows that it is gone", async () => (await otherNodes(at.client)).length === 0);
    await migratePostgres(at.client, breaking);
  });
});

describe("the PostgreSQL that a store is in", () => {
  it("has the tables where they belong, whatever options stand in the URL", async () => {
    const url = await server.database();
    const options = encodeURIComponent("-c search_path=public -c work_mem=8MB");
    await using at = await connected(`${url}?options=${options}&application_name=mine`);
    const { rows } = await at.client.query(
      "SELECT current_setting('search_path') AS path, current_setting('work_mem') AS memory, current_setting('enable_sort') AS sort",
    );
    assert.deepEqual(rows, [{ path: "signalbox", memory: "8MB", sort: "off" }]);
  });

  it("may be 15: a subquery in FROM has a name, which later ones do without", () => {
    for (const folder of ["store/sql", "store/postgres", "inbox/postgres"]) {
      const home = new URL(`../../src/${folder}/`, import.meta.url);
      for (const name of readdirSync(home).filter((one) => one.endsWith(".ts"))) {
        for (const rest of behindSubqueries(readFileSync(new URL(name, home), "utf8"))) {
          assert.match(rest, /^\s+(?:AS )?(?!WHERE|LIMIT|ORDER|GROUP)[a-z]/, `${name}: ${rest}`);
        }
      }
    }
  });
});

/** What stands behind each. */
function* behindSubqueries(code: string): Generator<string> {
  for (const {
    index,
    0: { length },
  } of code.matchAll(/(?:FROM|JOIN)\s+\((?=SELECT|\$\{|\s)/g)) {
    let at = index + length;
    for (let depth = 1; depth > 0 && at < code.length; at += 1) {
      if (code[at] === "(") depth += 1;
      else if (code[at] === ")") depth -= 1;
    }
    yield code.slice(at, at + 30);
  }
}
