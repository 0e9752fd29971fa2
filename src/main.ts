import { collectGarbage, setHeapFlags } from "./cli/heap.ts";
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

/** So long after it is ready nothing is left to be done of what begins with the start. */
const settledMs = 3_000;

/**
 * Ends the process. While a reader of its log does not read, the system would wait for it as well, for ever and deaf to signals: then
 * this ends as if it were killed, when all else has ended.
 */
async function exit(code: number, log: ProcessLog | undefined): Promise<never> {
  if ((await log?.close()) === false) process.kill(process.pid, "SIGKILL");
  return process.exit(code);
}

async function serve(argv: readonly string[], keep: () => void): Promise<number> {
  if (argv.includes("--help")) {
    print((await import("./cli/run.ts")).serveHelp());
    return 0;
  }
  setHeapFlags();
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
    if (running.madeToken !== undefined) {
      print(`signalbox admin token ${running.madeToken} (keep it: it is not shown again)`);
    }
    if (running.loginLink !== undefined) {
      print(`signalbox login ${running.loginLink} (once, within ten minutes)`);
    }
    const dashboard = config.dashboard === "on" ? ` dashboard=${running.url}/dashboard/` : "";
    const hosts = running.hostUrl === undefined ? "" : ` host=${running.hostUrl}`;
    print(`signalbox ready api=${running.url} s3=${running.s3Url}${dashboard}${hosts}`);
    setTimeout(() => {
      // Before code goes as well that has run once.
      keep();
      collectGarbage();
    }, settledMs).unref();
    await asked.promise;
    setTimeout(() => void exit(1, log), config.shutdownGraceMs + slackMs).unref();
    await running[Symbol.asyncDispose]();
    return await exit(0, log);
  } catch (thrown) {
    complain(`signalbox: ${plainText(asError(thrown).message.replaceAll("\n", " "))}`);
    return 1;
  }
}

function browse(url: string): void {
  void import("./cli/browser.ts").then(({ openInBrowser }) => openInBrowser(url));
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

async function command(keep: () => void): Promise<number> {
  const [command, ...argv] = process.argv.slice(2);
  if (command === "serve") return serve(argv, keep);
  if (command === "health") return (await import("./cli/health.ts")).runHealth(argv, terminal);
  if (command === "dev") {
    const { runDev } = await import("./cli/dev/dev.ts");
    return runDev(argv, { ...terminal, isTerminal: process.stdout.isTTY, stop: untilStopped() });
  }
  if (command === "demo") return (await import("./cli/demo.ts")).runDemo(argv, terminal);
  if (command === "inbox") {
    const { inboxSchemaCommand, runInboxSchemaCommand } = await import("./cli/inbox-schema.ts");
    const onSchema = inboxSchemaCommand(process.argv.slice(2));
    if (onSchema !== undefined) return runInboxSchemaCommand(onSchema, process.argv.slice(3), terminal);
  }
  const { folderCommand, runFolderCommand } = await import("./check/command.ts");
  const onFolder = folderCommand(process.argv.slice(2));
  if (onFolder !== undefined) return runFolderCommand(onFolder, process.argv.slice(2), terminal);
  return (await import("./cli/run.ts")).runCommand(process.argv.slice(2), terminal);
}

const terminal = {
  env: process.env,
  out: print,
  err: complain,
  fetch: globalThis.fetch,
  meter: meterOn(process.stderr, () => performance.now()),
  ...(process.stdout.isTTY ? { browse } : {}),
};

/**
 * Runs the command that the process was started with, and ends the process.
 *
 * @param keep called when all has run that such a command begins with: what is compiled then is worth keeping for the next one.
 */
export async function run(keep: () => void): Promise<never> {
  // The reader of our output may be gone before we are; that is no reason to fail.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  const exitCode = await command(keep);
  if (process.argv[2] !== "serve") keep();
  // Whatever an embedded library left open must not hold a stopped process.
  return process.exit(exitCode);
}
