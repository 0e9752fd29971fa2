/**
 * A watchdog over the loop: over each test file, and loaded with `--import` into the servers that the tests start. From the moment
 * in which a process listens for the first time, others wait for it; a test whose processes then compute for longer than
 * {@link stallMs} at once fails. CPU time of the main thread is what counts, and on a slow core the limits are longer (cpu-limits.ts), so that
 * neither a busy machine nor a slow one fails anything. What is
 * not long ({@link singleMs}) is passed over in a process that has just started, or with a file that has just begun, and elsewhere
 * {@link mostSingle} times: code that runs for the first time is compiled then, the heap is collected now and then, and both take twice
 * as long where processes share a core. What a caller brings about comes again, or is long.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Server } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { slowness } from "./cpu-limits.ts";
import { allowedStalls } from "./stalls-allowed.ts";
import { isStarting, tickMs } from "./unwatched.ts";

export const stallMs = 50;
const singleMs = 150;
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
    if (!existsSync(path)) return undefined;
    const seen = readFileSync(path, "utf8").trim().split("\n");
    const slower = slowness();
    const limitMs = (allowedStalls.find((entry) => entry.file === file)?.ms ?? stallMs) * slower;
    const msOf = (line: string): number => Number.parseInt(line, 10);
    const ageOf = (line: string): number => Number(/, (\d+) ms old/.exec(line)?.[1]);
    const told = seen.filter((line) => msOf(line) > limitMs);
    const grown = told.filter((line) => ageOf(line) > youngMs);
    if (grown.length <= mostSingle && told.every((line) => msOf(line) <= Math.max(singleMs * slower, limitMs)))
      return undefined;
    return `the main thread computed for more than ${Math.round(limitMs)} ms at once:\n${told.join("\n")}`;
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

type Collection = PerformanceEntry & { readonly detail: { readonly kind: number } };

/**
 * Large collections of this process, which runs many files: its heap holds what all of them have left, so that how long one takes says nothing
 * of the file in which it falls. Other processes pay for theirs.
 */
class Collections {
  readonly #seen: { readonly fromMs: number; readonly ms: number }[] = [];

  constructor() {
    const observer = new PerformanceObserver((list) => {
      for (const { startTime, duration, detail } of list.getEntries() as Collection[]) {
        if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) this.#seen.push({ fromMs: startTime, ms: duration });
      }
    });
    observer.observe({ entryTypes: ["gc"] });
  }

  /** Milliseconds. Node tells of a collection some turns of the loop later. */
  async between(fromMs: number, toMs: number): Promise<number> {
    for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate);
    const within = this.#seen.filter((one) => one.fromMs >= fromMs && one.fromMs <= toMs);
    return within.reduce((sum, { ms }) => sum + ms, 0);
  }
}

let collections: Collections | undefined;

/** To be called once by a process that runs many files. */
export function shareHeap(): void {
  collections = new Collections();
}

function watch(next: Subject, path: string): void {
  const isFirst = subject === undefined;
  subject = next;
  if (!isFirst) return;
  type Listen = (this: Server, ...args: unknown[]) => Server;
  const listen = Reflect.get(Server.prototype, "listen") as Listen;
  let last = process.threadCpuUsage();
  let lastMs = performance.now();
  const tell = (ms: number, { name, begunMs }: Subject, nowMs: number): void => {
    if (ms <= stallMs) return;
    const ageMs = Math.round(nowMs - begunMs);
    appendFileSync(path, `${Math.round(ms)} ms in ${name} (process ${process.pid}, ${ageMs} ms old)\n`);
  };
  const look = (): void => {
    const now = process.threadCpuUsage();
    const [fromMs, nowMs, seen] = [lastMs, performance.now(), subject];
    const ms = (now.user + now.system - last.user - last.system) / 1_000;
    [last, lastMs] = [now, nowMs];
    if (ms <= stallMs || seen?.listens !== true || isStarting()) return;
    if (collections === undefined) return tell(ms, seen, nowMs);
    void collections.between(fromMs, nowMs).then((collectedMs) => tell(ms - collectedMs, seen, nowMs));
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
