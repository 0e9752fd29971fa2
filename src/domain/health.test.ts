import assert from "node:assert/strict";
import { it } from "node:test";
import { healthState, untouched } from "./health.ts";

const nowMs = 1_000_000_000;
const active = { enabled: true };
const gone = { reason: "gone", sinceMs: nowMs } as const;

it("what is not sent for at all is said first", () => {
  const bad = { ...untouched, failures: 9 };
  const states = [
    { enabled: true, outcome: "complete" as const, paused: gone },
    { enabled: true, outcome: "failed" as const },
    { enabled: false, paused: gone },
    { enabled: true, endedMs: nowMs },
    { enabled: true, unconfirmed: true as const, paused: gone },
    { enabled: true, paused: gone },
  ].map((subscription) => healthState(subscription, bad, nowMs));
  assert.deepEqual(states, ["complete", "failed", "disabled", "disabled", "unconfirmed", "paused"]);
});

it("one failure among acknowledgements is none, three in a row are, and one after which nothing comes", () => {
  const state = (failures: number, acknowledgedMs?: number) =>
    healthState(active, { ...untouched, failures, ...(acknowledgedMs === undefined ? {} : { acknowledgedMs }) }, nowMs);
  assert.equal(state(0), "ok");
  assert.equal(state(2, nowMs - 1_000), "ok");
  assert.equal(state(3, nowMs - 1_000), "failing");
  assert.equal(state(1, nowMs - 60_001), "failing");
  assert.equal(state(1), "failing");
});

it("slow is what is acknowledged late", () => {
  const state = (usualMs: number) => healthState(active, { ...untouched, acknowledgedMs: nowMs, usualMs }, nowMs);
  assert.deepEqual([state(999), state(1_000)], ["ok", "slow"]);
});
