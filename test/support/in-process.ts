/**
 * All of Signalbox in this process, on free ports, with its data in a temporary folder; gone with its scope. With `SIGNALBOX_TEST_NODES` in the
 * environment it is one of several nodes, and the addresses are those of nginx before them.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { type Host, parseConfig, type Signalbox, start } from "../../src/index.ts";
import { migrated } from "./migrated.ts";
import type { Upstreams } from "./nginx.ts";
import { inPostgres, nodeCount, storeSettings } from "./test-store.ts";
import { unwatched } from "./unwatched.ts";

export interface RunningServer extends AsyncDisposable {
  readonly signalbox: Signalbox;
  /** Its data. */
  readonly folder: string;
  /** Of the API. */
  readonly url: string;
  readonly s3Url: string;
  /** Its addresses for a proxy that is to stand before it: of all nodes, where it is several. */
  readonly upstreams: Upstreams;
  readonly token: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly s3: S3Client;
  /** A request to the API with the operator's token; `data` of the answer. Throws when the answer is no success. */
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
}

/** @param host what the program that Signalbox runs in brings. */
export async function runServer(env: Readonly<Record<string, string>> = {}, host: Host = {}): Promise<RunningServer> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-test-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const data = env["SIGNALBOX_DATA"] ?? (inPostgres ? folder : migrated(folder));
  const before = nodeCount > 1 ? started.use(await (await import("./on-nodes.ts")).front(data)) : undefined;
  const settings = {
    ...(await storeSettings(data)),
    ...before?.settings,
    SIGNALBOX_DATA: data,
    SIGNALBOX_PORT: "0",
    SIGNALBOX_S3_PORT: "0",
    SIGNALBOX_ADMIN_TOKEN: "operator-token-of-a-test",
    SIGNALBOX_S3_ACCESS_KEY_ID: "test-access-key",
    SIGNALBOX_S3_SECRET_ACCESS_KEY: "test-secret-access-key",
    SIGNALBOX_EGRESS_ALLOW: "127.0.0.1",
    SIGNALBOX_LOG_LEVEL: "error",
    ...env,
  };
  const token = settings.SIGNALBOX_ADMIN_TOKEN;
  const credentials = {
    accessKeyId: settings.SIGNALBOX_S3_ACCESS_KEY_ID,
    secretAccessKey: settings.SIGNALBOX_S3_SECRET_ACCESS_KEY,
  };
  const signalbox = started.use(await unwatched(() => start(parseConfig(settings, []), host)));
  await before?.join(signalbox, settings, host);
  const { url, s3Url } = before ?? signalbox;
  const s3 = new S3Client({ endpoint: s3Url, region: "us-east-1", forcePathStyle: true, credentials, maxAttempts: 1 });
  started.defer(() => s3.destroy());

  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { readonly success: boolean; readonly message: string; readonly data: T };
    if (!answer.success) throw new Error(`${method} ${path} was answered with ${response.status}: ${answer.message}`);
    return answer.data;
  };
  const owned = started.move();
  return {
    signalbox,
    folder,
    url,
    s3Url,
    upstreams: before?.upstreams ?? { api: [url], s3: [s3Url] },
    token,
    credentials,
    s3,
    api,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
