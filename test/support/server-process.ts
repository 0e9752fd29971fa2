/** The real server as a process of its own, to be killed and started again. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { S3Client } from "@aws-sdk/client-s3";
import { processEnv } from "./process-env.ts";

export const adminToken = "operator-token-of-the-tests";
export const credentials = { accessKeyId: "AKTESTS", secretAccessKey: "secret-of-the-tests" };

export const bin = new URL("../../src/cli/bin.js", import.meta.url).pathname;
/** What Node runs for `signalbox serve`, and its arguments. */
export const serveProgram: readonly string[] = [bin, "serve"];

/** How a process ended: its exit code, or the signal that ended it. */
export type Ending = number | NodeJS.Signals;

export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  /** Of the API. */
  readonly url: string;
  readonly s3Url: string;
  /** Of the host interface; empty where there is none. */
  readonly hostUrl: string;
  /** A client of the S3 endpoint that tries once; gone with this. */
  readonly s3: S3Client;
  /** What it has written to standard error so far. */
  readonly log: string;
  /** Resolves when the process has ended, however it did. */
  readonly ended: Promise<Ending>;
  /** `data` of the answer; throws with the whole answer when it is none of success. */
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** As a power cut does it, but for the disk's own cache. */
  kill(): Promise<void>;
  /** Asks it to stop, and gives its exit code. */
  stop(): Promise<Ending>;
  /** It does not keep this process from its end. */
  leave(): void;
}

export interface ServerOptions {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What Node runs, and its arguments: `signalbox serve` by default. */
  readonly program?: readonly string[];
  /** What runs Node, and its arguments, as `ip netns exec` does. */
  readonly under?: readonly string[];
}

function spawnServer({ folder, env, program = serveProgram, under = [] }: ServerOptions): {
  readonly child: ChildProcess;
  readonly log: { text: string };
} {
  const [command = process.execPath, ...rest] = [...under, process.execPath, ...program];
  const child = spawn(command, rest, {
    env: {
      ...processEnv,
      SIGNALBOX_DATA: folder,
      SIGNALBOX_PORT: "0",
      SIGNALBOX_S3_PORT: "0",
      SIGNALBOX_ADMIN_TOKEN: adminToken,
      SIGNALBOX_S3_ACCESS_KEY_ID: credentials.accessKeyId,
      SIGNALBOX_S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      SIGNALBOX_EGRESS_ALLOW: "127.0.0.1",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = { text: "" };
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    log.text += text;
  });
  return { child, log };
}

function endOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once("close", (code: number | null, signal: NodeJS.Signals | null) => resolve(code ?? signal ?? 1));
  });
}

/** Starts a server on free ports and waits until it is ready. Rejects with what it said when it ends before. */
export async function serverProcess(options: ServerOptions): Promise<ServerProcess> {
  const { child, log } = spawnServer(options);
  const ended = endOf(child);
  const [, url = "", s3Url = "", hostUrl = ""] = await new Promise<RegExpExecArray>((resolve, reject) => {
    let said = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const ready = /ready api=(\S+) s3=(\S+)(?: dashboard=\S+)?(?: host=(\S+))?\n/.exec(said);
      if (ready !== null) resolve(ready);
    });
    void ended.then((ending) => reject(new Error(`the server ended (${ending}) before it was ready: ${log.text}`)));
  });
  const s3 = new S3Client({ endpoint: s3Url, region: "us-east-1", forcePathStyle: true, credentials, maxAttempts: 1 });
  const end = async (signal: NodeJS.Signals): Promise<Ending> => {
    child.kill(signal);
    const ending = await ended;
    s3.destroy();
    return ending;
  };
  return {
    pid: child.pid ?? 0,
    url,
    s3Url,
    hostUrl,
    s3,
    get log() {
      return log.text;
    },
    ended,
    api: async <T>(method: string, path: string, body?: unknown): Promise<T> => {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${adminToken}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return (JSON.parse(text) as { readonly data: T }).data;
    },
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
    leave: () => {
      child.unref();
      for (const stream of [child.stdout, child.stderr]) (stream as Socket).unref();
    },
    [Symbol.asyncDispose]: async () => void (await end("SIGKILL")),
  };
}

/** Starts a server that is expected to refuse, and gives its exit code and what it said. */
export async function refusedServer(
  options: ServerOptions,
): Promise<{ readonly ending: Ending; readonly log: string }> {
  const { child, log } = spawnServer(options);
  let ready = false;
  child.stdout?.on("data", () => {
    ready = true;
    child.kill("SIGKILL");
  });
  const ending = await endOf(child);
  return { ending, log: ready ? `it started: ${log.text}` : log.text };
}

/** Starts a server and kills it after a while, ready or not. */
export async function killedWhileStarting(options: ServerOptions, afterMs: number): Promise<void> {
  const { child } = spawnServer(options);
  const ended = endOf(child);
  const timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
  await ended;
  clearTimeout(timer);
}
