/**
 * A watchdog over the loop: loaded with `--import` into each test process, and by it into the servers that the test starts. From the moment
 * in which a process listens for the first time, others wait for it; a test whose processes then compute for longer than
 * {@link stallMs} at one go fails. CPU time of the main thread is what counts, so that a busy machine fails nothing. What is
 * not long ({@link singleMs}) is passed over in a process that has just started, and elsewhere {@link mostSingle} times: code that runs for the
 * first time is compiled then, the heap is collected now and then, and both take twice as long where processes share a core. What a caller
 * brings about comes again, or is long.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Server } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { allowedStalls } from "./stalls-allowed.ts";
import { isStarting, tickMs } from "./unwatched.ts";

export const stallMs = 50;
const singleMs = 150;
const mostSingle = 3;
/** A process is young for so long: what it does, it does for the first time. */
const youngMs = 5_000;

const root = new URL("../..", import.meta.url).pathname;
const isTest = process.argv[1]?.endsWith(".test.ts") === true;
const file = relative(root, process.argv[1] ?? "");
const allowed = allowedStalls.find((entry) => entry.file === file);
/** Where the processes of a test write what they saw. */
const variable = "SIGNALBOX_TEST_STALLS";

if (isTest) {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-stalls-"));
  process.env[variable] = join(folder, "stalls");
  process.on("exit", () => {
    const path = join(folder, "stalls");
    const seen = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
    rmSync(folder, { recursive: true, force: true });
    const limitMs = allowed?.ms ?? stallMs;
    const msOf = (line: string): number => Number.parseInt(line, 10);
    const ageOf = (line: string): number => Number(/, (\d+) ms old/.exec(line)?.[1]);
    const told = seen.filter((line) => msOf(line) > limitMs);
    const grown = told.filter((line) => ageOf(line) > youngMs);
    if (grown.length <= mostSingle && told.every((line) => msOf(line) <= Math.max(singleMs, limitMs))) return;
    process.stderr.write(`the main thread computed for more than ${limitMs} ms at one go:\n${told.join("\n")}\n`);
    process.exitCode = 1;
  });
}

const path = process.env[variable];
if (path !== undefined) watchFromListening(path);

function watchFromListening(path: string): void {
  type Listen = (this: Server, ...args: unknown[]) => Server;
  const listen = Reflect.get(Server.prototype, "listen") as Listen;
  const first: Listen = function (...args) {
    Reflect.set(Server.prototype, "listen", listen);
    watch(path);
    return Reflect.apply(listen, this, args);
  };
  Reflect.set(Server.prototype, "listen", first);
}

function watch(path: string): void {
  const name = isTest
    ? file
    : process.argv
        .slice(1)
        .map((part) => relative(root, part) || part)
        .join(" ");
  let last = process.threadCpuUsage();
  setInterval(() => {
    const now = process.threadCpuUsage();
    const ms = (now.user + now.system - last.user - last.system) / 1_000;
    last = now;
    if (ms > stallMs && !isStarting())
      appendFileSync(
        path,
        `${Math.round(ms)} ms in ${name} (process ${process.pid}, ${Math.round(performance.now())} ms old)\n`,
      );
  }, tickMs).unref();
}
