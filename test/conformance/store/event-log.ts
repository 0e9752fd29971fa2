import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DeliveryRecord } from "../../../src/domain/delivery.ts";
import { uuidV7 } from "../../../src/domain/ids.ts";
import {
  aBucket,
  anEvent,
  aRecord,
  aSubscription,
  changed,
  committed,
  fedNow,
  givenBucket,
  givenSubscription,
  holds,
  noonMs,
  refused,
  tenantWithAda,
} from "./given.ts";
import type { OpenStore } from "./under-test.ts";

const operation = "0193489a-0000-7000-8000-00000000000a";

export function eventLogConformance(open: OpenStore): void {
  describe("events of an operation", () => {
    it("are those with its id and those whose data names it, of the tenant, oldest first", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      await changed(at.store, ...tenantWithAda("other"));
      const data = { operation, params: {} };
      const sequences = await committed(at.store, {
        events: [
          anEvent(bucket.uuid, { data }),
          anEvent(bucket.uuid),
          anEvent(bucket.uuid, { id: operation }),
          anEvent(bucket.uuid, { data: { params: { note: operation } } }),
          anEvent(bucket.uuid, { data, tenant: "other" }),
        ],
      });
      const nowMs = at.clock.now();
      const found = async (sinceMs: number, untilMs: number, id = operation): Promise<number[]> => {
        const { events, next } = await at.store.events.ofOperation({ tenant: "acme", id, sinceMs, untilMs });
        assert.equal(next, undefined);
        return events.map(({ sequence }) => sequences.indexOf(sequence));
      };
      assert.deepEqual(await found(nowMs, nowMs + 1_000), [0, 2]);
      assert.deepEqual(await found(0, nowMs + 1_000), [0, 2]);
      assert.deepEqual(await found(0, nowMs - 1_000), []);
      assert.deepEqual(await found(nowMs + 1_000, nowMs + 9_000), []);
      assert.deepEqual(await found(0, Number.MAX_SAFE_INTEGER, uuidV7({ nowMs, bytes: new Uint8Array(10) })), []);
    });

    it("are looked for in windows that together are all events, whatever lies between", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const others = Array.from({ length: 1_100 }, () => anEvent(bucket.uuid));
      await committed(at.store, { events: others });
      const [wanted] = await committed(at.store, { events: [anEvent(bucket.uuid, { id: operation })] });
      await committed(at.store, { events: others.slice(0, 1_100).map(() => anEvent(bucket.uuid)) });
      const query = { tenant: "acme", id: operation, sinceMs: 0, untilMs: at.clock.now() + 60_000 };
      const found: (number | undefined)[] = [];
      let windows = 0;
      for (let after: number | undefined = 0; after !== undefined; windows += 1) {
        const page: Awaited<ReturnType<typeof at.store.events.ofOperation>> = await at.store.events.ofOperation(
          query,
          after,
        );
        found.push(...page.events.map(({ sequence }) => sequence));
        after = page.next;
      }
      assert.deepEqual([found, windows], [[wanted], 3]);
    });
  });

  describe("deliveries of events", () => {
    it("are counted by how they stand, of those that the viewer sees", async () => {
      await using at = await open();
      const { store, feed } = at;
      const bucket = await givenBucket(store);
      const bens = aBucket({ owner: "ben" });
      await changed(store, { do: "bucket.add", bucket: bens });
      const [ada, off, ben] = [
        await givenSubscription(store, aSubscription(bucket.uuid)),
        await givenSubscription(store, aSubscription(bucket.uuid, { enabled: false })),
        await givenSubscription(store, aSubscription(bens.uuid, { owner: "ben" })),
      ];
      const [first = 0, second = 0, none = 0] = await committed(store, {
        events: Array.from({ length: 3 }, () => anEvent(bucket.uuid)),
      });
      const records: DeliveryRecord[] = [
        aRecord(first, ada, { status: "delivered" }),
        aRecord(first, off, { status: "waiting" }),
        aRecord(first, ben, { status: "dead" }),
        aRecord(second, ada, { status: "waiting" }),
      ];
      await feed.settle({ records, done: [] });
      const sequences = [second, none, first];
      const nothing = { waiting: 0, delivered: 0, dead: 0, paused: 0, more: false };
      const counts = (over: object) => store.deliveries.countsOfEvents({ tenant: "acme", sequences, ...over });
      const all = [{ ...nothing, waiting: 1 }, nothing, { ...nothing, delivered: 1, paused: 1, dead: 1 }];
      assert.deepEqual(await counts({}), all);
      const own = [{ ...nothing, waiting: 1 }, nothing, { ...nothing, delivered: 1, paused: 1 }];
      assert.deepEqual(await counts({ viewer: { name: "ada", developer: false } }), own);
      assert.deepEqual(await counts({ tenant: "other" }), [nothing, nothing, nothing]);
    });

    it("are added once, of an event that is kept, and wait for their first attempt", async () => {
      await using at = await open();
      const { store, feed } = at;
      const bucket = await givenBucket(store);
      const ada = await givenSubscription(store, aSubscription(bucket.uuid));
      const [sequence = 0, other = 0] = await committed(store, {
        events: [anEvent(bucket.uuid), anEvent(bucket.uuid)],
      });
      const fed = await fedNow(feed, 2);
      await feed.settle({ records: [], done: fed.map(({ event }) => event.sequence) });
      const place = { sequence, subscription: ada.number };
      const absent = { if: "delivery.absent", ...place } as const;
      await holds(store, absent);
      await refused(store, { ...absent, sequence: sequence - 1 });
      const waiting = { status: "waiting", attempts: 0, tries: 0, dueMs: noonMs, line: "a" } as const;
      const delivery = { ...place, tenant: "acme", ...waiting };
      await committed(store, { conditions: [absent], changes: [{ do: "delivery.add", delivery }] });
      await refused(store, absent);
      const due = await store.deliveries.due(ada.number, noonMs, 9);
      assert.deepEqual(
        due.map(({ event, attempts, line }) => [event.sequence, attempts, line]),
        [[sequence, 0, "a"]],
      );
      assert.equal((await store.deliveries.get(place))?.status, "waiting");
      await at.reopen();
      assert.equal((await at.store.deliveries.due(ada.number, noonMs, 9)).length, 1);
      // One that joins an ordered line waits for those that stand there.
      await changed(at.store, { do: "delivery.add", delivery: { ...delivery, sequence: other } });
      assert.equal((await at.store.deliveries.due(ada.number, noonMs, 9)).length, 1);
    });
  });
}
