/**
 * With `SIGNALBOX_TEST_NODES=3` the server of a test is so many nodes behind nginx: one is in the process of the test, as in that of a program that
 * Signalbox runs in, and each of the others is a process of its own. They work on a database in PostgreSQL, and their bytes lie in a
 * bucket of another server, which the process of the test file has for all its tests.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host, Signalbox } from "../../src/index.ts";
import { blobsEnv, bytesBucket } from "./bytes-bucket.ts";
import { balancer, type Upstreams } from "./nginx.ts";
import { type ServerOptions, type ServerProcess, serverProcess } from "./server-process.ts";
import { nodeCount } from "./test-store.ts";
import { until } from "./until.ts";

type Settings = Readonly<Record<string, string>>;

export interface Front extends AsyncDisposable {
  /** Of nginx. */
  readonly url: string;
  readonly s3Url: string;
  /** Of the nodes behind it, once they have joined. */
  readonly upstreams: Upstreams;
  /** What each of the nodes needs beside the settings of one server. */
  readonly settings: Settings;
  /** Starts the others with the same settings, and what the program brings that they run in, and resolves when all take work. */
  join(first: Signalbox, settings: Settings, host: Host): Promise<void>;
}

/** @param data the data folder of the node in this process */
export async function front(data: string): Promise<Front> {
  await using opened = new AsyncDisposableStack();
  const proxy = opened.use(await balancer());
  const folder = await mkdtemp(join(tmpdir(), "signalbox-nodes-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const owned = opened.move();
  let upstreams: Upstreams = { api: [], s3: [] };
  return {
    url: proxy.url,
    s3Url: proxy.s3Url,
    get upstreams() {
      return upstreams;
    },
    settings: { SIGNALBOX_PUBLIC_URL: proxy.url, ...(await bytesInBucket(data)) },
    join: async (first, settings, host) => {
      const others = await Promise.all(
        Array.from({ length: nodeCount - 1 }, async (_, index) =>
          owned.use(await serverProcess(ofOther(settings, { folder: join(folder, String(index)), host }))),
        ),
      );
      const nodes = [first, ...others];
      await until("all nodes take work", async () => {
        const answers = await Promise.all(nodes.map(({ url }) => fetch(`${url}/readyz`)));
        return answers.every(({ ok }) => ok);
      });
      upstreams = { api: nodes.map(({ url }) => url), s3: nodes.map(({ s3Url }) => s3Url) };
      await proxy.begin(upstreams);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const program = new URL("node.fixture.ts", import.meta.url).pathname;

/** A folder is one node's, and so is a socket. */
function ofOther(
  settings: Settings,
  { folder, host }: { readonly folder: string; readonly host: Host },
): ServerOptions {
  const isSocket = settings["SIGNALBOX_HOST_LISTEN"]?.startsWith("unix:") ?? false;
  const env = { ...settings, SIGNALBOX_DATA: folder, ...(isSocket ? { SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" } : {}) };
  const told = JSON.stringify(host);
  assert.deepEqual(JSON.parse(told), host, "what the program of a test brings can be told to other processes");
  return { folder, env, program: [program, told] };
}

let running: Promise<ServerProcess> | undefined;
/** By the folder of the first node. */
const places = new Map<string, string>();

/** A place in the bucket that nothing else has, and the same for the same folder, as its database is. */
async function bytesInBucket(data: string): Promise<Settings> {
  running ??= startedWithBucket();
  const { s3Url } = await running;
  const place = places.get(data) ?? String(places.size);
  places.set(data, place);
  return blobsEnv(place, s3Url);
}

async function startedWithBucket(): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-bytes-"));
  const server = await bytesBucket(folder);
  server.leave();
  // After the hooks of every test, which may still use it.
  process.once("beforeExit", () => {
    void server.kill().then(() => rm(folder, { recursive: true, force: true }));
  });
  return server;
}
