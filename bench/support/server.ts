import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { parseConfig, type Signalbox, start, type Uuid } from "../../src/index.ts";

export const benchToken = "bench-admin-token-0001";
export const accessKey = { accessKeyId: "bench", secretAccessKey: "bench-secret" };

/** Of a server on free ports that takes as many events as come, and sends to this machine. */
export function benchSettings(folder: string): Readonly<Record<string, string>> {
  return {
    SIGNALBOX_DATA: folder,
    SIGNALBOX_PORT: "0",
    SIGNALBOX_S3_PORT: "0",
    SIGNALBOX_ADMIN_TOKEN: benchToken,
    SIGNALBOX_S3_ACCESS_KEY_ID: accessKey.accessKeyId,
    SIGNALBOX_S3_SECRET_ACCESS_KEY: accessKey.secretAccessKey,
    SIGNALBOX_QUOTA_EVENTS_PER_SECOND: "1000000",
    SIGNALBOX_EGRESS_ALLOW: "127.0.0.0/8",
    SIGNALBOX_LOG_LEVEL: "error",
  };
}

/** A real server in this process, on free ports and a folder that goes with it. */
export interface BenchServer extends AsyncDisposable {
  readonly signalbox: Signalbox;
  readonly folder: string;
  /** Calls the API as the operator; throws on anything but 2xx. */
  readonly api: <T>(method: string, path: string, body?: unknown) => Promise<T>;
  /** Makes a bucket. */
  readonly bucket: (name: string) => Promise<{ readonly uuid: Uuid; readonly name: string }>;
}

export async function benchServer(env: Readonly<Record<string, string>> = {}): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-bench-"));
  const config = parseConfig({ ...benchSettings(folder), ...env }, []);
  const signalbox = await start(config);
  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const headers = { authorization: `Bearer ${benchToken}`, "content-type": "application/json" };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`${signalbox.url}${path}`, init);
    const answer = (await response.json()) as { readonly message: string; readonly data: T };
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.message}`);
    return answer.data;
  };
  return {
    signalbox,
    folder,
    api,
    bucket: async (name) => {
      const endpoint = signalbox.s3Url;
      const s3 = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials: accessKey });
      await s3.send(new CreateBucketCommand({ Bucket: name }));
      s3.destroy();
      const { buckets } = await api<{ buckets: { uuid: Uuid; name: string }[] }>("GET", "/api/cloud/buckets/");
      const bucket = buckets.find((found) => found.name === name);
      if (bucket === undefined) throw new Error(`the bucket ${name} was not made`);
      return bucket;
    },
    [Symbol.asyncDispose]: async () => {
      await signalbox.stop(AbortSignal.timeout(1_000));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
