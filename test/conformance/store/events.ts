import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { NewEvent } from "../../../src/domain/event.ts";
import { readTogetherBytes } from "../../../src/store/page.ts";
import type { UsagePlace, UsageQuery } from "../../../src/store/store.ts";
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
  uuid,
} from "./given.ts";
import type { OpenStore, StoreUnderTest } from "./under-test.ts";

function dayOf(at: StoreUnderTest): string {
  return new Date(at.clock.now()).toISOString().slice(0, 10);
}

export function eventsConformance(open: OpenStore): void {
  describe("events", () => {
    it("are read back exactly", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const full = anEvent(bucket.uuid, {
        names: { objects: "OBJECT_CREATED_PUT", notifications: "UPLOADED", lifecycle: "POST_OBJECT_PUT" },
        data: {
          key: "päth/🗝\u{1}",
          size: 5_497_558_138_880,
          nested: { list: [1.5, null, true, "x", [], {}], "": "empty name" },
        },
        parents: [
          { uuid: bucket.uuid, kind: "bucket", owner: "ada" },
          { uuid: uuid("app"), kind: "app", owner: "" },
        ],
      });
      const { scope: _, actor: __, ...bare }: NewEvent = anEvent(bucket.uuid, { names: {}, data: {} });
      const sequences = await committed(at.store, { events: [full, bare] });
      const [first = 0, second = 0] = sequences;
      assert.deepEqual(await at.store.events.get(first), { ...full, sequence: first, revision: 0 });
      assert.deepEqual(await at.store.events.get(second), { ...bare, sequence: second, revision: 0 });
      assert.equal(await at.store.events.get(second + 1), undefined);
    });

    it("come in order of sequence after one", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const events = [1, 2, 3, 4].map(() => anEvent(bucket.uuid));
      const sequences = await committed(at.store, { events });
      const after = async (sequence: number, max: number): Promise<number[]> =>
        (await at.store.events.after(sequence, max)).map((event) => event.sequence);
      assert.deepEqual(await after(0, 3), sequences.slice(0, 3));
      assert.deepEqual(await after(sequences[1] ?? 0, 9), sequences.slice(2));
      assert.deepEqual(await after(sequences[3] ?? 0, 9), []);
    });

    it("of one scope come newest first", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      await changed(at.store, ...tenantWithAda("other"));
      const scopes = [bucket.uuid, uuid("bucket"), bucket.uuid, bucket.uuid];
      const [first, , third, fourth] = await committed(at.store, { events: scopes.map((scope) => anEvent(scope)) });
      await committed(at.store, { events: [anEvent(bucket.uuid, { tenant: "other" })] });
      const recent = async (max: number): Promise<number[]> => {
        const { events } = await at.store.events.recent({ tenant: "acme", scope: bucket.uuid }, { max });
        return events.map((event) => event.sequence);
      };
      assert.deepEqual(await recent(9), [fourth, third, first]);
      assert.deepEqual(await recent(2), [fourth, third]);
      const before = { max: 9, after: fourth ?? 0 };
      const older = await at.store.events.recent({ tenant: "acme", scope: bucket.uuid }, before);
      assert.deepEqual(
        older.events.map((event) => event.sequence),
        [third, first],
      );
      assert.equal(older.next, undefined);
    });

    it("of one scope are narrowed to a value in their data, at any depth, and to a time", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const odd = '":"a"\\\n🗝\u{1}';
      const moved = { key: "c", from: { bucket: "x", key: "a" } };
      const datas = [{ key: "a" }, { key: "b" }, moved, { key: "a" }, {}, { key: odd }];
      const events = datas.map((data, index) => anEvent(bucket.uuid, { data, timeMs: noonMs + index * 1_000 }));
      const sequences = await committed(at.store, { events });
      const recent = async (over: object): Promise<number[]> => {
        const query = { tenant: "acme", scope: bucket.uuid, ...over };
        const found = await at.store.events.recent(query, { max: 9 });
        return found.events.map(({ sequence }) => sequences.indexOf(sequence));
      };
      assert.deepEqual(await recent({ withValue: "a" }), [3, 2, 0]);
      assert.deepEqual(await recent({ withValue: "c" }), [2]);
      for (const none of ["none", "key", "", ":"]) assert.deepEqual(await recent({ withValue: none }), []);
      assert.deepEqual(await recent({ withValue: odd }), [5]);
      assert.deepEqual(await recent({ withValue: "a", sinceMs: noonMs + 1_000, untilMs: noonMs + 3_000 }), [2]);
      assert.deepEqual(await recent({ sinceMs: noonMs + 4_000 }), [5, 4]);
      assert.deepEqual(await recent({ untilMs: noonMs }), []);
    });

    it("of all scopes are narrowed to a face, a name there, and to what is in a resource", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const [app, file] = [uuid("app"), uuid("file")];
      const parents = [{ uuid: app, kind: "app", owner: "ada" }];
      const { scope: _, ...bare }: NewEvent = anEvent(bucket.uuid, { names: { lifecycle: "POST_A" } });
      const events: readonly NewEvent[] = [
        anEvent(bucket.uuid, { names: { objects: "OBJECT_DELETED", notifications: "DELETED" } }),
        bare,
        { ...bare, id: anEvent(bucket.uuid).id, names: { lifecycle: "POST_B" }, resource: file },
        anEvent(bucket.uuid, { names: { notifications: "CREATED" }, parents }),
      ];
      const sequences = await committed(at.store, { events: [...events] });
      const recent = async (over: object): Promise<number[]> => {
        const found = await at.store.events.recent({ tenant: "acme", ...over }, { max: 9 });
        return found.events.map(({ sequence }) => sequences.indexOf(sequence));
      };
      assert.deepEqual(await recent({}), [3, 2, 1, 0]);
      assert.deepEqual(await recent({ face: "lifecycle" }), [2, 1]);
      assert.deepEqual(await recent({ face: "lifecycle", name: "POST_A" }), [1]);
      assert.deepEqual(await recent({ face: "notifications" }), [3, 0]);
      assert.deepEqual(await recent({ about: bucket.uuid }), [3, 0]);
      assert.deepEqual(await recent({ about: app }), [3]);
      assert.deepEqual(await recent({ about: file }), [2]);
      assert.deepEqual(await recent({ about: uuid("bucket") }), []);
    });

    it("that are large are not all read at once", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const data = { text: "x".repeat(readTogetherBytes) };
      const events = [{ ...anEvent(bucket.uuid), data }, { ...anEvent(bucket.uuid), data }, anEvent(bucket.uuid)];
      const [first, second, third] = await committed(at.store, { events });
      const query = { tenant: "acme", scope: bucket.uuid };
      const newest = await at.store.events.recent(query, { max: 9 });
      assert.deepEqual([newest.events.map(({ sequence }) => sequence), newest.next], [[third, second], second]);
      const oldest = await at.store.events.recent(query, { max: 9, after: newest.next ?? 0 });
      assert.deepEqual(
        oldest.events.map(({ sequence }) => sequence),
        [first],
      );
    });

    it("are dispatched up to where that is durable", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const sequences = await committed(at.store, { events: [anEvent(bucket.uuid), anEvent(bucket.uuid)] });
      assert.equal(await at.store.events.isDispatched(sequences[0] ?? 0), false);
      await fedNow(at.feed, 2);
      await at.feed.settle({ records: [], done: [sequences[0] ?? 0] });
      assert.equal(await at.store.events.isDispatched(sequences[0] ?? 0), true);
    });
  });

  describe("usage", () => {
    it("counts per day and scope what was accepted, and per subscription what was sent", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const other = aBucket();
      await changed(at.store, { do: "bucket.add", bucket: other }, ...tenantWithAda("other"));
      const subscription = await givenSubscription(at.store, aSubscription(bucket.uuid));
      const sequences = await committed(at.store, {
        events: [anEvent(bucket.uuid), anEvent(bucket.uuid), anEvent(other.uuid)],
      });
      await committed(at.store, { events: [anEvent(bucket.uuid, { tenant: "other" })] });
      const [first = 0, second = 0] = sequences;
      const day = dayOf(at);
      await at.feed.settle({
        records: [
          aRecord(first, subscription, { status: "delivered" }),
          aRecord(second, subscription, { status: "waiting" }),
        ],
        done: [],
      });
      at.clock.advance(dayMs);
      const nextDay = dayOf(at);
      await at.feed.settle({
        records: [aRecord(second, subscription, { status: "dead", attempts: 2 })],
        done: [],
      });

      const none = { accepted: 0, attempts: 0, delivered: 0, dead: 0 };
      const accepted = { ...none, day, scope: bucket.uuid, accepted: 2 };
      const elsewhere = { ...none, day, scope: other.uuid, accepted: 1 };
      const of = { scope: bucket.uuid, subscription: subscription.uuid };
      const sent = { ...none, day, ...of, attempts: 2, delivered: 1 };
      const died = { ...none, day: nextDay, ...of, attempts: 1, dead: 1 };
      const usage = async (query: Partial<UsageQuery>): Promise<unknown> => {
        const whole = { tenant: "acme", fromDay: day, toDay: nextDay, ...query };
        const rows: unknown[] = [];
        for (let after: UsagePlace | undefined; ; ) {
          const page = await at.store.events.usage(whole, { max: 1, ...(after === undefined ? {} : { after }) });
          rows.push(...page.usage);
          after = page.next;
          if (after === undefined) return rows;
        }
      };
      assert.deepEqual(await usage({}), [accepted, sent, elsewhere, died]);
      assert.deepEqual(await usage({ scope: other.uuid }), [elsewhere]);
      assert.deepEqual(await usage({ subscription: subscription.uuid }), [sent, died]);
      assert.deepEqual(await usage({ fromDay: nextDay }), [died]);
      assert.deepEqual(await usage({ toDay: day, scope: bucket.uuid }), [accepted, sent]);
    });

    it("counts nothing of a unit that was refused or failed", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const events = [anEvent(bucket.uuid)];
      await at.store.commit({ conditions: [{ if: "tenant.exists", id: "nowhere" }], events });
      await assert.rejects(at.store.commit({ events: [...events, anEvent(bucket.uuid, { tenant: "nowhere" })] }));
      const day = dayOf(at);
      const query = { tenant: "acme", fromDay: day, toDay: day };
      assert.deepEqual(await at.store.events.usage(query, { max: 9 }), { usage: [] });
    });

    it("counts an event without a scope for its resource", async () => {
      await using at = await open();
      const { scope: _, ...event } = anEvent((await givenBucket(at.store)).uuid);
      await committed(at.store, { events: [event] });
      const day = dayOf(at);
      const query = { tenant: "acme", fromDay: day, toDay: day };
      const [row] = (await at.store.events.usage(query, { max: 9 })).usage;
      assert.deepEqual([row?.scope, row?.accepted], [event.resource, 1]);
    });
  });
}
