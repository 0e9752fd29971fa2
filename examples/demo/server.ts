/** The real server, as a process of its own, as `npm start` runs it. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly s3Url: string;
  /** Of its operator. */
  readonly token: string;
  readonly credentials: Credentials;
  /** A request to the API; `data` of the answer. Throws with the answer's message when it is no success. */
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** As a power cut does it. */
  kill(): Promise<void>;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ServerOptions {
  /** Of its operator. */
  readonly token?: string;
  readonly credentials?: Credentials;
  /** Settings beside those of the demo. */
  readonly env?: Readonly<Record<string, string>>;
}

const bin = process.env["SIGNALBOX_BIN"] ?? fileURLToPath(new URL("../../src/cli/bin.js", import.meta.url));

/** On free ports, with its data in a temporary folder; both are gone once it is disposed of. */
export async function startServer({
  token = randomBytes(16).toString("hex"),
  credentials = { accessKeyId: "demo", secretAccessKey: randomBytes(16).toString("hex") },
  env = {},
}: ServerOptions = {}): Promise<Server> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-demo-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const child = spawn(process.execPath, [bin, "serve"], {
    env: {
      PATH: process.env["PATH"],
      // The demo's operator knows the address that it gives its reader.
      SIGNALBOX_MAIL_CONFIRM: "trust",
      // With --keep a file is overwritten for as long as one looks, and each time is a mail.
      SIGNALBOX_MAIL_PER_HOUR: "10000",
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
      SIGNALBOX_DATA: folder,
      SIGNALBOX_PORT: "0",
      SIGNALBOX_S3_PORT: "0",
      SIGNALBOX_ADMIN_TOKEN: token,
      SIGNALBOX_S3_ACCESS_KEY_ID: credentials.accessKeyId,
      SIGNALBOX_S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      // The receiver of the demo is on this machine, which webhooks may not reach unless it is allowed.
      SIGNALBOX_EGRESS_ALLOW: "127.0.0.1",
      // What fails here is told as a story.
      SIGNALBOX_LOG_LEVEL: "error",
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  started.defer(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  const [url, s3Url] = await Promise.race([
    readyLine(child.stdout),
    ended.then(() => Promise.reject(new Error("the server ended before it was ready"))),
  ]);

  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { readonly success: boolean; readonly message: string; readonly data: T };
    if (!answer.success) throw new Error(`${method} ${path}: ${answer.message}`);
    return answer.data;
  };
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  const owned = started.move();
  return { url, s3Url, token, credentials, api, kill, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Both URLs of `signalbox ready api=… s3=…`. Never resolves when the output ends before. */
function readyLine(output: NodeJS.ReadableStream): Promise<readonly [url: string, s3Url: string]> {
  return new Promise((resolve) => {
    let said = "";
    output.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const [, url, s3Url] = /ready api=(\S+) s3=(\S+)(?: dashboard=\S+)?\n/.exec(said) ?? [];
      if (url !== undefined && s3Url !== undefined) resolve([url, s3Url]);
    });
  });
}
