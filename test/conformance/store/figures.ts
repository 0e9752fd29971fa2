import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DeliveryRecord } from "../../../src/domain/delivery.ts";
import { untouched } from "../../../src/domain/health.ts";
import { latencyBand } from "../../../src/domain/latency.ts";
import type { Subscription } from "../../../src/domain/subscription.ts";
import { spanMs } from "../../../src/store/figures.ts";
import type { Store } from "../../../src/store/store.ts";
import {
  aBucket,
  anEvent,
  aRecord,
  aSubscription,
  changed,
  committed,
  dayMs,
  fedNow,
  givenBucket,
  givenSubscription,
  noonMs,
  tenantWithAda,
} from "./given.ts";
import type { OpenStore, StoreUnderTest } from "./under-test.ts";

interface Scene {
  readonly one: Subscription;
  readonly other: Subscription;
  readonly sequences: readonly number[];
}

/** Two subscriptions, of ada and bob, and so many events. */
async function aScene(at: StoreUnderTest, events = 6): Promise<Scene> {
  const bucket = await givenBucket(at.store);
  const bobs = aBucket({ owner: "bob" });
  await changed(at.store, { do: "bucket.add", bucket: bobs });
  const one = await givenSubscription(at.store, aSubscription(bucket.uuid));
  const other = await givenSubscription(at.store, aSubscription(bobs.uuid, { owner: "bob" }));
  const sequences = await committed(at.store, { events: Array.from({ length: events }, () => anEvent(bucket.uuid)) });
  return { one, other, sequences };
}

function took(record: DeliveryRecord, durationMs: number): DeliveryRecord {
  assert.ok(record.attempt);
  return { ...record, attempt: { ...record.attempt, durationMs } };
}

async function standing(store: Store, { number }: Subscription, nowMs = noonMs) {
  return (await store.figures.standing([number], nowMs)).get(number);
}

const wholeDay = { tenant: "acme", fromMs: noonMs - 3_600_000, toMs: noonMs + 3 * 3_600_000 } as const;

export function figuresConformance(open: OpenStore): void {
  describe("how a subscription stands", () => {
    it("is counted exactly as its deliveries change: sent, redriven, cleared, dropped", async () => {
      await using at = await open();
      const { one, other, sequences } = await aScene(at);
      const [first = 0, second = 0, third = 0, fourth = 0] = sequences;
      const record = (sequence: number, status: DeliveryRecord["status"]) => aRecord(sequence, one, { status });
      const counts = async () => {
        const ofTenant = await at.store.figures.open({ tenant: "acme" }, 99);
        assert.deepEqual(await at.store.figures.open({ subscription: one.number }, 99), ofTenant);
        return [ofTenant.waiting, ofTenant.dead];
      };
      await at.feed.settle({
        records: [
          record(first, "waiting"),
          record(second, "waiting"),
          record(third, "dead"),
          record(fourth, "delivered"),
        ],
        done: [],
      });
      assert.deepEqual(await counts(), [2, 1]);
      await at.feed.settle({ records: [record(first, "delivered")], done: [] });
      assert.deepEqual(await counts(), [1, 1]);
      for (const sequence of [third, fourth]) {
        await changed(at.store, { do: "delivery.redrive", sequence, subscription: one.number, dueMs: noonMs });
      }
      assert.deepEqual(await counts(), [3, 0]);
      await at.feed.settle({ records: [second, third].map((sequence) => record(sequence, "dead")), done: [] });
      assert.deepEqual(await counts(), [1, 2]);
      assert.deepEqual(await at.store.figures.open({ tenant: "acme" }, 1), { waiting: 1, dead: 1 });
      await changed(at.store, { do: "delivery.clear", subscription: one.number, sequence: third });
      assert.deepEqual(await counts(), [1, 1]);
      await at.reopen();
      assert.deepEqual(await counts(), [1, 1]);
      await fedNow(at.feed, sequences.length);
      await at.feed.settle({ records: [record(fourth, "delivered")], done: sequences });
      while ((await at.store.upkeep.prune({ beforeMs: noonMs + dayMs, deadBeforeMs: noonMs + dayMs, max: 9 })).more);
      assert.deepEqual(await counts(), [0, 0]);
      assert.deepEqual(await at.store.figures.open({ subscription: other.number }, 99), { waiting: 0, dead: 0 });
    });

    it("tells the last acknowledgement, the last failure and why, how many in a row and since when", async () => {
      await using at = await open();
      const { one, other, sequences } = await aScene(at);
      const [first = 0, second = 0] = sequences;
      const hour = Math.floor(at.clock.now() / spanMs.hour) * spanMs.hour;
      const failed = (number: number, startedMs: number, status: number) => ({
        ...aRecord(first, one, { status: "waiting", attempts: number }),
        attempt: { number, startedMs, durationMs: 5, status, reason: "status" as const },
      });
      await at.feed.settle({ records: [failed(1, noonMs + 10, 500), failed(2, noonMs + 20, 502)], done: [] });
      assert.deepEqual(await standing(at.store, other), untouched);
      assert.deepEqual(await standing(at.store, one, hour + 3 * 3_600_000), {
        failure: { atMs: noonMs + 25, reason: "status", status: 502 },
        failures: 2,
        failingSinceMs: noonMs + 15,
        attemptsPerMinute: 0,
      });
      await at.feed.settle({ records: [failed(3, noonMs + 30, 503)], done: [] });
      assert.equal((await standing(at.store, one))?.failures, 3);
      const well = took(aRecord(second, one, { status: "delivered" }), 40);
      await at.feed.settle({ records: [well], done: [] });
      const { usualMs = 0, ...then } = (await standing(at.store, one, hour + 3_600_000)) ?? untouched;
      assert.ok(usualMs > 30 && usualMs <= 50);
      const acknowledged = {
        acknowledgedMs: noonMs + 41,
        failure: { atMs: noonMs + 35, reason: "status", status: 503 },
      };
      assert.deepEqual(then, { ...acknowledged, failures: 0, attemptsPerMinute: 4 / 60 });
      at.clock.advance(2 * 3_600_000);
      await at.reopen();
      await at.feed.settle({ records: [{ ...failed(4, noonMs + 50, 503), attempts: 4 }], done: [] });
      const later = await standing(at.store, one, at.clock.now());
      assert.deepEqual([later?.acknowledgedMs, later?.failures], [noonMs + 41, 1], "carried over to another hour");
    });

    it("is listed of live ones that the caller sees, with the oldest that waits", async () => {
      await using at = await open();
      const { one, other, sequences } = await aScene(at);
      const records = [one, other].map((of) => aRecord(sequences[1] ?? 0, of, { status: "waiting" }));
      await at.feed.settle({ records, done: [] });
      const query = { tenant: "acme", nowMs: noonMs };
      const all = await at.store.figures.standings(query, { max: 9 });
      assert.deepEqual(
        all.map(({ number, standing: { failures } }) => [number, failures]),
        [
          [other.number, 1],
          [one.number, 1],
        ],
      );
      const viewer = { name: "bob", developer: false };
      const seen = await at.store.figures.standings({ ...query, viewer }, { max: 9 });
      assert.deepEqual(
        seen.map(({ number }) => number),
        [other.number],
      );
      assert.equal((await at.store.figures.standings(query, { max: 9, after: other.number })).length, 1);
      const { figures } = at.store;
      assert.equal(await figures.oldestWaiting({ tenant: "acme" }), noonMs);
      assert.equal(await figures.oldestWaiting({ subscription: one.number }), noonMs);
      assert.equal(await figures.oldestWaiting({ subscription: 999 }), undefined);
      assert.equal(await figures.oldestWaiting({ tenant: "nobody" }), undefined);
    });
  });

  describe("figures", () => {
    it("count what was accepted and sent, by minute and hour, by face and subscription, with how long it took and why it failed", async () => {
      await using at = await open();
      const { one, other, sequences } = await aScene(at);
      const [first = 0, second = 0, third = 0] = sequences;
      await at.feed.settle({
        records: [
          took(aRecord(first, one, { status: "delivered" }), 4),
          took(aRecord(second, one, { status: "delivered" }), 90_000),
          aRecord(third, one, { status: "dead" }),
          aRecord(first, other, { status: "waiting" }),
        ],
        done: [],
      });
      const bands = Array.from({ length: latencyBand(90_000) + 1 }, () => 0);
      for (const ms of [4, 90_000]) bands[latencyBand(ms)] = 1;
      for (const span of ["minute", "hour"] as const) {
        const atMs = Math.floor(at.clock.now() / spanMs[span]) * spanMs[span];
        const range = { tenant: "acme", span, fromMs: atMs, toMs: atMs + spanMs[span] };
        const sent = { atMs, face: "objects", events: 0, attempts: 4, delivered: 2, dead: 1 };
        const accepted = { atMs, events: 6, attempts: 0, delivered: 0, dead: 0 };
        assert.deepEqual(await at.store.figures.totals({ ...range, latency: true }), [
          { ...accepted, bands: [] },
          { ...sent, bands },
        ]);
        assert.deepEqual(await at.store.figures.totals(range), [
          { ...accepted, bands: [] },
          { ...sent, bands: [] },
        ]);
        assert.deepEqual(await at.store.figures.reasons(range), [{ atMs, reason: "status", attempts: 2, dead: 1 }]);
        assert.deepEqual(await at.store.figures.totals({ ...range, tenant: "other" }), []);
        assert.deepEqual(await at.store.figures.totals({ ...range, fromMs: atMs + 1, toMs: atMs + 2 }), []);
      }
      const atMs = Math.floor(at.clock.now() / spanMs.hour) * spanMs.hour;
      const hour = { tenant: "acme", atMs };
      const ofOne = { attempts: 3, delivered: 2, dead: 1, bands: [] };
      const ofOther = { attempts: 1, delivered: 0, dead: 0, bands: [] };
      const { figures } = at.store;
      const face = "objects";
      const theirs = { atMs, subscription: other.number, face, ...ofOther };
      assert.deepEqual(await figures.ofHour(hour), {
        counted: [{ atMs, subscription: one.number, face, ...ofOne }, theirs],
        looked: 2,
      });
      const viewer = { name: "bob", developer: false };
      assert.deepEqual(await figures.ofHour({ ...hour, viewer }), { counted: [theirs], looked: 2 });
      const alone = { ...hour, subscription: one.number, latency: true };
      const counted = [{ atMs, subscription: one.number, face, ...ofOne, bands }];
      assert.deepEqual(await figures.ofHour(alone), { counted, looked: 1 });
      const why = (attempts: number, dead: number) => [{ atMs, reason: "status", attempts, dead }];
      assert.deepEqual((await figures.reasonsOfHour({ ...hour, viewer })).counted, why(1, 0));
      assert.deepEqual((await figures.reasonsOfHour(alone)).counted, why(1, 1));
      assert.deepEqual(await figures.ofHour({ tenant: "acme", atMs: atMs + spanMs.hour }), { counted: [], looked: 0 });
    });

    it("of minutes go after two days, of hours after ninety", async () => {
      await using at = await open();
      const { one, sequences } = await aScene(at);
      await at.feed.settle({ records: [aRecord(sequences[0] ?? 0, one, { status: "dead" })], done: [] });
      const prune = async () => {
        while ((await at.store.upkeep.prune({ beforeMs: 0, deadBeforeMs: 0, max: 1 })).more);
      };
      const left = async () => {
        const { figures } = at.store;
        const atMs = Math.floor(noonMs / spanMs.hour) * spanMs.hour;
        return [
          (await figures.totals({ ...wholeDay, span: "minute" })).length,
          (await figures.reasons({ ...wholeDay, span: "minute" })).length,
          (await figures.totals({ ...wholeDay, span: "hour" })).length,
          (await figures.reasons({ ...wholeDay, span: "hour" })).length,
          (await figures.ofHour({ tenant: "acme", atMs })).looked,
        ];
      };
      await prune();
      assert.deepEqual(await left(), [2, 1, 2, 1, 1]);
      at.clock.advance(2 * dayMs + 60_000);
      await prune();
      assert.deepEqual(await left(), [0, 0, 2, 1, 1]);
      at.clock.advance(88 * dayMs + 3_600_000);
      await prune();
      assert.deepEqual(await left(), [0, 0, 0, 0, 0]);
    });

    it("of a subscription's newest deliveries have each attempt once", async () => {
      await using at = await open();
      const { one, sequences } = await aScene(at);
      const [first = 0, second = 0, third = 0] = sequences;
      for (const attempts of [1, 2]) {
        await at.feed.settle({ records: [aRecord(first, one, { status: "waiting", attempts })], done: [] });
      }
      await at.feed.settle({ records: [aRecord(first, one, { status: "dead", attempts: 3 })], done: [] });
      const captured = aRecord(second, one, { status: "delivered" });
      assert.ok(captured.attempt);
      const wire = { address: "10.0.0.7" };
      await at.feed.settle({ records: [{ ...captured, attempt: { ...captured.attempt, wire } }], done: [] });
      await at.feed.settle({ records: [aRecord(third, one, { status: "delivered" })], done: [] });
      await changed(at.store, { do: "delivery.redrive", sequence: third, subscription: one.number, dueMs: noonMs });
      await at.feed.settle({ records: [aRecord(third, one, { status: "delivered", attempts: 2 })], done: [] });
      const ended = { endedMs: noonMs + 8, durationMs: 7 };
      const failed = { ...ended, reason: "status" };
      const { attempts, looked, next } = await at.store.figures.newestAttempts(one.number, { max: 9 });
      assert.deepEqual(attempts, [ended, ended, ended, failed, failed, { ...failed, died: true }]);
      assert.deepEqual([looked, next], [3, undefined]);
      const page = await at.store.figures.newestAttempts(one.number, { max: 2 });
      assert.deepEqual([page.looked, page.next?.sequence], [2, second]);
      const rest = await at.store.figures.newestAttempts(one.number, { max: 2, after: second });
      assert.deepEqual([rest.looked, rest.attempts.length, rest.next], [1, 3, undefined]);
    });

    it("of tenants do not meet", async () => {
      await using at = await open();
      await aScene(at);
      await changed(at.store, ...tenantWithAda("other"));
      await committed(at.store, { events: [anEvent(aBucket().uuid, { tenant: "other" })] });
      const of = (tenant: string) => at.store.figures.totals({ ...wholeDay, tenant, span: "hour" });
      assert.deepEqual(
        (await of("other")).map(({ events }) => events),
        [1],
      );
      assert.deepEqual(
        (await of("acme")).map(({ events }) => events),
        [6],
      );
    });
  });
}
