import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { statusOf } from "./status.ts";

const paused = { reason: "gone", sinceMs: 1 } as const;

describe("the status of a subscription", () => {
  it("is the first of these that holds", () => {
    const statuses = [
      statusOf({ enabled: true }),
      statusOf({ enabled: true, paused }),
      statusOf({ enabled: true, paused, unconfirmed: true }),
      statusOf({ enabled: false, paused, unconfirmed: true }),
      statusOf({ enabled: true, endedMs: 1 }),
      statusOf({ enabled: false, endedMs: 1, outcome: "complete" }),
      statusOf({ enabled: true, paused, outcome: "failed" }),
    ];
    assert.deepEqual(statuses, ["active", "paused", "unconfirmed", "inactive", "inactive", "complete", "failed"]);
  });
});
