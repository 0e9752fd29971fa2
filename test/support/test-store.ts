/**
 * The store that tests open: SQLite in their folder, or, with `SIGNALBOX_TEST_STORE=postgres`, a database of a PostgreSQL that the process of the test file
 * has for itself. So most tests can be run against either.
 */
import type { Clock } from "../../src/clock.ts";
import { type Log, silentLog } from "../../src/log.ts";
import type { Cluster } from "../../src/store/cluster.ts";
import type { LocalFeed } from "../../src/store/feed.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import type { Store } from "../../src/store/store.ts";
import { fakeClock } from "./clock.ts";
import { migrated } from "./migrated.ts";
import type { PostgresServer } from "./postgres.ts";

/** How many nodes the server of a test is: on-nodes.ts. */
export const nodeCount = Number(process.env["SIGNALBOX_TEST_NODES"] ?? "1");
export const inPostgres = process.env["SIGNALBOX_TEST_STORE"] === "postgres" || nodeCount > 1;

export interface TestStore extends AsyncDisposable {
  readonly store: Store;
  readonly feed: LocalFeed;
  readonly cluster: Cluster;
}

interface TestStoreOptions {
  /** The same one again is the same store. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
}

export async function openTestStore({ folder, clock, log }: TestStoreOptions): Promise<TestStore> {
  if (!inPostgres) return openSqliteStore({ folder: migrated(folder), clock, log, lockWaitMs: 0 });
  const { openPostgresStore } = await import("../../src/store/postgres/store.ts");
  return openPostgresStore({ url: await databaseOf(folder), clock, log });
}

/** What a server needs beside its folder so that its store is the one that tests are run against. */
export async function storeSettings(folder: string): Promise<Readonly<Record<string, string>>> {
  if (!inPostgres) return {};
  return {
    SIGNALBOX_STORE: await databaseOf(folder),
    SIGNALBOX_STORE_ASYNC: "accept-loss",
    SIGNALBOX_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
  };
}

const template = "template_of_stores";
const databases = new Map<string, Promise<string>>();
let running: Promise<PostgresServer> | undefined;

function databaseOf(folder: string): Promise<string> {
  let url = databases.get(folder);
  if (url === undefined) {
    running ??= serverWithTemplate();
    url = running.then((server) => server.database(template));
    databases.set(folder, url);
  }
  return url;
}

async function serverWithTemplate(): Promise<PostgresServer> {
  const { postgresServer } = await import("./postgres.ts");
  const { openPostgresStore } = await import("../../src/store/postgres/store.ts");
  const server = await postgresServer({ isLeft: true });
  // After the hooks of every test, which may still use it.
  process.once("beforeExit", () => void server[Symbol.asyncDispose]());
  await server.run(`CREATE DATABASE ${template}`);
  const opened = await openPostgresStore({ url: server.url(template), clock: fakeClock(), log: silentLog });
  await opened[Symbol.asyncDispose]();
  return server;
}
