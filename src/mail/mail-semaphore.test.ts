import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fakeClock } from "../../test/support/clock.ts";
import { MailSemaphore } from "./mail-semaphore.ts";

const never = new AbortController().signal;

describe("Turns", () => {
  it("gives so many turns at once, lets so many wait in order, and turns the rest away", async () => {
    const clock = fakeClock();
    const turns = new MailSemaphore(clock, { atOnce: 1, waiting: 2, waitMs: 1_000 });
    const ends: string[] = [];
    const take = (name: string): Promise<number> => turns.take(never).then((turn) => ends.push(`${name} ${turn}`));
    const all = ["a", "b", "c", "d"].map(take);
    await Promise.all([all[0], all[3]]);
    assert.deepEqual(ends, ["a turn", "d full"]);
    turns.end();
    await all[1];
    turns.end();
    await all[2];
    turns.end();
    assert.deepEqual(ends, ["a turn", "d full", "b turn", "c turn"]);
    assert.equal(clock.pending, 0);
    assert.equal(await turns.take(never), "turn");
  });

  it("lets nobody wait for longer than agreed, and forgets who gave up", async () => {
    const clock = fakeClock();
    const turns = new MailSemaphore(clock, { atOnce: 1, waiting: 2, waitMs: 1_000 });
    await turns.take(never);
    const stop = new AbortController();
    const [late, cancelled] = [turns.take(never), turns.take(stop.signal)];
    stop.abort();
    assert.equal(await cancelled, "cancelled");
    clock.advance(1_000);
    assert.equal(await late, "late");
    turns.end();
    assert.equal(await turns.take(never), "turn");
    assert.equal(await turns.take(stop.signal), "cancelled");
    assert.equal(clock.pending, 0);
  });
});
