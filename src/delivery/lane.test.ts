import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { aSubscription, noonMs, uuid } from "../../test/conformance/store/given.ts";
import { slotsPerTarget } from "../domain/pace.ts";
import type { Outcome } from "../domain/retry.ts";
import type { Subscription } from "../domain/subscription.ts";
import { Lane } from "./lane.ts";

function subscription(over: Partial<Subscription> = {}): Subscription {
  return {
    ...aSubscription(uuid("bucket")),
    number: 1,
    updatedMs: noonMs,
    fromRevision: 1,
    revision: 1,
    ...over,
  };
}

/** Attempts 1, 2, … under way. */
function running(lane: Lane, count: number): void {
  for (let sequence = 1; sequence <= count; sequence++) lane.begin(sequence, noonMs);
}

function unreachable(lane: Lane): void {
  lane.note({ outcome: { kind: "failed", reason: "timeout" }, durationMs: 1 }, noonMs);
}

function healthy(lane: Lane, durationMs: number): void {
  lane.note({ outcome: { kind: "delivered" }, durationMs }, noonMs);
}

function inLine(lane: Lane, sinceMs: number, seen: string[], name: string): void {
  const begin = (): void => {
    lane.begin(seen.push(`${name} begins`), noonMs);
  };
  lane.enqueue({ sinceMs, begin, park: () => seen.push(`${name} is parked`) });
}

describe("a lane's slots", () => {
  it("are sixty-four, halved by who cannot be reached down to one, and given back one for each acknowledgement", () => {
    const lane = new Lane(subscription());
    assert.equal(lane.free, slotsPerTarget);
    const left: number[] = [];
    for (let count = 0; count < 8; count++) {
      unreachable(lane);
      left.push(lane.free);
    }
    assert.deepEqual(left, [32, 16, 8, 4, 2, 1, 1, 1]);
    for (let count = 0; count < 100; count++) healthy(lane, 1);
    assert.equal(lane.free, slotsPerTarget);
  });

  it("are never fewer than none, though more attempts run than there are slots now", () => {
    const lane = new Lane(subscription());
    running(lane, 64);
    unreachable(lane);
    assert.deepEqual([lane.free, lane.takesFirst, lane.worthClaiming], [0, false, false]);
    for (let count = 0; count < 33; count++) lane.end();
    assert.equal(lane.free, 1);
  });

  it("are half kept for what waits in the store", () => {
    const lane = new Lane(subscription());
    lane.behind = true;
    running(lane, slotsPerTarget / 2);
    assert.deepEqual([lane.takesFirst, lane.free], [false, slotsPerTarget / 2]);
    lane.behind = false;
    assert.equal(lane.takesFirst, true);
  });
});

describe("a lane whose target is busy", () => {
  const busy = (retryAfterMs?: number): Outcome => ({
    kind: "failed",
    reason: "status",
    busy: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

  it("has half as many slots for each 429, and one more for each acknowledgement", () => {
    const lane = new Lane(subscription());
    lane.note({ outcome: busy(), durationMs: 1 }, noonMs);
    assert.deepEqual([lane.free, lane.startsMs], [32, 0]);
    lane.note({ outcome: busy(), durationMs: 1 }, noonMs);
    healthy(lane, 1);
    assert.equal(lane.free, 17);
    lane.note({ outcome: { kind: "failed", reason: "status" }, durationMs: 1 }, noonMs);
    assert.equal(lane.free, 17, "another failure says nothing of how much it can take");
  });

  it("begins nothing before it is asked to, the longest of what was asked, and then with one", () => {
    const lane = new Lane(subscription({ revision: 1 }));
    lane.note({ outcome: busy(5_000), durationMs: 1 }, noonMs);
    lane.note({ outcome: busy(2_000), durationMs: 1 }, noonMs + 10);
    assert.deepEqual([lane.startsMs, lane.freeAt(noonMs + 4_999), lane.freeAt(noonMs + 5_000)], [noonMs + 5_000, 0, 1]);
    lane.note({ outcome: busy(0), durationMs: 1 }, noonMs + 5_000);
    assert.equal(lane.startsMs, noonMs + 6_000, "nobody is asked again within a second");
    lane.update(subscription({ revision: 2 }));
    assert.equal(lane.startsMs, 0, "its owner has changed it: it may be another by now");
  });
});

describe("a lane's pace", () => {
  it("is as many at once as its owner says", () => {
    const lane = new Lane(subscription({ pace: { maxConcurrency: 3 } }));
    assert.equal(lane.free, 3);
    running(lane, 3);
    assert.deepEqual([lane.takesFirst, lane.free], [false, 0]);
    for (let count = 0; count < 9; count++) healthy(lane, 1);
    lane.update(subscription({ revision: 2, pace: { maxConcurrency: 5 } }));
    assert.equal(lane.free, 2);
    lane.update(subscription({ revision: 3, pace: { maxConcurrency: 1 } }));
    for (let count = 0; count < 3; count++) lane.end();
    assert.equal(lane.free, 1);
    lane.update(subscription({ revision: 4 }));
    assert.equal(lane.free, slotsPerTarget);
  });

  it("is as many in a second as its owner says, of first attempts and others", () => {
    const lane = new Lane(subscription({ pace: { maxPerSecond: 2 } }));
    assert.deepEqual([lane.freeAt(noonMs), lane.queues], [1, false]);
    lane.begin(1, noonMs);
    assert.deepEqual([lane.freeAt(noonMs), lane.startsMs > noonMs, lane.freeAt(lane.startsMs)], [0, true, 1]);
  });
});

describe("a lane's line", () => {
  it("forms behind a quick, healthy target only", () => {
    const lane = new Lane(subscription());
    running(lane, 64);
    assert.equal(lane.queues, true);
    for (let count = 0; count < 50; count++) healthy(lane, 30_000);
    assert.equal(lane.queues, false, "it takes half a minute to answer");
    for (let count = 0; count < 200; count++) healthy(lane, 1);
    assert.equal(lane.queues, true);
    unreachable(lane);
    assert.equal(lane.queues, false);
  });

  it("is served in order when slots come free, and nobody overtakes it", () => {
    const lane = new Lane(subscription());
    const seen: string[] = [];
    running(lane, 64);
    for (const name of ["a", "b", "c"]) inLine(lane, 0, seen, name);
    lane.end();
    lane.end();
    assert.equal(lane.takesFirst, false, "who comes now stands behind them");
    lane.admit();
    assert.deepEqual([seen, lane.queued, lane.free], [["a begins", "b begins"], 1, 0]);
  });

  it("is cleared of who has stood in it for too long", () => {
    const lane = new Lane(subscription());
    const seen: string[] = [];
    running(lane, 64);
    inLine(lane, 10, seen, "a");
    inLine(lane, 20, seen, "b");
    inLine(lane, 30, seen, "c");
    lane.parkSince(20);
    assert.deepEqual([seen, lane.queued], [["a is parked", "b is parked"], 1]);
    lane.parkSince(Number.POSITIVE_INFINITY);
    assert.equal(lane.queued, 0);
  });
});

describe("a lane", () => {
  it("takes note of newer states only, and prepares its target once for each", () => {
    const lane = new Lane(subscription({ revision: 5 }));
    let prepared = 0;
    const prepare = () => {
      prepared += 1;
      return { attempt: () => Promise.reject(new Error("not asked")), sent: () => Promise.resolve(undefined) };
    };
    assert.equal(lane.target(prepare), lane.target(prepare));
    lane.update(subscription({ revision: 4, enabled: false }));
    assert.equal(lane.sending, true);
    lane.target(prepare);
    assert.equal(prepared, 1);
    lane.update(subscription({ revision: 6, enabled: false }));
    assert.equal(lane.sending, false);
    lane.target(prepare);
    assert.equal(prepared, 2);
  });

  it("that was pausing back is so until a newer state says otherwise", () => {
    const lane = new Lane(subscription({ revision: 5 }));
    lane.pausing = true;
    lane.update(subscription({ revision: 5 }));
    assert.equal(lane.sending, false);
    lane.update(subscription({ revision: 6 }));
    assert.equal(lane.sending, true);
  });

  it("is idle when nothing is under way or known to wait", () => {
    const lane = new Lane(subscription());
    assert.equal(lane.idle, true);
    lane.begin(1, noonMs);
    lane.end();
    assert.equal(lane.idle, false, "its outcome is not yet durable");
    lane.busy.delete(1);
    assert.equal(lane.idle, true);
    lane.arriving = 1;
    assert.equal(lane.idle, false, "one is about to begin");
    lane.arriving = 0;
    lane.wakeMs = 1;
    assert.equal(lane.idle, false);
  });
});
