/** What the tests with real S3 clients share: a server, a receiver, the client's home, and what must be true afterwards. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3ServiceException } from "@aws-sdk/client-s3";
import { verify } from "../../src/domain/signature.ts";
import { additiveFields } from "../../src/targets/formats/object.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { type PayloadEvent, type Received, webhookReceiver } from "../support/webhooks.ts";

export const installLine = "apt-get install -y awscli s3cmd rclone python3-boto3";

export interface StoredBytes {
  readonly bytes: Buffer;
  /** Without quotes. */
  readonly eTag: string;
}

export interface Workshop extends AsyncDisposable {
  readonly server: RunningServer;
  /** An empty folder for the client's files and settings. */
  readonly home: string;
  /** A new bucket with a rule that sends every change to the receiver. */
  bucket(name: string): Promise<string>;
  /** A rule on a bucket that somebody else made. */
  watch(bucket: string): Promise<void>;
  /** A file of random bytes in the home. */
  file(name: string, bytes: number): Promise<{ readonly path: string; readonly bytes: Buffer }>;
  put(bucket: string, key: string, body: string): Promise<void>;
  /** `undefined` when there is no such object. */
  stored(bucket: string, key: string): Promise<StoredBytes | undefined>;
  /**
   * Waits until every change that the server accepted in this bucket has reached the receiver, checks each delivery (signed,
   * none twice, none beside what was accepted), and answers `name key reason` of each, in order of sequence.
   */
  changes(bucket: string): Promise<readonly string[]>;
  /** The events behind {@link changes}. */
  heard(bucket: string): Promise<readonly PayloadEvent[]>;
  /**
   * Runs a client, with a bare environment and the home as its folder; what it wrote to standard output. Throws with all
   * that it said when it fails.
   */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<Buffer>;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Buffer;
}

export async function workshop(): Promise<Workshop> {
  await using opened = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), "signalbox-client-"));
  opened.defer(() => rm(home, { recursive: true, force: true }));
  const ears = opened.use(await webhookReceiver());
  const server = opened.use(await runServer());
  const secrets = new Map<string, string>();

  const watch = async (bucket: string): Promise<void> => {
    const path = `/api/cloud/buckets/${bucket}/notifications/`;
    const rule = { url: `${ears.url}/${bucket}`, fields: [...additiveFields] };
    const made = await server.api<{ signing_secret: string }>("POST", path, rule);
    secrets.set(`/${bucket}`, made.signing_secret);
  };

  const heard = async (bucket: string): Promise<readonly PayloadEvent[]> => {
    const usage = `/api/cloud/usage/?bucket=${bucket}`;
    const { usage: rows } = await server.api<{ usage: readonly { accepted: number }[] }>("GET", usage);
    const accepted = rows.reduce((sum, row) => sum + row.accepted, 0);
    const path = `/${bucket}`;
    const all = (): Received[] => ears.received.filter((one) => one.path === path);
    await until(`${accepted} webhooks of bucket ${bucket}`, () => all().length >= accepted);
    const ids = new Set(all().map(({ headers }) => headers["webhook-id"]));
    assert.equal(ids.size, accepted, "every accepted change is told once");
    for (const { headers, body } of all()) {
      const signed = headers as Parameters<typeof verify>[1];
      assert.deepEqual(verify([secrets.get(path) ?? ""], signed, body, { nowMs: Date.now() }), { kind: "ok" });
    }
    const events = all().flatMap((one) => one.events);
    return events.toSorted((a, b) => ((a.sequence ?? "") < (b.sequence ?? "") ? -1 : 1));
  };

  const owned = opened.move();
  return {
    server,
    home,
    bucket: async (name) => {
      await server.s3.send(new CreateBucketCommand({ Bucket: name }));
      await watch(name);
      return name;
    },
    watch,
    file: async (name, size) => {
      const bytes = randomBytes(size);
      const path = join(home, name);
      await mkdir(join(path, ".."), { recursive: true });
      await writeFile(path, bytes);
      return { path, bytes };
    },
    put: async (Bucket, Key, Body) => {
      await server.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    },
    stored: (bucket, key) => stored(server, bucket, key),
    changes: async (bucket) =>
      (await heard(bucket)).map(({ eventName, object, reason }) => `${eventName} ${object.key} ${reason}`),
    heard,
    run: (command, args, options) => run(home, command, args, options),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function stored({ s3 }: RunningServer, Bucket: string, Key: string): Promise<StoredBytes | undefined> {
  try {
    const { Body, ETag = "" } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return { bytes: Buffer.from((await Body?.transformToByteArray()) ?? []), eTag: ETag.replaceAll('"', "") };
  } catch (error) {
    if (error instanceof S3ServiceException && error.name === "NoSuchKey") return undefined;
    throw error;
  }
}

/**
 * Where a client is installed. Debian's own comes before others of the same name, which may be shims of something else.
 * Throws with the line that installs it.
 */
export function installed(command: string): string {
  const folders = ["/usr/bin", ...(process.env["PATH"] ?? "").split(":")];
  const found = folders.map((folder) => join(folder, command)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${command} is not installed; on Debian: ${installLine}`);
  return found;
}

/** Where a Python that can import `module` is. Throws with the line that installs it. */
export async function pythonWith(module: string): Promise<string> {
  const python = installed("python3");
  await promisify(execFile)(python, ["-c", `import ${module}`]).catch(() => {
    throw new Error(`${python} has no ${module}; on Debian: ${installLine}`);
  });
  return python;
}

async function run(
  home: string,
  command: string,
  args: readonly string[],
  { env = {}, input }: RunOptions = {},
): Promise<Buffer> {
  const child = spawn(command, args, {
    cwd: home,
    env: { PATH: "/usr/bin:/bin", HOME: home, LANG: "C.UTF-8", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const said: Buffer[] = [];
  const complained: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => complained.push(chunk));
  // A client may end without reading what it does not want.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) {
    const words = Buffer.concat([...complained, ...said]).toString();
    throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${words.slice(0, 4000)}`);
  }
  return Buffer.concat(said);
}

export function md5(bytes: Buffer): string {
  return createHash("md5").update(bytes).digest("hex");
}

/** The ETag that S3 gives to an upload in parts of this size: the MD5 of the parts' MD5s, and how many they were. */
export function multipartETag(bytes: Buffer, partBytes: number): string {
  const sums: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += partBytes) {
    sums.push(
      createHash("md5")
        .update(bytes.subarray(at, at + partBytes))
        .digest(),
    );
  }
  return `${md5(Buffer.concat(sums))}-${sums.length}`;
}
