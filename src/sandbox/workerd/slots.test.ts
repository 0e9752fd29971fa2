import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fakeClock } from "../../../test/support/clock.ts";
import { type Slot, TenantSlots } from "./slots.ts";

const never = new AbortController().signal;

function noting(slots: TenantSlots, notes: string[]) {
  return (name: string, signal = never, beyond = false): void => {
    void slots.take({ signal, beyond, waitMs: 1_000 }).then((slot: Slot) => notes.push(`${name} ${slot}`));
  };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("Slots", () => {
  it("gives so many, and the next to the caller that has waited longest", async () => {
    const slots = new TenantSlots({ concurrency: 2, most: 4, queue: 9 }, fakeClock());
    const notes: string[] = [];
    const take = noting(slots, notes);
    for (const name of ["a", "b", "c", "d", "e"]) take(name);
    await settled();
    assert.deepEqual(notes, ["a taken", "b taken"]);
    slots.release();
    slots.release();
    await settled();
    assert.deepEqual(notes.slice(2), ["c taken", "d taken"]);
  });

  it("turns away past its queue, and callers that wait too long", async () => {
    const clock = fakeClock();
    const slots = new TenantSlots({ concurrency: 1, most: 3, queue: 2 }, clock);
    const notes: string[] = [];
    const take = noting(slots, notes);
    for (const name of ["a", "b", "c", "d"]) take(name);
    await settled();
    assert.deepEqual(notes, ["a taken", "d full"]);
    clock.advance(1_000);
    await settled();
    assert.deepEqual(notes.slice(2), ["b waited", "c waited"]);
    assert.equal(clock.pending, 0);
    slots.release();
    assert.equal(slots.unused, true);
  });

  it("gives slots beyond its limit, which then count, and are bounded as well", async () => {
    const slots = new TenantSlots({ concurrency: 1, most: 2, queue: 9 }, fakeClock());
    const notes: string[] = [];
    const take = noting(slots, notes);
    take("a");
    take("b", never, true);
    take("c");
    take("d", never, true);
    await settled();
    assert.deepEqual(notes, ["a taken", "b taken", "d full"]);
    slots.release();
    await settled();
    assert.equal(notes.length, 3);
    slots.release();
    await settled();
    assert.equal(notes[3], "c taken");
  });

  it("forgets a caller that gives up", async () => {
    const slots = new TenantSlots({ concurrency: 1, most: 1, queue: 9 }, fakeClock());
    const notes: string[] = [];
    const take = noting(slots, notes);
    const gone = new AbortController();
    take("a");
    take("b", gone.signal);
    take("c");
    gone.abort();
    slots.release();
    await settled();
    assert.deepEqual(notes, ["a taken", "b stopped", "c taken"]);
    assert.equal(slots.unused, false);
    slots.release();
    assert.equal(slots.unused, true);
  });
});
