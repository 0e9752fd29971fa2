import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { aRecord } from "../../test/conformance/store/given.ts";
import { fakeClock } from "../../test/support/clock.ts";
import type { Settlement } from "../store/feed.ts";
import { Settlements } from "./settlements.ts";

const place = { sequence: 7, subscription: 3 };
const never = new AbortController().signal;

function settled(over: { readonly sequence?: number } = {}): Settlement {
  const { sequence = place.sequence } = over;
  return { records: [aRecord(sequence, { number: 3, tenant: "acme" }, { status: "delivered" })], done: [] };
}

function scene() {
  const clock = fakeClock();
  const settlements = new Settlements(clock);
  return { clock, settlements };
}

/** Whether it has resolved by now. */
async function over(waiting: Promise<void>): Promise<boolean> {
  return Promise.race([waiting.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);
}

describe("who waits for a delivery", () => {
  it("looks again when something of it was settled, and not before", async () => {
    const { settlements } = scene();
    const waiting = settlements.next(place, 1_000, never);
    assert.equal(await over(waiting), false);
    settlements.settled(settled());
    await waiting;
  });

  it("is not woken by another delivery", async () => {
    const { settlements } = scene();
    const waiting = settlements.next(place, 1_000, never);
    settlements.settled(settled({ sequence: 8 }));
    assert.equal(await over(waiting), false);
  });

  it("looks again after its time, and when its caller does not want to know any more; no timer is left", async () => {
    const { clock, settlements } = scene();
    const late = settlements.next(place, 50, never);
    clock.advance(50);
    await late;
    const stop = new AbortController();
    const stopped = settlements.next(place, 50, stop.signal);
    stop.abort();
    await stopped;
    await settlements.next(place, 50, AbortSignal.abort());
    assert.equal(clock.pending, 0);
  });

  it("wakes all that wait for the same", async () => {
    const { clock, settlements } = scene();
    const waiting = [settlements.next(place, 50, never), settlements.next(place, 60, never)];
    settlements.settled(settled());
    await Promise.all(waiting);
    assert.equal(clock.pending, 0);
  });
});
