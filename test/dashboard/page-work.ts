/** What the main thread of a page works, in CPU time: unlike the time that passes, that is the same while others are at work on the machine. */
import type { Page } from "playwright-core";

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  /** CPU time of the thread, in microseconds; that which passed is `dur`. */
  readonly tdur?: number;
}

export interface PageWork {
  /** Milliseconds of each task, what the browser does for the page included. */
  readonly tasks: readonly number[];
  /** Milliseconds of each frame, from one callback of `requestAnimationFrame` to the next. */
  readonly frames: readonly number[];
}

interface Collected {
  readonly value: readonly TraceEvent[];
}

/** Of the page, while `run` goes on. */
export async function workDuring(page: Page, run: () => Promise<unknown>): Promise<PageWork> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as Collected["value"])));
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["devtools.timeline", "disabled-by-default-devtools.timeline"] },
  });
  await run();
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  return workOf(events);
}

/** Of the threads that lay out: pages run in them. */
function workOf(events: readonly TraceEvent[]): PageWork {
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const renderers = new Set(events.filter(({ name }) => name === "Layout").map(threadOf));
  const mine = events.filter((event) => renderers.has(threadOf(event)));
  const tasks = mine.filter(({ name, ph }) => name === "RunTask" && ph === "X").toSorted((a, b) => a.ts - b.ts);
  const ticks = mine.filter(({ name }) => name === "FireAnimationFrame").map(({ ts }) => ts);
  const ms = tasks.map(({ tdur = 0 }) => tdur / 1_000);
  const frames = ticks
    .toSorted((a, b) => a - b)
    .map((tick, index, all) => {
      const next = all[index + 1] ?? Number.POSITIVE_INFINITY;
      return tasks.reduce((sum, { ts }, at) => (ts >= tick && ts < next ? sum + (ms[at] ?? 0) : sum), 0);
    });
  return { tasks: ms, frames };
}

/** Below which that share of them lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
