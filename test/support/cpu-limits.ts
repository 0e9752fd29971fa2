/**
 * Limits on the processor time of a thread. They are milliseconds of a quiet core of a common server; where system calls, fresh memory and
 * code that runs for the first time cost more (virtual machines in others, cores that many share), they are as much longer.
 */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { compileFunction } from "node:vm";

/** What {@link work} takes on the core that limits are given for. */
const workMs = 2;
const rounds = 7;

/** Milliseconds of the processor that this thread used while `act` went on: what everybody else waited for at the most. */
export async function threadMs(act: () => unknown): Promise<number> {
  const before = process.threadCpuUsage();
  await act();
  return since(before);
}

/** As {@link threadMs}, of what ends before it returns. */
export function threadMsNow(act: () => unknown): number {
  const before = process.threadCpuUsage();
  act();
  return since(before);
}

/** The longest that this thread computed at one go since it was begun, in milliseconds of its CPU time. */
export function busy(): { stop(): number } {
  let longest = 0;
  let going = true;
  let before = process.threadCpuUsage();
  const look = (): void => {
    const { user, system } = process.threadCpuUsage(before);
    before = process.threadCpuUsage();
    longest = Math.max(longest, (user + system) / 1_000);
    if (going) setImmediate(look);
  };
  setImmediate(look);
  return {
    stop: () => {
      going = false;
      return longest;
    },
  };
}

/** That `act` costs the thread which all tenants share at most `mostMs`. In one process with the server, whose thread is this one. */
export async function costsAtMost(mostMs: number, act: () => unknown): Promise<void> {
  within(mostMs, await threadMs(act));
}

/** That `ms` of processor time are at most `mostMs`. */
export function within(mostMs: number, ms: number): void {
  const limitMs = ms <= mostMs ? mostMs : mostMs * slowness();
  assert.ok(ms <= limitMs, `it cost the thread of all ${ms.toFixed(1)} ms, of at most ${Math.round(limitMs)}`);
}

/** How many times slower this core is now than the one that limits are given for; 1 where it is not. */
export function slowness(): number {
  work(0);
  const took = Array.from({ length: rounds }, (_, round) => threadMsNow(() => work(round + 1))).toSorted(
    (a, b) => a - b,
  );
  return Math.max(1, (took[rounds >> 1] ?? 0) / workMs);
}

/** A little of what a server spends its time with. */
function work(round: number): void {
  const memory = Buffer.alloc(2 ** 22);
  for (let at = 0; at < memory.length; at += 4_096) memory[at] = 1;
  for (let call = 0; call < 200; call++) statSync(import.meta.filename);
  // Never the same text: what was compiled before is remembered.
  const text = (index: number): string => `${round}${index};${"function f(x) { return x + 1 }".repeat(50)}`;
  for (let index = 0; index < 20; index++) compileFunction(text(index));
  JSON.parse(JSON.stringify(Array.from({ length: 5_000 }, (_, index) => ({ index, name: `n${index}` }))));
}

function since(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
