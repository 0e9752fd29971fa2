import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Store } from "../../../src/store/store.ts";
import type { Change } from "../../../src/store/unit.ts";
import { anEvent, aRecord, changed, committed, dayMs, fedNow, noonMs } from "./given.ts";
import {
  anInvocation,
  aPendingInvocation,
  given,
  givenApp,
  givenFunction,
  givenSubscriber,
} from "./given-functions.ts";
import { aDecision, aRemembered } from "./operations.ts";
import type { OpenStore } from "./under-test.ts";

/** Until there is no more; how many steps that took. */
async function pruned(store: Store, beforeMs: number, max = 9): Promise<number> {
  for (let steps = 1; ; steps += 1) {
    const { dropped, more } = await store.upkeep.prune({ beforeMs, deadBeforeMs: beforeMs, max });
    assert.equal(dropped, 0, "no event is among them");
    if (!more) return steps;
  }
}

async function there(store: Store): Promise<number[]> {
  return (await store.invocations.invocations({ tenant: "acme", function: 1 }, { max: 99 }))
    .map(({ number }) => number)
    .toReversed();
}

const at = (afterNoonMs: number) => ({ createdMs: noonMs + afterNoonMs });

export function tracesConformance(open: OpenStore): void {
  describe("retention of what hooks and functions leave", () => {
    it("drops invocations with their event, and not before", async () => {
      await using under = await open();
      const { store, feed } = under;
      const fn = await givenFunction(store, await givenApp(store));
      const subscription = await givenSubscriber(store, fn, "POST_USER_CREATE");
      const events = [1, 2, 3].map((second) => anEvent(fn.appUuid, { timeMs: noonMs + 1_000 * second }));
      const sequences = await committed(store, { events });
      await fedNow(feed, 3);
      const records = sequences.flatMap((sequence, index) =>
        [1, 2].map((attempt) => {
          const of = { trigger: "post", sequence, subscription: subscription.number, attempt } as const;
          const invocation = anInvocation(2 * index + attempt, { ...of, function: fn.number, ...at(-dayMs) });
          const status = index === 1 ? "waiting" : "delivered";
          return aRecord(sequence, subscription, { status, attempts: attempt, invocation });
        }),
      );
      await feed.settle({ records, done: sequences });
      const left = async (): Promise<number[]> =>
        (await store.invocations.invocations({ tenant: "acme", function: fn.number }, { max: 9 })).map(
          ({ number }) => number,
        );
      await store.upkeep.prune({ beforeMs: noonMs, deadBeforeMs: noonMs, max: 9 });
      assert.deepEqual(await left(), [6, 5, 4, 3, 2, 1]);
      await store.upkeep.prune({ beforeMs: noonMs + 2_500, deadBeforeMs: noonMs, max: 9 });
      assert.deepEqual(await left(), [6, 5, 4, 3]);
    });

    it("drops invocations without an event by their age, oldest first, in small steps", async () => {
      await using under = await open();
      const { store } = under;
      const ages = [5, 1, 3, 2, 4, 6].map((age, index) => anInvocation(index + 1, at(age)));
      await given(store, ...ages, anInvocation(7, { trigger: "pre", subscription: 1, ...at(0) }));
      const { dropped, more } = await store.upkeep.prune({ beforeMs: noonMs + 5, deadBeforeMs: 0, max: 2 });
      assert.deepEqual([dropped, more], [0, true]);
      assert.deepEqual(await there(store), [1, 3, 4, 5, 6]);
      assert.equal(await pruned(store, noonMs + 5, 2), 2);
      assert.deepEqual(await there(store), [1, 6]);
      assert.equal(await pruned(store, noonMs + 5, 2), 1);
    });

    it("leaves a pending invocation for a day at least", async () => {
      await using under = await open();
      const { store, clock } = under;
      await given(store, aPendingInvocation(1), anInvocation(2));
      clock.advance(dayMs);
      await pruned(store, clock.now());
      assert.deepEqual(await there(store), [1]);
      clock.advance(1);
      await pruned(store, noonMs);
      assert.deepEqual(await there(store), [1], "nor before its time");
      await pruned(store, clock.now());
      assert.deepEqual(await there(store), []);
    });

    it("drops decisions by their age, in small steps", async () => {
      await using under = await open();
      const { store } = under;
      const ids = ["c", "a", "e", "b", "d"];
      await changed(
        store,
        ...ids.map((id, age): Change => ({ do: "decision.add", decision: aDecision(id, { timeMs: noonMs + age }) })),
      );
      const left = async (): Promise<string[]> => {
        const found = await Promise.all(ids.map((id) => store.operations.decision("acme", id)));
        return found.flatMap((decision) => (decision === undefined ? [] : [decision.operation]));
      };
      const { more } = await store.upkeep.prune({ beforeMs: noonMs + 4, deadBeforeMs: 0, max: 3 });
      assert.equal(more, true);
      assert.deepEqual(await left(), ["b", "d"]);
      assert.equal(await pruned(store, noonMs + 4, 3), 1);
      assert.deepEqual(await left(), ["d"]);
    });

    it("forgets answers after a day, however long events are kept, and no sooner", async () => {
      await using under = await open();
      const { store, clock } = under;
      await givenApp(store);
      await changed(
        store,
        ...["a", "b", "c"].map((key): Change => ({ do: "remembered.add", remembered: aRemembered(key) })),
        { do: "remembered.add", remembered: aRemembered("late", at(1)) },
      );
      const left = async (): Promise<number> => {
        const places = ["a", "b", "c", "late"].map((key) => ({ tenant: "acme", principal: "ada", key }));
        const found = await Promise.all(places.map((place) => store.operations.remembered(place)));
        return found.filter((remembered) => remembered !== undefined).length;
      };
      clock.advance(dayMs);
      await pruned(store, clock.now());
      assert.equal(await left(), 4);
      clock.advance(1);
      assert.equal(await pruned(store, 0, 2), 2);
      assert.equal(await left(), 1);
    });
  });
}
