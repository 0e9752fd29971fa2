/**
 * A watchdog over the loop: over each test file, and loaded with `--import` into the servers that the tests start. From the moment
 * in which a process listens for the first time, others wait for it; a test whose processes then compute for longer than
 * {@link stallMs} at once fails. CPU time of the main thread is what counts, so that a busy machine fails nothing. What is
 * not long ({@link singleMs}) is passed over in a process that has just started, or with a file that has just begun, and elsewhere
 * {@link mostSingle} times: code that runs for the first time is compiled then, the heap is collected now and then, and both take twice
 * as long where processes share a core. What a caller brings about comes again, or is long.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Server } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { allowedStalls } from "./stalls-allowed.ts";
import { isStarting, tickMs } from "./unwatched.ts";

export const stallMs = 50;
/** A process that runs many files of tests collects now and then, at one go, what all of them have left: up to 0.2 s was seen. */
const singleMs = 400;
const mostSingle = 3;
/** A process, and a file of tests, is young for so long: what it does, it does for the first time. */
const youngMs = 5_000;

const root = new URL("../..", import.meta.url).pathname;
/** Where the processes of a test write what they saw. */
const variable = "SIGNALBOX_TEST_STALLS";

/** What is told of: a file of tests that runs in this process, or the process. */
interface Subject {
  readonly name: string;
  readonly begunMs: number;
  /** Whether others wait for it. */
  listens: boolean;
}

let subject: Subject | undefined;
let folder: string | undefined;

/**
 * Begins to watch a test file that runs in this process, and the processes that it starts; the file before is watched no more. What is
 * returned gives what was too long, when the file has ended.
 *
 * @param file from the root of the repository.
 */
export function watchFile(file: string): () => string | undefined {
  const path = pathOfTests();
  rmSync(path, { force: true });
  watch({ name: file, begunMs: performance.now(), listens: false }, path);
  return () => {
    const seen = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
    const limitMs = allowedStalls.find((entry) => entry.file === file)?.ms ?? stallMs;
    const msOf = (line: string): number => Number.parseInt(line, 10);
    const ageOf = (line: string): number => Number(/, (\d+) ms old/.exec(line)?.[1]);
    const told = seen.filter((line) => msOf(line) > limitMs);
    const grown = told.filter((line) => ageOf(line) > youngMs);
    if (grown.length <= mostSingle && told.every((line) => msOf(line) <= Math.max(singleMs, limitMs))) return undefined;
    return `the main thread computed for more than ${limitMs} ms at once:\n${told.join("\n")}`;
  };
}

/** One for all files that run in this process: those that it starts have its path in their environment. */
function pathOfTests(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), "signalbox-stalls-"));
    process.on("exit", () => rmSync(made, { recursive: true, force: true }));
    process.env[variable] = join(made, "stalls");
    folder = made;
  }
  return join(folder, "stalls");
}

function watch(next: Subject, path: string): void {
  const isFirst = subject === undefined;
  subject = next;
  if (!isFirst) return;
  type Listen = (this: Server, ...args: unknown[]) => Server;
  const listen = Reflect.get(Server.prototype, "listen") as Listen;
  let last = process.threadCpuUsage();
  const look = (): void => {
    const now = process.threadCpuUsage();
    const ms = (now.user + now.system - last.user - last.system) / 1_000;
    last = now;
    if (ms <= stallMs || subject?.listens !== true || isStarting()) return;
    const ageMs = Math.round(performance.now() - subject.begunMs);
    appendFileSync(path, `${Math.round(ms)} ms in ${subject.name} (process ${process.pid}, ${ageMs} ms old)\n`);
  };
  let looking: NodeJS.Timeout | undefined;
  const listening: Listen = function (...args) {
    if (subject?.listens === false) {
      subject.listens = true;
      last = process.threadCpuUsage();
      looking ??= setInterval(look, tickMs).unref();
    }
    return Reflect.apply(listen, this, args);
  };
  Reflect.set(Server.prototype, "listen", listening);
}

const program = process.argv[1] ?? "";
const inherited = process.env[variable];
if (program.endsWith(".test.ts")) {
  const verdict = watchFile(relative(root, program));
  process.prependListener("exit", () => {
    const told = verdict();
    if (told === undefined) return;
    process.stderr.write(`${told}\n`);
    process.exitCode = 1;
  });
} else if (inherited !== undefined) {
  const name = process.argv.slice(1).map((part) => relative(root, part) || part);
  watch({ name: name.join(" "), begunMs: 0, listens: false }, inherited);
}
