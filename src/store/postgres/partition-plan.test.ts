import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dueChange, endless, leftFrom, type Partition, type PartitionedLog } from "./partition-plan.ts";

const perMs = 1024;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const keptMs = 32 * dayMs;
const nowMs = Date.UTC(2026, 10, 20);
const now = nowMs * perMs;
const day = dayMs * perMs;
const sizes = { leastBytes: 1_000, mostBytes: 4_000, stuck: new Set<number>() };
const times = { nowMs, beforeMs: nowMs - keptMs };

/** Partitions that end at these, numbered from 1. */
function logOf(ends: readonly number[], over: Partial<PartitionedLog & { bytes: number; rest: boolean }> = {}) {
  const partitions = [...ends, endless].map(
    (end, index): Partition => ({
      number: index + 1,
      begins: ends[index - 1] ?? 0,
      ends: end,
      isRest: index === 0 && over.rest === true,
      bytes: over.bytes ?? 0,
    }),
  );
  return { partitions, last: now, watermark: now, first: now - 10 * day, ...over };
}

function cuts(log: PartitionedLog): readonly number[] | undefined {
  const change = dueChange(log, times, sizes);
  return change?.do === "cut" ? change.at : undefined;
}

function dropped(log: PartitionedLog): number | undefined {
  const change = dueChange(log, times, sizes);
  return change?.do === "drop" ? change.partition.number : undefined;
}

describe("the partitions of the log", () => {
  it("are one as long as that holds little, however old it is", () => {
    assert.equal(dueChange(logOf([], { bytes: 999 }), times, sizes), undefined);
    assert.equal(dueChange(logOf([], { bytes: 999, first: 1 }), times, sizes), undefined);
  });

  it("become three where the first holds enough: it ends where the log does, and what comes is in the second", () => {
    const [here = 0, next = 0, ...more] = cuts(logOf([], { bytes: 1_000, last: now + 1 })) ?? [];
    assert.deepEqual(more, []);
    assert.equal(here, now + 64);
    // In ten days as much came as one is to hold.
    assert.ok(Math.abs(next - here - 10 * day) < 128);
  });

  it("are not read through where that would take long", () => {
    assert.equal(cuts(logOf([], { bytes: 4_001 })), undefined);
  });

  it("get the next one once half of the one before the last has passed, by the clock or by what was written", () => {
    const ends = [now - day, now + 2 * day];
    assert.equal(cuts(logOf(ends, { bytes: 1 })), undefined);
    const first = now - day;
    const passed = now + 0.5 * day;
    assert.equal(cuts(logOf(ends, { bytes: 1, first, last: passed }))?.length, 1);
    assert.equal(cuts(logOf([now - 3 * day, now + day], { bytes: 1, first, last: now - 2 * day }))?.length, 1);
  });

  it("last for a sixteenth of what is kept at the least, for all of it at the most", () => {
    const ends = [now - 3 * day, now + day];
    const spanOf = (bytes: number): number => ((cuts(logOf(ends, { bytes })) ?? [])[0] ?? 0) - (ends[1] ?? 0);
    assert.equal(spanOf(1_000_000), 2 * day);
    assert.equal(spanOf(500), 6 * day);
    assert.equal(spanOf(1), 32 * day);
  });

  it("are never so many that they cost more than they save", () => {
    const ends = Array.from({ length: 23 }, (_, index) => now - (22 - index) * day + day / 4);
    assert.equal(cuts(logOf(ends)), undefined);
    assert.equal(cuts(logOf(ends.slice(1)))?.length, 1);
  });

  it("go when all that is in them is past its time and done, the oldest first", () => {
    const ends = [now - 34 * day, now - 33 * day, now + day];
    assert.equal(dropped(logOf(ends)), 1);
    assert.equal(dropped(logOf(ends, { rest: true })), 2);
    assert.equal(dropped(logOf(ends, { watermark: now - 35 * day })), undefined);
    assert.equal(dropped(logOf([now - 32 * day, now + day])), undefined);
    assert.equal(dropped(logOf([now - 32 * day - 1_001 * perMs, now + day])), 1);
  });

  it("are made while one cannot go", () => {
    const log = logOf([now - 34 * day, now - day, now + day]);
    assert.equal(dueChange(log, times, sizes)?.do, "drop");
    assert.equal(dueChange(log, times, { ...sizes, stuck: new Set([1]) })?.do, "cut");
  });

  it("go when nothing was written since, and are made by the clock", () => {
    const log = { last: now - 35 * day, watermark: now - 35 * day };
    assert.equal(dropped(logOf([now - 34 * day, now + day], log)), 1);
    assert.equal(dropped(logOf([now - 34 * day, now + day], { ...log, watermark: now - 36 * day })), undefined);
    assert.equal(cuts(logOf([now - 20 * day, now - 10 * day], log))?.length, 1);
  });
});

describe("what goes event by event", () => {
  const from = (ends: readonly number[], stuck: readonly number[] = [], rest = false): number =>
    leftFrom(logOf(ends, { rest }), times, new Set(stuck));

  it("is all of it where there is one partition, or none goes soon", () => {
    assert.equal(from([]), endless);
    assert.equal(from([now - 27 * day, now + day]), endless);
  });

  it("ends before a partition that goes within an eighth of what is kept", () => {
    assert.equal(from([now - 35 * day, now - 29 * day, now + day], [], true), now - 35 * day);
  });

  it("is what waited for locks for too long, or of which too much has to stay", () => {
    assert.equal(from([now - 33 * day, now + day]), 0);
    assert.equal(from([now - 34 * day, now + day]), endless);
    assert.equal(from([now - 33 * day, now + day], [1]), endless);
  });
});
