import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { noonMs } from "../../../test/conformance/store/given.ts";
import { storeConformance } from "../../../test/conformance/store/store.ts";
import type { StoreUnderTest } from "../../../test/conformance/store/under-test.ts";
import { fakeClock } from "../../../test/support/clock.ts";
import { migrated } from "../../../test/support/migrated.ts";
import { SignalboxError } from "../../errors.ts";
import { silentLog } from "../../log.ts";
import { databaseFile, migrate, migrationFiles } from "./open.ts";
import { openSqliteStore } from "./store.ts";

function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "signalbox-store-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

async function open(): Promise<StoreUnderTest> {
  const folder = temporaryFolder();
  const clock = fakeClock(noonMs);
  const options = { folder: migrated(folder.path), clock, log: silentLog, lockWaitMs: 0 };
  let opened = await openSqliteStore(options);
  return {
    get store() {
      return opened.store;
    },
    get feed() {
      return opened.feed;
    },
    clock,
    givesSpaceBack: true,
    reopen: async () => {
      await opened[Symbol.asyncDispose]();
      opened = await openSqliteStore(options);
    },
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

storeConformance("SQLite", open);

describe("readiness", () => {
  it("is known from the last commit, without writing", async () => {
    using folder = temporaryFolder();
    await using opened = await openSqliteStore({ folder: migrated(folder.path), clock: fakeClock(), log: silentLog });
    const { store } = opened;
    const written = (): number => readFileSync(join(folder.path, "signalbox.db-wal")).length;
    await store.commit({});
    const before = written();
    for (let times = 0; times < 1_000; times += 1) await store.upkeep.ready();
    assert.equal(written(), before);
  });
});

describe("the data folder", () => {
  it("belongs to one store at a time", async () => {
    using folder = temporaryFolder();
    const options = { folder: folder.path, clock: fakeClock(), log: silentLog, lockWaitMs: 0 };
    const first = await openSqliteStore(options);
    const isInUse = (error: unknown): boolean =>
      error instanceof SignalboxError && error.code === "conflict" && error.message.includes(folder.path);
    await assert.rejects(openSqliteStore(options), isInUse);
    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    const second = await openSqliteStore(options);
    await second[Symbol.asyncDispose]();
  });

  it("is refused when a newer Signalbox has written it, and left alone and unlocked", async () => {
    using folder = temporaryFolder();
    const options = { folder: folder.path, clock: fakeClock(), log: silentLog, lockWaitMs: 0 };
    await (await openSqliteStore(options))[Symbol.asyncDispose]();
    const db = new DatabaseSync(join(folder.path, databaseFile));
    db.exec("PRAGMA user_version = 9999");
    const isNewer = (error: unknown): boolean =>
      error instanceof SignalboxError && error.code === "conflict" && error.message.includes("schema 9999");
    await assert.rejects(openSqliteStore(options), isNewer);
    assert.equal(db.prepare("PRAGMA user_version").get()?.["user_version"], 9999);
    db.exec(`PRAGMA user_version = ${migrationFiles().length}`);
    db.close();
    await (await openSqliteStore(options))[Symbol.asyncDispose]();
  });
});

describe("the schema", () => {
  it("is made by migrations that are numbered without gaps, none twice: one that shares its number would be passed over", () => {
    const numbers = migrationFiles().map(({ number }) => number);
    assert.deepEqual(
      numbers,
      Array.from(numbers, (_, index) => index + 1),
    );
  });

  it("is the one in schema.golden.sql (UPDATE_GOLDEN=1 writes it anew)", () => {
    const db = new DatabaseSync(":memory:");
    migrate(db);
    migrate(db);
    const rows = db
      .prepare(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name",
      )
      .all();
    const dump = `${rows.map(({ sql }) => `${String(sql)};`).join("\n\n")}\n`;
    const golden = new URL("../migrations/schema.golden.sql", import.meta.url);
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(golden, dump);
    assert.equal(dump, readFileSync(golden, "utf8"));
  });

  it("comes from migrations that are numbered without a gap", () => {
    const numbers = migrationFiles().map(({ number }) => number);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
    );
  });
});
