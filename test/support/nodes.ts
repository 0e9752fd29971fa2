/** Several servers on one database in PostgreSQL, each with a data folder of its own, whose bytes lie in a bucket of another server's. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blobsEnv, bytesBucket } from "./bytes-bucket.ts";
import { secretKey } from "./postgres-server.ts";
import { type Ending, refusedServer, type ServerProcess, serverProcess } from "./server-process.ts";
import { until } from "./until.ts";

type Env = Readonly<Record<string, string>>;

export interface Nodes extends AsyncDisposable {
  /** Of each of them, but for its folder. */
  readonly env: Env;
  /** The S3 that the bytes lie in. */
  readonly bucket: ServerProcess;
  /** Starts one in the folder of that name, and waits until it takes work. */
  node(name: string, over?: Env): Promise<ServerProcess>;
  /** Starts one that is expected to refuse. */
  refused(name: string, over?: Env): Promise<{ readonly ending: Ending; readonly log: string }>;
  /** The data folder of that name. */
  folder(name: string): string;
}

/** @param url of the database */
export async function nodesOn(url: string): Promise<Nodes> {
  await using opened = new AsyncDisposableStack();
  const root = await mkdtemp(join(tmpdir(), "signalbox-nodes-"));
  opened.defer(() => rm(root, { recursive: true, force: true }));
  const folder = (name: string): string => join(root, name);
  const bucket = opened.use(await bytesBucket(root));
  const env: Env = {
    SIGNALBOX_STORE: url,
    SIGNALBOX_STORE_ASYNC: "accept-loss",
    SIGNALBOX_SECRET_KEY: secretKey,
    SIGNALBOX_PUBLIC_URL: "https://events.example",
    ...blobsEnv("p", bucket.s3Url),
  };
  const owned = opened.move();
  return {
    env,
    bucket,
    folder,
    node: async (name, over = {}) => {
      const server = await serverProcess({ folder: folder(name), env: { ...env, ...over } });
      await until("it takes work", async () => (await fetch(`${server.url}/readyz`)).ok);
      return server;
    },
    refused: (name, over = {}) => refusedServer({ folder: folder(name), env: { ...env, ...over } }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
