import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { folderCommand, runFolderCommand } from "./check/command.ts";
import { openInBrowser } from "./cli/browser.ts";
import { meterOn } from "./cli/meter.ts";
import { StopRequests, stopSignals } from "./cli/stop-signals.ts";
import { plainText } from "./domain/plain-text.ts";
import { asError } from "./errors.ts";
import type { ProcessLog } from "./log.ts";

/**
 * The process: environment and arguments → settings → start → signals → exit code. Nothing else touches `process`. What a command does not
 * need is not loaded: the server is 1,800 files, and a container asks for its health every few seconds.
 *
 * The first SIGTERM, SIGINT or SIGHUP stops gracefully (exit code 0), a later SIGTERM or SIGINT at once.
 */

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const complain = (text: string): void => void process.stderr.write(`${text}\n`);

/** How much longer than the grace a stop may take before it is cut off. */
const slackMs = 5_000;

/**
 * The bytes of a body are garbage once they have passed through, and V8 lets 64 MiB of such garbage come together before it
 * looks. With a small space for what is new it looks earlier: 1 GiB up or down then raises the process by some 35 MiB instead of 67.
 * An engine that does not know the flag says so and passes over it.
 */
const smallNewSpace = "--scavenger-max-new-space-capacity-mb=8";

/**
 * Likewise what has become old: V8 would let the heap grow to several times of what lives before it looks. While 100,000 waiting events
 * were taken, the process had 466 MiB without this and less than 300 with it and {@link collectGarbage}; deliveries were no slower.
 */
const slowGrowth = "--heap-growing-percent=50";

/**
 * What starting left behind is collected once, before anything is served: V8 measures by the size of the heap at its last collection when
 * the next one is due.
 */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined");
  if (typeof collect === "function") collect({ type: "major", execution: "sync", flavor: "last-resort" });
}

/**
 * Ends the process. While a reader of its log does not read, the system would wait for it as well, for ever and deaf to signals: then
 * this ends as if it were killed, when all else has ended.
 */
async function exit(code: number, log: ProcessLog | undefined): Promise<never> {
  if ((await log?.close()) === false) process.kill(process.pid, "SIGKILL");
  return process.exit(code);
}

async function serve(argv: readonly string[]): Promise<number> {
  if (argv.includes("--help")) {
    print((await import("./cli/run.ts")).serveHelp());
    return 0;
  }
  setFlagsFromString(smallNewSpace);
  setFlagsFromString(slowGrowth);
  // What this process and those that it starts leave on disk is for their own user, also where nothing else says so.
  process.umask(0o077);
  const asked = Promise.withResolvers<void>();
  const requests = new StopRequests(() => performance.now());
  let log: ProcessLog | undefined;
  for (const signal of stopSignals) {
    process.on(signal, () => (requests.received(signal) === "at once" ? void exit(1, log) : asked.resolve()));
  }
  try {
    const { parseConfig } = await import("./config/config.ts");
    const config = parseConfig(process.env, argv);
    const { launch } = await import("./start.ts");
    const { jsonLog } = await import("./log.ts");
    log = jsonLog(config.logLevel);
    const running = await launch(config, undefined, log);
    collectGarbage();
    if (running.madeToken !== undefined) {
      print(`signalbox admin token ${running.madeToken} (keep it: it is not shown again)`);
    }
    if (running.loginLink !== undefined) {
      print(`signalbox login ${running.loginLink} (once, within ten minutes)`);
    }
    const dashboard = config.dashboard === "on" ? ` dashboard=${running.url}/dashboard/` : "";
    print(`signalbox ready api=${running.url} s3=${running.s3Url}${dashboard}`);
    await asked.promise;
    setTimeout(() => void exit(1, log), config.shutdownGraceMs + slackMs).unref();
    await running[Symbol.asyncDispose]();
    return await exit(0, log);
  } catch (thrown) {
    complain(`signalbox: ${plainText(asError(thrown).message.replaceAll("\n", " "))}`);
    return 1;
  }
}

/** Aborts when a command that goes on until it is stopped is to stop; asked again, the process ends at once. */
function untilStopped(): AbortSignal {
  const stop = new AbortController();
  const requests = new StopRequests(() => performance.now());
  for (const signal of stopSignals) {
    process.on(signal, () => (requests.received(signal) === "at once" ? process.exit(1) : stop.abort()));
  }
  return stop.signal;
}

async function run(): Promise<number> {
  const [command, ...argv] = process.argv.slice(2);
  if (command === "serve") return serve(argv);
  if (command === "health") return (await import("./cli/health.ts")).runHealth(argv, terminal);
  if (command === "dev") {
    const { runDev } = await import("./cli/dev/dev.ts");
    return runDev(argv, { ...terminal, isTerminal: process.stdout.isTTY, stop: untilStopped() });
  }
  if (command === "demo") return (await import("./cli/demo.ts")).runDemo(argv, terminal);
  const onFolder = folderCommand(process.argv.slice(2));
  if (onFolder !== undefined) return runFolderCommand(onFolder, process.argv.slice(2), terminal);
  return (await import("./cli/run.ts")).runCommand(process.argv.slice(2), terminal);
}

// The reader of our output may be gone before we are; that is no reason to fail.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});
const terminal = {
  env: process.env,
  out: print,
  err: complain,
  fetch: globalThis.fetch,
  meter: meterOn(process.stderr, () => performance.now()),
  ...(process.stdout.isTTY ? { browse: openInBrowser } : {}),
};
const exitCode = await run();
// Whatever an embedded library left open must not hold a stopped process.
process.exit(exitCode);
