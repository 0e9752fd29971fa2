import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Outcome } from "../domain/retry.ts";
import { gone, healthAfter, type TargetHealth, unproven } from "./target-health.ts";

const nowMs = 1_000_000;
const delivered: Outcome = { kind: "delivered" };
const refused: Outcome = { kind: "failed", reason: "status" };
const timeout: Outcome = { kind: "failed", reason: "timeout" };
const stop: Outcome = { kind: "stop", reason: "gone" };

function busy(retryAfterMs?: number): Outcome {
  return { kind: "failed", reason: "status", busy: true, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

describe("a target's health", () => {
  const patient: TargetHealth = { kind: "patient", untilMs: nowMs + 10_000 };
  const wasPatient: TargetHealth = { kind: "patient", untilMs: nowMs };
  const rows: readonly [what: string, outcome: Outcome, after: Readonly<Record<string, TargetHealth>>][] = [
    ["was acknowledged", delivered, { unproven: { kind: "well" }, patient, wasPatient: { kind: "well" }, gone }],
    ["was refused", refused, { unproven: { kind: "failing" }, patient, wasPatient: { kind: "failing" }, gone }],
    ["said 410", stop, { unproven: { kind: "failing" }, patient, wasPatient: { kind: "failing" }, gone }],
    ["got no answer", timeout, { unproven: { kind: "ill" }, patient, wasPatient: { kind: "ill" }, gone }],
    ["was too much", busy(), { unproven: { kind: "ill" }, patient, wasPatient: { kind: "ill" }, gone }],
    [
      "was too much for five seconds",
      busy(5_000),
      {
        unproven: { kind: "patient", untilMs: nowMs + 5_000 },
        patient,
        wasPatient: { kind: "patient", untilMs: nowMs + 5_000 },
        gone,
      },
    ],
    [
      "was too much for twenty seconds",
      busy(20_000),
      { unproven: { kind: "patient", untilMs: nowMs + 20_000 }, patient: { kind: "patient", untilMs: nowMs + 20_000 } },
    ],
    ["was too much, and is asked to come at once", busy(0), { unproven: { kind: "patient", untilMs: nowMs + 1_000 } }],
  ];
  const before: Readonly<Record<string, TargetHealth>> = { unproven, patient, wasPatient, gone };
  for (const [what, outcome, after] of rows) {
    it(`after an attempt that ${what}`, () => {
      for (const [from, expected] of Object.entries(after)) {
        assert.deepEqual(healthAfter(before[from] ?? assert.fail(from), outcome, nowMs), expected, from);
      }
    });
  }
});
