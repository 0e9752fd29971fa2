import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { benchSettings } from "./server.ts";

/** Processes of Signalbox, and what they take from when they are spawned until they answer, and after that. Linux tells it. */

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where a program is, and what its processes find in their environment. */
export interface Program {
  readonly bin: string;
  readonly env: Readonly<Record<string, string>>;
}

export const fromSource = join(root, "src/cli/bin.js");

/** Packs the package, and installs it into a folder that goes with it: its dependencies are those of the checkout, so no network is needed. */
export function installed(): Disposable & { readonly bin: string } {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-start-"));
  const options = { cwd: root, encoding: "utf8" } as const;
  execFileSync(process.execPath, ["scripts/build.ts"], options);
  execFileSync("npm", ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder], options);
  const packed = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
  const place = join(folder, "node_modules", "signalbox");
  mkdirSync(place, { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, packed), "-C", place, "--strip-components", "1"]);
  symlinkSync(join(root, "node_modules"), join(place, "node_modules"));
  return {
    bin: join(place, "dist/cli/bin.js"),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface Start {
  /** From the spawn to the first 200 of `/healthz`. */
  readonly readyMs: number;
  /** Of all threads until then. */
  readonly readyCpuMs: number;
  readonly idleMb: number;
  /** Of all threads, for each minute in which nothing is asked. */
  readonly idleCpuMs: number;
}

/** What is over when a server has settled: what it does some seconds after its start is none of its idling. */
const settledMs = 5_000;
const askEveryMs = 2;

/** Starts a server on `data`, lets it idle for `idleMs`, and stops it. */
export async function startOf({ bin, env }: Program, data: string, idleMs: number): Promise<Start> {
  await using server = await serving({ bin, env }, data);
  const { pid, readyMs, readyCpuMs } = server;
  await sleep(settledMs);
  const before = cpuMs(pid);
  await sleep(idleMs);
  return { readyMs, readyCpuMs, idleMb: residentMb(pid), idleCpuMs: ((cpuMs(pid) - before) * 60_000) / idleMs };
}

/** A server that has answered once. */
export async function serving({ bin, env }: Program, data: string) {
  const [port, s3Port] = [await freePort(), await freePort()];
  const begunMs = performance.now();
  const child = spawn(process.execPath, [bin, "serve"], {
    env: {
      PATH: process.env["PATH"],
      ...env,
      ...benchSettings(data),
      SIGNALBOX_PORT: String(port),
      SIGNALBOX_S3_PORT: String(s3Port),
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exit = once(child, "exit");
  while ((await healthAt(port)) !== 200) {
    const ended = child.exitCode ?? child.signalCode;
    if (ended !== null) throw new Error(`signalbox ended (${ended}) before it was ready`);
    await sleep(askEveryMs);
  }
  const readyMs = performance.now() - begunMs;
  const pid = child.pid ?? 0;
  return {
    pid,
    url: `http://127.0.0.1:${port}`,
    readyMs,
    readyCpuMs: cpuMs(pid),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await exit;
    },
  };
}

/** From the spawn of a command to its end. */
export async function commandMs({ bin, env }: Program, argv: readonly string[]): Promise<number> {
  const begunMs = performance.now();
  const child = spawn(process.execPath, [bin, ...argv], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`signalbox ${argv.join(" ")} ended with ${code}`);
  return performance.now() - begunMs;
}

/** The status of `/healthz`; 0 while there is no answer. */
function healthAt(port: number): Promise<number> {
  return new Promise((resolve) => {
    const asked = get({ host: "127.0.0.1", port, path: "/healthz", agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on("error", () => resolve(0));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

/** By the scheduler's own count, in nanoseconds; that of the process is in hundredths of a second. */
function cpuMs(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const ns = tasks.map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]));
  return ns.reduce((sum, one) => sum + one, 0) / 1e6;
}

function residentMb(pid: number): number {
  const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1_024;
}
