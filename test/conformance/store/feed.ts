import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FedEvent, Feed } from "../../../src/store/feed.ts";
import { sequencesPerMs } from "../../../src/store/sql/events-sql.ts";
import type { Store } from "../../../src/store/store.ts";
import { keepBusy } from "../../support/busy.ts";
import {
  anEvent,
  aRecord,
  aSubscription,
  committed,
  fedNow,
  givenBucket,
  givenSubscription,
  recordedOf,
  uuid,
} from "./given.ts";
import type { OpenStore } from "./under-test.ts";

const never = new AbortController().signal;

async function publish(store: Store, count: number): Promise<readonly number[]> {
  const scope = uuid("bucket");
  return committed(store, { events: Array.from({ length: count }, () => anEvent(scope)) });
}

function sequences(fed: readonly FedEvent[]): number[] {
  return fed.map(({ event }) => event.sequence);
}

/** What the feed hands out to somebody who goes away when it has had the time to look. */
async function fedAtOnce(feed: Feed): Promise<FedEvent[]> {
  const leave = new AbortController();
  const fed = feed.next(99, leave.signal);
  setImmediate(() => leave.abort());
  return fed;
}

export function feedConformance(open: OpenStore): void {
  describe("the feed", () => {
    it("hands out what was committed, in order, at most so many at a time, each once", async () => {
      await using at = await open();
      await givenBucket(at.store);
      const published = await publish(at.store, 5);
      const first = await at.feed.next(2, never);
      const second = await at.feed.next(9, never);
      assert.deepEqual([sequences(first), sequences(second)], [published.slice(0, 2), published.slice(2)]);
      const [one] = first;
      assert.deepEqual(one, { event: await at.store.events.get(published[0] ?? 0), again: false, bytes: one?.bytes });
      assert.ok((one?.bytes ?? 0) > 0);
      assert.deepEqual(await fedAtOnce(at.feed), []);
    });

    it("hands out in order what many made at once, whatever became of others among them", async () => {
      await using at = await open();
      await givenBucket(at.store);
      const scope = uuid("bucket");
      const wanted: number[] = [];
      for (let round = 0; round < 4; round += 1) {
        keepBusy();
        const commits = Array.from({ length: 100 }, (_, index) =>
          at.store.commit({ events: [anEvent(scope, index % 50 === 20 + round ? { tenant: "nowhere" } : {})] }),
        );
        const outcomes = await Promise.allSettled(commits);
        assert.deepEqual(
          outcomes.flatMap(({ status }, index) => (status === "rejected" ? [index % 50] : [])),
          [20 + round, 20 + round],
        );
        const made = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
        wanted.push(...made.flatMap((commit) => (commit.kind === "committed" ? commit.sequences : [])));
      }
      const fed = sequences(await fedNow(at.feed, wanted.length));
      assert.deepEqual(
        fed,
        wanted.toSorted((one, other) => one - other),
      );
      assert.deepEqual(await fedAtOnce(at.feed), []);
    });

    it("knows the oldest of what is not done, taken or not", async () => {
      await using at = await open();
      await givenBucket(at.store);
      assert.equal(at.feed.oldestMs, undefined);
      const [first = 0, second = 0] = await publish(at.store, 2);
      const timeOf = (sequence: number): number => sequence / sequencesPerMs;
      assert.equal(at.feed.oldestMs, timeOf(first));
      await at.feed.next(1, never);
      assert.equal(at.feed.oldestMs, timeOf(first));
      await at.feed.settle({ records: [], done: [first] });
      assert.equal(at.feed.oldestMs, timeOf(second));
      await at.feed.next(1, never);
      await at.feed.settle({ records: [], done: [second] });
      assert.equal(at.feed.oldestMs, undefined);
    });

    it("hands an event to one of several who ask", async () => {
      await using at = await open();
      await givenBucket(at.store);
      const published = await publish(at.store, 9);
      const fedToAll = async (): Promise<number[]> => {
        const fed = await Promise.all([1, 2, 3].map(() => at.feed.next(3, never)));
        return fed.flatMap(sequences).sort((a, b) => a - b);
      };
      assert.deepEqual(await fedToAll(), published);
      await at.reopen();
      assert.deepEqual(await fedToAll(), published, "also of what the store alone has");
    });

    it("waits until there is something, without being woken", async () => {
      await using at = await open();
      await givenBucket(at.store);
      const waiting = at.feed.next(9, never);
      const published = await publish(at.store, 1);
      assert.deepEqual(sequences(await waiting), published);
    });

    it("hands out nothing once nobody wants it", async () => {
      await using at = await open();
      await givenBucket(at.store);
      const leave = new AbortController();
      const waiting = [at.feed.next(9, leave.signal), at.feed.next(9, leave.signal)];
      leave.abort();
      assert.deepEqual(await Promise.all(waiting), [[], []]);
      const published = await publish(at.store, 1);
      assert.deepEqual(await at.feed.next(9, leave.signal), []);
      assert.deepEqual(sequences(await fedNow(at.feed, 1)), published);
    });

    it("hands out again after a restart what was not done, and says so", async () => {
      await using at = await open();
      await givenBucket(at.store);
      const old = await publish(at.store, 4);
      await fedNow(at.feed, 3);
      await at.feed.settle({ records: [], done: old.slice(0, 2) });
      await at.reopen();
      const young = await publish(at.store, 2);
      const fed = await fedNow(at.feed, 4);
      assert.deepEqual(sequences(fed), [...old.slice(2), ...young]);
      assert.deepEqual(
        fed.map(({ again }) => again),
        [true, true, false, false],
      );
    });

    it("hands out nothing again when all was done, in whatever order", async () => {
      await using at = await open();
      await givenBucket(at.store);
      const [one = 0, two = 0, three = 0] = await publish(at.store, 3);
      await fedNow(at.feed, 3);
      for (const done of [[three], [one], [two]]) await at.feed.settle({ records: [], done });
      await at.reopen();
      assert.deepEqual(await fedAtOnce(at.feed), []);
      const published = await publish(at.store, 1);
      assert.deepEqual(sequences(await fedNow(at.feed, 1)), published);
    });

    it("never takes an event for done because a later one is", async () => {
      await using at = await open();
      await givenBucket(at.store);
      const [one = 0, two = 0, three = 0, four = 0] = await publish(at.store, 4);
      await fedNow(at.feed, 4);
      await at.feed.settle({ records: [], done: [one, three] });
      await at.reopen();
      const fed = sequences(await fedAtOnce(at.feed));
      assert.ok(fed.includes(two) && fed.includes(four));
      assert.ok(!fed.includes(one));
    });

    it("goes on after several restarts", async () => {
      await using at = await open();
      await givenBucket(at.store);
      const published = await publish(at.store, 3);
      for (const sequence of published) {
        assert.equal(sequences(await fedNow(at.feed, 1))[0], sequence);
        await at.feed.settle({ records: [], done: [sequence] });
        await at.reopen();
      }
      assert.deepEqual(await fedAtOnce(at.feed), []);
    });
  });

  describe("a settlement", () => {
    it("is durable when it resolves: records, and what is done", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const subscription = await givenSubscription(at.store, aSubscription(bucket.uuid));
      const [one = 0, two = 0] = await publish(at.store, 2);
      await fedNow(at.feed, 2);
      const records = [
        aRecord(one, subscription, { status: "delivered" }),
        aRecord(two, subscription, { status: "waiting" }),
      ];
      await at.feed.settle({ records, done: [one] });
      await at.reopen();
      const keys = new Set([`${one}/${subscription.number}`, `${two}/${subscription.number}`]);
      assert.deepEqual(await recordedOf(at.store, one, two), keys);
      assert.deepEqual(sequences(await fedAtOnce(at.feed)), [two]);
    });

    it("may be made twice", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const subscription = await givenSubscription(at.store, aSubscription(bucket.uuid));
      const [sequence = 0] = await publish(at.store, 1);
      await fedNow(at.feed, 1);
      const settlement = { records: [aRecord(sequence, subscription, { status: "dead" })], done: [sequence] };
      const seen = async (): Promise<unknown> => [
        await at.store.deliveries.list({ tenant: "acme" }, { max: 9 }),
        await at.store.deliveries.attempts({ sequence, subscription: subscription.number }),
      ];
      await at.feed.settle(settlement);
      const once = await seen();
      await at.feed.settle(settlement);
      assert.deepEqual(await seen(), once);
      const [next = 0] = await publish(at.store, 1);
      assert.deepEqual(sequences(await fedNow(at.feed, 1)), [next]);
    });

    it("may be one of many made at once", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const subscription = await givenSubscription(at.store, aSubscription(bucket.uuid));
      const published = await publish(at.store, 200);
      await fedNow(at.feed, 200);
      const settled = published.map((sequence) =>
        at.feed.settle({ records: [aRecord(sequence, subscription, { status: "delivered" })], done: [sequence] }),
      );
      await Promise.all(settled);
      await at.reopen();
      assert.equal((await recordedOf(at.store, 0, Number.MAX_SAFE_INTEGER)).size, 200);
      assert.deepEqual(await fedAtOnce(at.feed), []);
    });
  });
}
