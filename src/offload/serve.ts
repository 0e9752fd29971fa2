import { readlinkSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { asError, SignalboxError } from "../errors.ts";
import type { TaskMessage, TaskReply, Thrown } from "./messages.ts";

/** Runs in a thread of the pool: tasks one after the other, each to its end; what takes too long is ended with the thread. */
export function serve(tasks: Readonly<Record<string, (input: never) => unknown>>): void {
  const port = parentPort;
  if (port === null) throw new Error("tasks are served in a worker thread only");
  giveWay();
  const tell = (reply: TaskReply): void => port.postMessage(reply);
  port.on("message", ({ task, input }: TaskMessage) => {
    const before = process.threadCpuUsage();
    const cpuMs = (): number => {
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / 1_000;
    };
    try {
      const run = Object.hasOwn(tasks, task) ? tasks[task] : undefined;
      if (run === undefined) throw new Error(`there is no task ${task}`);
      const value = run(input as never);
      tell({ kind: "done", value, cpuMs: cpuMs() });
    } catch (thrown) {
      tell({ kind: "threw", thrown: thrownOf(asError(thrown)), cpuMs: cpuMs() });
    }
  });
  tell({ kind: "ready" });
}

function thrownOf(error: Error): Thrown {
  if (error instanceof SignalboxError) return { code: error.code, message: error.message, fields: error.fields };
  return { message: error.message, fields: [] };
}

/** What a thread of the pool costs the others when cores are scarce: the main thread, which all wait for, comes first. */
export const niceness = 10;

/** Linux has a priority for each thread; elsewhere threads share that of the process. */
function giveWay(): void {
  if (process.platform !== "linux") return;
  const [, id] = /\/task\/(\d+)$/.exec(readlinkSync("/proc/thread-self")) ?? [];
  // A process may take priority from itself, and give none back.
  if (id !== undefined) setPriority(Number(id), Math.max(getPriority(Number(id)), niceness));
}
