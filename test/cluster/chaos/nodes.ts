/** Nodes of one database, each a process with a data folder of its own; the bytes of objects are in a bucket of another server, which is not hurt. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { blobsEnv, bytesBucket } from "../../support/bytes-bucket.ts";
import { type PostgresServer, postgresServer } from "../../support/postgres.ts";
import { type PostgresProxy, postgresProxy } from "../../support/postgres-proxy.ts";
import { secretKey } from "../../support/postgres-server.ts";
import { refusedServer, type ServerProcess, serveProgram, serverProcess } from "../../support/server-process.ts";
import type { History } from "../history.ts";

export interface Nodes extends AsyncDisposable {
  readonly names: readonly string[];
  /** Of the database. */
  readonly url: string;
  /** That of a node to the database, where each has one of its own. */
  way(name: string): PostgresProxy;
  /** Notes that something is not as it should be until {@link well}. */
  hurt(who: string, how: string): void;
  well(who: string): void;
  /** Those that may answer: not those that are down. */
  readonly up: readonly ServerProcess[];
  get(name: string): ServerProcess;
  /** Rejects when one ends that was not told to. */
  readonly failed: Promise<never>;
  /** @param program what Node runs, where that is another than the nodes were opened with */
  start(name: string, program?: readonly string[]): Promise<void>;
  /** Starts one that is down, and is expected to refuse; gives what it said. */
  refused(name: string, program?: readonly string[]): Promise<string>;
  kill(name: string): Promise<void>;
  stop(name: string): Promise<void>;
  /** Until it is thawed it does nothing, and does not know it. */
  freeze(name: string): void;
  thaw(name: string): void;
  killDatabase(): Promise<void>;
  startDatabase(): Promise<void>;
}

export const database = "postgres";

export interface Network {
  /** Where all reach the receiver and the bytes. */
  readonly host: string;
  /** Where all reach the database. */
  readonly databaseHost: string;
  /** Where a node is, and what runs it there. */
  place(name: string): { readonly host: string; readonly under: readonly string[] };
}

export interface NodesOptions {
  readonly count: number;
  readonly history: History;
  /** Beside what all have. */
  readonly env?: Readonly<Record<string, string>>;
  /** That they work on: by default one of their own. */
  readonly postgres?: PostgresServer;
  /** Each has a way of its own to the database, on which things get lost. */
  readonly hasWays?: boolean;
  /** Where they are: by default all on the loopback. */
  readonly network?: Network;
  /** What Node runs: by default the server of these sources. */
  readonly program?: readonly string[] | undefined;
}

export async function openNodes(options: NodesOptions): Promise<Nodes> {
  const { count, history, env: more = {}, program: first = serveProgram, hasWays = false, network } = options;
  await using made = new AsyncDisposableStack();
  const root = await mkdtemp(join(tmpdir(), "signalbox-nodes-"));
  made.defer(() => rm(root, { recursive: true, force: true }));
  const settings = network === undefined ? {} : { listen_addresses: `127.0.0.1,${network.databaseHost}` };
  const postgres = options.postgres ?? made.use(await postgresServer({ settings }));
  const bucket = made.use(await bytesBucket(root, network?.host));
  const { pathname } = new URL(await postgres.database());
  const url = (): string => postgres.url(pathname.slice(1));
  const names = Array.from({ length: count }, (_, index) => `node ${index + 1}`);
  const ways = new Map<string, PostgresProxy>();
  if (hasWays) for (const name of names) ways.set(name, made.use(await postgresProxy(postgres.port)));
  const env = {
    SIGNALBOX_STORE_ASYNC: "accept-loss",
    SIGNALBOX_SECRET_KEY: secretKey,
    ...blobsEnv("nodes", bucket.s3Url),
    SIGNALBOX_HOST_LISTEN: "127.0.0.1:0",
    SIGNALBOX_PUBLIC_URL: "http://events.example",
    ...more,
  };
  const optionsOf = (name: string, program: readonly string[]) => {
    const folder = join(root, name);
    const store = new URL(ways.get(name)?.url(url()) ?? url());
    if (network === undefined) return { folder, program, env: { ...env, SIGNALBOX_STORE: store.href } };
    store.hostname = network.databaseHost;
    const { host, under } = network.place(name);
    const own = {
      SIGNALBOX_STORE: store.href,
      SIGNALBOX_HOST: host,
      SIGNALBOX_HOST_LISTEN: `${host}:0`,
      SIGNALBOX_EGRESS_ALLOW: network.host,
    };
    return { folder, program, under, env: { ...env, ...own } };
  };
  const running = new Map<string, ServerProcess>();
  const logs: string[] = [];
  made.defer(async () => {
    for (const server of running.values()) await server[Symbol.asyncDispose]();
    await writeFile(join(dirname(history.file), "nodes.log"), logs.join(""));
  });
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});

  const get = (name: string): ServerProcess => running.get(name) ?? assert.fail(`${name} is down`);
  const hurt = (who: string, how: string): void => history.note({ what: "hurt", who, how });
  const well = (who: string): void => history.note({ what: "well", who });
  const ends = (name: string, how: string): ServerProcess => {
    const server = get(name);
    hurt(name, how);
    running.delete(name);
    return server;
  };
  const start = async (name: string, program = first): Promise<void> => {
    const server = await serverProcess(optionsOf(name, program));
    running.set(name, server);
    void server.ended.then((ending) => {
      logs.push(`${name} (${server.pid}) ended: ${ending}\n${server.log}`);
      if (running.get(name) === server) reject(new Error(`${name} ended by itself (${ending}): ${server.log}`));
    });
    well(name);
  };
  for (const name of names) await start(name);

  const owned = made.move();
  return {
    names,
    get url() {
      return url();
    },
    way: (name) => ways.get(name) ?? assert.fail(`${name} has no way of its own`),
    hurt,
    well,
    get up() {
      return [...running.values()];
    },
    get,
    failed,
    start,
    refused: async (name, program = first) => {
      const { ending, log } = await refusedServer(optionsOf(name, program));
      assert.equal(ending, 1, log);
      return log;
    },
    kill: (name) => ends(name, "kill -9").kill(),
    stop: async (name) => {
      const server = ends(name, "stop");
      assert.equal(await server.stop(), 0, `${name} stops in order: ${server.log}`);
    },
    freeze: (name) => {
      hurt(name, "freeze");
      process.kill(get(name).pid, "SIGSTOP");
    },
    thaw: (name) => {
      process.kill(get(name).pid, "SIGCONT");
      well(name);
    },
    killDatabase: async () => {
      hurt(database, "kill -9");
      await postgres.kill();
    },
    startDatabase: async () => {
      await postgres.start();
      well(database);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
