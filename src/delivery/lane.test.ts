import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { aSubscription, noonMs, uuid } from "../../test/conformance/store/given.ts";
import { usualBatch } from "../domain/batch.ts";
import type { Event } from "../domain/event.ts";
import type { Outcome } from "../domain/retry.ts";
import type { Subscription, WebhookTarget } from "../domain/subscription.ts";
import type { First } from "./attemptable.ts";
import { Lane, onlyInMemoryMs, type Room } from "./lane.ts";
import { LineRoom } from "./line.ts";

const delivered: Outcome = { kind: "delivered" };
const timeout: Outcome = { kind: "failed", reason: "timeout" };
const asksForPatience: Outcome = { kind: "failed", reason: "status", busy: true, retryAfterMs: 5_000 };

function subscription(over: Partial<Subscription> = {}): Subscription {
  return { ...aSubscription(uuid("bucket")), number: 1, updatedMs: noonMs, fromRevision: 1, revision: 1, ...over };
}

const { target } = aSubscription(uuid("bucket"));
const together = { target: { ...target, batch: { ...usualBatch, maxEvents: 3, maxBytes: 2_000 } } as WebhookTarget };

function aLane(over: Partial<Subscription> = {}, room = new LineRoom()): Lane {
  return new Lane(subscription(over), room);
}

/** So many attempts begin. */
function running(lane: Lane, count: number): Lane {
  for (let begun = 0; begun < count; begun += 1) lane.begin(noonMs);
  return lane;
}

function end(lane: Lane, outcome: Outcome, durationMs = 1, nowMs = noonMs): Lane {
  lane.end({ outcome, durationMs }, nowMs);
  return lane;
}

/** All of its 64 slots are taken, and one attempt before was acknowledged after so long. */
function full(lane: Lane, usualMs = 1): Lane {
  return running(end(running(lane, 1), delivered, usualMs), 64);
}

function first(sequence: number, { sinceMs = noonMs, bytes = 1 } = {}): First {
  const does = (): never => assert.fail("a lane does nothing");
  const event = { sequence } as Event;
  const due = { event, attempts: 0, tries: 0 };
  const did = { begin: does, began: () => {}, park: does, recordLong: does, to: { ended: does } };
  return { event, due, bytes, eventBytes: bytes, sinceMs, ...did };
}

function joined(lane: Lane, count: number, sinceMs = noonMs): Lane {
  for (let sequence = 1; sequence <= count; sequence += 1) lane.join(first(sequence, { sinceMs }));
  return lane;
}

/** Something that is due waits in the store. */
function behind(lane: Lane): Lane {
  assert.equal(lane.hears("due"), true);
  return lane;
}

describe("the place of a first delivery", () => {
  const rows: readonly [what: string, lane: () => Lane, place: ReturnType<Lane["place"]>, room?: Room][] = [
    ["of an ordered subscription", () => aLane({ pace: { ordered: true } }), "park"],
    ["of one that is disabled", () => aLane({ enabled: false }), "park"],
    ["of one that is paused", () => aLane({ paused: { reason: "gone", sinceMs: 0 } }), "park"],
    [
      "whose target has just said that it is gone",
      () => {
        const lane = aLane();
        assert.equal(lane.leave(), true);
        return lane;
      },
      "park",
    ],
    ["whose target asked for patience", () => end(running(aLane(), 1), asksForPatience), "park"],
    ["before its owner's rate allows another", () => running(aLane({ pace: { maxPerSecond: 1 } }), 1), "park"],
    ["with a free slot", () => aLane(), "attempt"],
    ["with a free slot, where several go together", () => aLane(together), "line"],
    [
      "where several go together, of an ordered subscription",
      () => aLane({ ...together, pace: { ordered: true } }),
      "park",
    ],
    ["where several go together, at its owner's rate", () => aLane({ ...together, pace: { maxPerSecond: 1 } }), "park"],
    ["where several go together, to an ill target", () => end(running(aLane(together), 65), timeout), "park"],
    [
      "to one that takes a second, with more, where several go together",
      () => joined(full(aLane(together), 1_000), 160),
      "line",
    ],
    ["with a free slot, to an ill target", () => end(running(aLane(), 1), timeout), "attempt"],
    ["with a free slot, when there is no room in all", () => aLane(), "park", "none"],
    ["with a free slot, when others hang", () => aLane(), "attempt", "scarce"],
    ["beside another, when others hang", () => running(aLane(), 1), "line", "scarce"],
    ["beside another, when there is no room in all", () => running(aLane(), 1), "line", "none"],
    ["with a free slot, behind who stands in line", () => joined(running(aLane(), 63), 1), "line"],
    ["without a free slot, to a new target", () => running(aLane(), 64), "line"],
    ["without a free slot, to a well one", () => full(aLane()), "line"],
    ["without a free slot, to one that takes five minutes", () => full(aLane(), 300_000), "park"],
    ["to one that takes a second, with two seconds of line", () => joined(full(aLane(), 1_000), 150), "line"],
    ["to one that takes a second, with more", () => joined(full(aLane(), 1_000), 160), "park"],
    ["without a free slot, to an ill target", () => end(running(aLane(), 65), timeout), "park"],
    [
      "without a free slot, to one that had a time-out and is back",
      () => end(end(running(aLane(), 66), timeout), delivered),
      "line",
    ],
    ["without a free slot, at its owner's rate", () => full(aLane({ pace: { maxPerSecond: 1_000 } })), "park"],
    ["in the half of the slots that is left to it", () => behind(running(aLane(), 31)), "attempt"],
    ["beyond the half that is left to it", () => behind(running(aLane(), 32)), "line"],
    ["with one slot, while something older waits", () => behind(aLane({ pace: { maxConcurrency: 1 } })), "park"],
  ];
  for (const [what, lane, place, room = "free"] of rows) {
    it(`${what}: ${place}`, () => assert.equal(lane().place(noonMs, room), place));
  }

  it("is the line as long as that has room, and beyond as long as it flows", () => {
    const room = new LineRoom({ most: 20 });
    const [quick, slow] = [full(aLane({}, room), 1), full(aLane({ number: 2 }, room), 50)];
    joined(quick, 10);
    assert.deepEqual([quick.place(noonMs, "free"), quick.holdsUp(1)], ["line", true]);
    for (let moments = 0; moments < 20; moments += 1) quick.waited();
    assert.deepEqual([quick.place(noonMs, "free"), quick.holdsUp(1)], ["park", false], "it has stopped answering");
    joined(slow, 5);
    assert.deepEqual([slow.place(noonMs, "free"), slow.holdsUp(1)], ["park", false]);
    assert.deepEqual(
      [slow.place(noonMs, "free", true), slow.holdsUp(1, true)],
      ["line", true],
      "all are slow just now",
    );
    for (let count = 0; count < 6; count += 1) end(quick, delivered);
    for (let count = 0; count < 6; count += 1) assert.ok(quick.next() !== undefined);
    assert.deepEqual([quick.holdsUp(1), quick.holdsUp(10)], [false, true]);
    assert.equal(slow.place(noonMs, "free"), "line", "what one gives back others may take");
  });
});

describe("those that go together", () => {
  const leaves = (lane: Lane): number => lane.leavesMs - noonMs;

  it("leave when they fill a request, in number or in bytes, or when the first has waited as long as it may", () => {
    assert.equal(leaves(aLane(together)), Number.POSITIVE_INFINITY);
    assert.equal(leaves(joined(aLane(together), 2)), 1_000);
    assert.equal(joined(aLane(together), 3).leavesMs, 0);
    const large = aLane(together);
    for (const sequence of [1, 2]) large.join(first(sequence, { bytes: 1_000 }));
    assert.equal(large.leavesMs, 0);
  });

  it("leave when there is a slot and room in all, so many as fit, in their order", () => {
    assert.equal(leaves(joined(full(aLane(together)), 3)), Number.POSITIVE_INFINITY);
    const lane = joined(running(aLane(together), 1), 5);
    assert.deepEqual([lane.leaving("none"), lane.leaving("scarce")], [[], []]);
    assert.deepEqual(
      lane.leaving("free").map(({ event }) => event.sequence),
      [1, 2, 3],
    );
    lane.left(2, noonMs);
    assert.deepEqual([lane.inLine, lane.leavesMs], [3, 0]);
    assert.equal(lane.next(), undefined, "none leaves alone");
  });
});

describe("a lane's line", () => {
  it("moves on in order as slots come free", () => {
    const lane = joined(full(aLane()), 3);
    assert.equal(lane.next(), undefined);
    for (const sequence of [1, 2]) {
      end(lane, delivered);
      assert.equal(lane.next()?.event.sequence, sequence);
      lane.begin(noonMs);
    }
    assert.deepEqual([lane.next(), lane.inLine], [undefined, 1]);
  });

  it("moves on in half of the slots while something older waits", () => {
    const lane = behind(joined(full(aLane()), 3));
    for (let count = 0; count < 32; count += 1) end(lane, delivered);
    assert.equal(lane.next(), undefined);
    end(lane, delivered);
    assert.equal(lane.next()?.event.sequence, 1);
  });

  it("is left by who has stood there for long", () => {
    const lane = full(aLane());
    for (const [index, sinceMs] of [noonMs, noonMs + 10, noonMs + 20].entries()) lane.join(first(index, { sinceMs }));
    assert.equal(lane.misplaced(noonMs + onlyInMemoryMs - 1), undefined);
    const nowMs = noonMs + onlyInMemoryMs + 10;
    assert.deepEqual(
      [0, 1, undefined],
      [0, 1, 2].map(() => lane.misplaced(nowMs)?.event.sequence),
    );
    assert.deepEqual([lane.inLine, lane.clears], [1, false]);
  });

  const ends: readonly [what: string, how: (lane: Lane) => void][] = [
    ["cannot be reached", (lane) => end(lane, timeout)],
    ["asks for patience", (lane) => end(lane, asksForPatience)],
    ["is gone", (lane) => lane.leave()],
    ["is sent nothing any more", (lane) => lane.update(subscription({ revision: 2, enabled: false }))],
    [
      "gets so many in a second from now on",
      (lane) => lane.update(subscription({ revision: 2, pace: { maxPerSecond: 5 } })),
    ],
  ];
  for (const [what, how] of ends) {
    it(`is left by all when the target ${what}`, () => {
      const lane = joined(full(aLane()), 2);
      assert.equal(lane.clears, false);
      how(lane);
      assert.deepEqual([lane.clears, lane.next()], [true, undefined]);
      assert.deepEqual(
        [1, 2, undefined],
        [0, 1, 2].map(() => lane.misplaced(noonMs)?.event.sequence),
      );
      assert.equal(lane.clears, false);
    });
  }
});

describe("a lane's turn to look into the store", () => {
  it("is asked for by what becomes due, once, and by slots that come free when it is behind", () => {
    const lane = aLane();
    assert.deepEqual([lane.hears("freed"), lane.hears("due"), lane.hears("due")], [false, true, false]);
    assert.equal(lane.turn(noonMs, 9), "claim");
    assert.deepEqual([lane.hears("freed"), lane.hears("more"), lane.hears("freed")], [false, false, true]);
    assert.equal(lane.turn(noonMs, 9), "claim");
    assert.deepEqual([lane.hears("due"), lane.hears("all")], [false, true], "its answer may have lacked that");
    assert.equal(lane.turn(noonMs, 9), "claim");
    assert.deepEqual([lane.hears("all"), lane.backlog], [false, "clear"]);
    assert.equal(lane.turn(noonMs, 9), "nothing", "nothing has asked for a turn");
  });

  it("waits for a quarter of the slots, for the owner's rate, for the target, and for room in all", () => {
    const busy = behind(running(aLane(), 49));
    assert.deepEqual([busy.turn(noonMs, 9), busy.backlog], ["nothing", "behind"]);
    end(busy, delivered);
    assert.deepEqual([busy.hears("freed"), busy.turn(noonMs, 9)], [true, "claim"]);
    assert.equal(busy.claimable(noonMs, 9), 9);
    assert.equal(busy.claimable(noonMs, 99), 16);

    const paced = running(aLane({ pace: { maxPerSecond: 0.01 } }), 1);
    const turn = behind(paced).turn(noonMs, 9);
    assert.ok(typeof turn === "object" && turn.laterMs > noonMs + 100_000);
    assert.deepEqual([paced.backlog, paced.hears("due")], ["behind", true]);

    const patient = end(running(aLane(), 1), asksForPatience);
    assert.deepEqual(behind(patient).turn(noonMs, 9), { laterMs: noonMs + 5_000 });

    const crowded = behind(aLane());
    assert.deepEqual(crowded.turn(noonMs, 0), { laterMs: noonMs + 100 });
    assert.deepEqual([crowded.claimable(noonMs, 0), crowded.startsMs(noonMs)], [0, noonMs + 100]);
  });
});

describe("a lane", () => {
  it("takes note of newer states only, and prepares its target once for each", () => {
    const lane = aLane({ revision: 5 });
    let prepared = 0;
    const prepare = () => {
      prepared += 1;
      return { attempt: () => Promise.reject(new Error("not asked")), sent: () => Promise.resolve(undefined) };
    };
    assert.equal(lane.target(prepare), lane.target(prepare));
    lane.update(subscription({ revision: 4, enabled: false }));
    assert.equal(lane.isSending, true);
    lane.target(prepare);
    assert.equal(prepared, 1);
    lane.update(subscription({ revision: 6, enabled: false }));
    assert.equal(lane.isSending, false);
    lane.target(prepare);
    assert.equal(prepared, 2);
  });

  it("whose target is gone is so until a newer state says otherwise, or the pause could not be recorded", () => {
    const lane = aLane({ revision: 5 });
    assert.deepEqual([lane.leave(), lane.leave()], [true, false]);
    lane.update(subscription({ revision: 5 }));
    assert.equal(lane.isSending, false);
    lane.update(subscription({ revision: 6 }));
    assert.equal(lane.isSending, true);
    lane.leave();
    lane.stay();
    assert.equal(lane.isSending, true);
  });

  it("is well as of the last attempt, while it sends", () => {
    const lane = aLane();
    assert.equal(lane.isWell, false);
    assert.equal(end(running(lane, 1), delivered).isWell, true);
    lane.update(subscription({ revision: 2, enabled: false }));
    assert.equal(lane.isWell, false);
    assert.equal(end(running(aLane(), 1), { kind: "failed", reason: "status" }).isWell, false);
  });

  it("is idle when nothing is under way or known to wait", () => {
    const lane = aLane();
    const one = first(7);
    assert.equal(lane.isIdle, true);
    lane.opened(one);
    lane.begin(noonMs);
    assert.equal(lane.open.get(7), one);
    end(lane, delivered);
    assert.equal(lane.isIdle, false, "its outcome is not yet durable");
    lane.closed(7);
    assert.equal(lane.isIdle, true);
    lane.claimed(8);
    assert.deepEqual([lane.isIdle, [...lane.busy]], [false, [8]]);
    lane.settled(8);
    assert.equal(lane.isIdle, true);
    lane.hears("due");
    assert.equal(lane.isIdle, false, "something is due");
  });
});
