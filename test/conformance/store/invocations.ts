import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Invocation } from "../../../src/domain/invocation.ts";
import type { InvocationNarrowing, InvocationQuery } from "../../../src/store/records.ts";
import type { Page, Store } from "../../../src/store/store.ts";
import { anEvent, aRecord, changed, committed, fedNow, noonMs, recordedOf } from "./given.ts";
import {
  anApp,
  anInvocation,
  aPendingInvocation,
  appNow,
  given,
  givenApp,
  givenFunction,
  givenSubscriber,
} from "./given-functions.ts";
import type { OpenStore } from "./under-test.ts";

async function numbers(store: Store, query: InvocationQuery, after?: number, max = 99): Promise<number[]> {
  const page = { max, ...(after === undefined ? {} : { after }) };
  return (await store.invocations.invocations(query, page)).map(({ number }) => number);
}

/** Of the first attempt of a POST delivery. */
const post = { trigger: "post", sequence: 7, subscription: 3, attempt: 1 } as const;

export function invocationsConformance(open: OpenStore): void {
  describe("numbers of invocations", () => {
    it("begin at 1 and never repeat: for whoever asks at once, and after a restart", async () => {
      await using at = await open();
      assert.equal(await at.store.invocations.reserveInvocations(3), 1);
      assert.equal(await at.store.invocations.reserveInvocations(1), 4);
      const counts = [5, 1, 100, 1, 2, 7];
      const firsts = await Promise.all(counts.map((count) => at.store.invocations.reserveInvocations(count)));
      const given = firsts.flatMap((first, index) =>
        Array.from({ length: counts[index] ?? 0 }, (_, nth) => first + nth),
      );
      assert.deepEqual(
        given.toSorted((a, b) => a - b),
        Array.from({ length: 116 }, (_, index) => index + 5),
      );
      await at.reopen();
      assert.equal(await at.store.invocations.reserveInvocations(1), 121);
      assert.equal(await at.store.users.reserveNumbers(1), 1, "those of users are others");
    });

    it("are given out one at least", async () => {
      await using at = await open();
      for (const count of [0, -1, 1.5, Number.NaN]) {
        await assert.rejects(at.store.invocations.reserveInvocations(count), RangeError);
      }
      assert.equal(await at.store.invocations.reserveInvocations(1), 1);
    });
  });

  describe("invocations", () => {
    it("are read back exactly, whatever there is of them", async () => {
      await using at = await open();
      const error = { name: "TypeError", message: "no ä", stack: "function.js:1:2" };
      const patch = { attributes: { colour: null } };
      const all: Invocation[] = [
        anInvocation(1, { result: { a: [1, null] }, logsCut: true }),
        anInvocation(2, { result: null, logs: [] }),
        anInvocation(3, { trigger: "pre", subscription: 4, verdict: { decision: "allow", patch } }),
        anInvocation(4, { ...post, status: "failed", reason: "threw", error }),
        aPendingInvocation(5),
        anInvocation(6, { status: "failed", reason: "refused" }),
      ];
      await given(at.store, ...all);
      for (const invocation of all) {
        assert.deepEqual(await at.store.invocations.invocation(invocation.number), invocation);
      }
      assert.equal(await at.store.invocations.invocation(7), undefined);
    });

    it("of a delivery are found by its attempt", async () => {
      await using at = await open();
      const first = anInvocation(1, post);
      const second = anInvocation(2, { ...post, attempt: 2 });
      await given(at.store, first, second);
      const { sequence, subscription } = post;
      const of = (attempt: number) => at.store.invocations.invocationOf({ sequence, subscription, attempt });
      assert.deepEqual([await of(1), await of(2), await of(3)], [first, second, undefined]);
    });

    it("take the place of a pending one by number, and never that of one that has ended", async () => {
      await using at = await open();
      await given(at.store, aPendingInvocation(1), aPendingInvocation(2));
      await given(at.store, aPendingInvocation(1, { version: 2, createdMs: noonMs + 1 }));
      const ended = anInvocation(1, { version: 3, status: "failed", reason: "timeout", createdMs: noonMs + 2 });
      await given(at.store, ended);
      await given(at.store, anInvocation(1, { result: 1 }), aPendingInvocation(1));
      assert.deepEqual(await at.store.invocations.invocation(1), ended);
      assert.deepEqual(await at.store.invocations.invocation(2), aPendingInvocation(2));
      assert.deepEqual(
        await numbers(at.store, { tenant: "acme", function: 1, status: "pending" }),
        [2],
        "the lists know it, too",
      );
    });

    it("take the place of a pending one of the same attempt, which keeps its number", async () => {
      await using at = await open();
      await given(at.store, aPendingInvocation(1, post));
      await given(at.store, anInvocation(2, { ...post, version: 5, result: "done" }));
      const kept = anInvocation(1, { ...post, version: 5, result: "done" });
      const there = { ...kept, eventId: "event of 2", operation: "operation of 2" };
      assert.deepEqual(await at.store.invocations.invocationOf(post), there);
      await given(at.store, anInvocation(3, { ...post, status: "failed", reason: "threw" }));
      assert.deepEqual(await at.store.invocations.invocationOf(post), there);
      assert.deepEqual(await numbers(at.store, { tenant: "acme", function: 1 }), [1]);
    });

    it("may learn later of which attempt they are", async () => {
      await using at = await open();
      await given(at.store, aPendingInvocation(1, { trigger: "post" }), aPendingInvocation(2, { trigger: "post" }));
      await given(at.store, anInvocation(1, post));
      assert.deepEqual(await at.store.invocations.invocationOf(post), anInvocation(1, post));
      await given(at.store, anInvocation(2, { ...post, result: "again" }));
      assert.deepEqual(await at.store.invocations.invocationOf(post), anInvocation(1, post));
      assert.equal((await at.store.invocations.invocation(2))?.status, "pending");
    });

    it("come newest first, of one function, by status and trigger, in pages", async () => {
      await using at = await open();
      const failed = { status: "failed", reason: "threw" } as const;
      await given(
        at.store,
        anInvocation(1),
        anInvocation(2, { trigger: "pre", subscription: 1 }),
        anInvocation(3, failed),
        anInvocation(4, { function: 2 }),
        aPendingInvocation(5),
        anInvocation(6, post),
        anInvocation(7, { ...post, ...failed, attempt: 2 }),
        anInvocation(8),
      );
      assert.deepEqual(await numbers(at.store, { tenant: "acme", function: 1 }), [8, 7, 6, 5, 3, 2, 1]);
      assert.deepEqual(await numbers(at.store, { tenant: "acme", function: 1 }, undefined, 3), [8, 7, 6]);
      assert.deepEqual(await numbers(at.store, { tenant: "acme", function: 1 }, 6, 3), [5, 3, 2]);
      assert.deepEqual(await numbers(at.store, { tenant: "acme", function: 1 }, 1), []);
      assert.deepEqual(await numbers(at.store, { tenant: "acme", function: 2 }), [4]);
      assert.deepEqual(await numbers(at.store, { tenant: "acme", function: 1, status: "failed" }), [7, 3]);
      assert.deepEqual(await numbers(at.store, { tenant: "acme", function: 1, trigger: "invoke" }), [8, 5, 3, 1]);
      assert.deepEqual(
        await numbers(at.store, { tenant: "acme", function: 1, status: "succeeded", trigger: "invoke" }, 8),
        [1],
      );
    });

    it("are looked through for app, version and time, a bounded number at once", async () => {
      await using at = await open();
      const one = await givenApp(at.store);
      await changed(at.store, { do: "app.add", app: anApp({ slug: "other" }) });
      const other = await appNow(at.store, { tenant: "acme", slug: "other" });
      const { number: fn } = await givenFunction(at.store, one);
      const { number: beside } = await givenFunction(at.store, other);
      await given(
        at.store,
        anInvocation(1, { function: fn }),
        anInvocation(2, { function: beside, version: 2 }),
        anInvocation(3, { function: fn, version: 2, createdMs: noonMs + 60_000 }),
        anInvocation(4, { tenant: "other", function: fn }),
        anInvocation(5, { function: fn, createdMs: noonMs + 60_000 }),
      );
      const found = async (narrowing: InvocationNarrowing, page: Page<number> = { max: 9 }) => {
        const query = { tenant: "acme", narrowing };
        const { invocations, next } = await at.store.invocations.narrowedInvocations(query, page);
        return [invocations.map(({ number }) => number), next];
      };
      assert.deepEqual(await found({ app: one.number }), [[5, 3, 1], undefined]);
      assert.deepEqual(await found({ app: other.number }), [[2], undefined]);
      assert.deepEqual(await found({ version: 2 }), [[3, 2], undefined]);
      assert.deepEqual(await found({ sinceMs: noonMs + 60_000 }), [[5, 3], undefined]);
      assert.deepEqual(await found({ untilMs: noonMs + 60_000 }), [[2, 1], undefined]);
      assert.deepEqual(await found({ app: one.number }, { max: 2 }), [[5, 3], 3]);
      assert.deepEqual(await found({ app: one.number }, { max: 2, after: 3 }), [[1], undefined]);
      const many = Array.from({ length: 1_200 }, (_, index) => anInvocation(index + 10, { function: fn }));
      for (let from = 0; from < many.length; from += 300) await given(at.store, ...many.slice(from, from + 300));
      const pages: (number | undefined)[] = [];
      let after: number | undefined;
      do {
        const page = { max: 9, ...(after === undefined ? {} : { after }) };
        const looked = await at.store.invocations.narrowedInvocations(
          { tenant: "acme", narrowing: { version: 2 } },
          page,
        );
        pages.push(...looked.invocations.map(({ number }) => number));
        assert.equal(looked.searchedMs === undefined, looked.next === undefined);
        after = looked.next;
      } while (after !== undefined);
      assert.deepEqual(pages, [3, 2]);
    });

    it("come newest first, of a whole tenant, by function, event type, status and trigger, in pages", async () => {
      await using at = await open();
      const [failed, other] = [{ status: "failed", reason: "threw" } as const, { eventType: "PRE_USER_DELETE" }];
      await given(
        at.store,
        anInvocation(1),
        anInvocation(2, { function: 2, ...other, ...failed }),
        anInvocation(3, { tenant: "other", function: 3 }),
        anInvocation(4, { trigger: "pre", subscription: 1, ...other }),
        aPendingInvocation(5),
        anInvocation(6, { function: 2, ...failed }),
      );
      const tenant = "acme";
      assert.deepEqual(await numbers(at.store, { tenant }), [6, 5, 4, 2, 1]);
      assert.deepEqual(await numbers(at.store, { tenant }, 5, 2), [4, 2]);
      assert.deepEqual(await numbers(at.store, { tenant, status: "failed" }), [6, 2]);
      assert.deepEqual(await numbers(at.store, { tenant, trigger: "pre" }), [4]);
      assert.deepEqual(await numbers(at.store, { tenant, ...other }), [4, 2]);
      assert.deepEqual(await numbers(at.store, { tenant, ...other, status: "failed" }), [2]);
      assert.deepEqual(await numbers(at.store, { tenant, function: 2 }), [6, 2]);
      assert.deepEqual(await numbers(at.store, { tenant, function: 2, ...other }), [2]);
      assert.deepEqual(await numbers(at.store, { tenant, function: 3 }), [], "of another tenant");
      assert.deepEqual(await numbers(at.store, { tenant: "other" }), [3]);
      assert.deepEqual(await numbers(at.store, { tenant: "nobody" }), []);
    });
  });

  describe("a settlement with invocations", () => {
    it("ends one that is pending when its delivery is given up because nobody is left to receive it", async () => {
      await using at = await open();
      const fn = await givenFunction(at.store, await givenApp(at.store));
      const subscriber = await givenSubscriber(at.store, fn, "POST_USER_CREATE");
      const [sequence = 0] = await committed(at.store, { events: [anEvent(fn.appUuid)] });
      await fedNow(at.feed, 1);
      const place = { ...post, sequence, subscription: subscriber.number };
      await given(at.store, aPendingInvocation(1, place), aPendingInvocation(2, { ...place, sequence: sequence + 1 }));
      const dead = { status: "dead", reason: "subscription_deleted" } as const;
      await at.feed.settle({ records: [aRecord(sequence, subscriber, dead)], done: [sequence] });
      const { status, reason, error } = (await at.store.invocations.invocation(1)) ?? {};
      assert.deepEqual([status, reason], ["failed", "cancelled"]);
      assert.match(error?.message ?? "", /subscription was deleted/);
      assert.equal((await at.store.invocations.invocation(2))?.status, "pending");
    });

    it("makes each durable with its attempt, and may be made twice", async () => {
      await using at = await open();
      const fn = await givenFunction(at.store, await givenApp(at.store));
      const subscription = await givenSubscriber(at.store, fn, "POST_USER_CREATE");
      const [one = 0, two = 0] = await committed(at.store, {
        events: [anEvent(fn.appUuid), anEvent(fn.appUuid)],
      });
      await fedNow(at.feed, 2);
      const first = await at.store.invocations.reserveInvocations(2);
      const of = { function: fn.number, trigger: "post", subscription: subscription.number } as const;
      const well = anInvocation(first, { ...of, sequence: one });
      const ill = anInvocation(first + 1, { ...of, sequence: two, status: "failed", reason: "threw" });
      const settlement = {
        records: [
          aRecord(one, subscription, { status: "delivered", invocation: well }),
          aRecord(two, subscription, { status: "waiting", invocation: ill }),
        ],
        done: [one, two],
      };
      await at.feed.settle(settlement);
      await at.feed.settle(settlement);
      await at.reopen();
      assert.deepEqual(await at.store.invocations.invocations({ tenant: "acme", function: fn.number }, { max: 9 }), [
        ill,
        well,
      ]);
      assert.equal((await recordedOf(at.store, one, two)).size, 2);
      const place = { sequence: two, subscription: subscription.number };
      assert.equal((await at.store.deliveries.attempts(place)).length, 1);
    });

    it("ends what a unit recorded as pending", async () => {
      await using at = await open();
      const fn = await givenFunction(at.store, await givenApp(at.store));
      const subscription = await givenSubscriber(at.store, fn, "POST_USER_CREATE");
      const [sequence = 0] = await committed(at.store, { events: [anEvent(fn.appUuid)] });
      await fedNow(at.feed, 1);
      const of = { ...post, function: fn.number, sequence, subscription: subscription.number };
      await changed(at.store, { do: "invocation.put", invocation: aPendingInvocation(1, of) });
      const invocation = anInvocation(2, { ...of, eventId: "event of 1", operation: "operation of 1" });
      const records = [aRecord(sequence, subscription, { status: "delivered", invocation })];
      await at.feed.settle({ records, done: [sequence] });
      assert.deepEqual(await at.store.invocations.invocationOf(of), { ...invocation, number: 1 });
    });
  });
}
