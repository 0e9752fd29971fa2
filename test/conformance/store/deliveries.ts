import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DeliveryRecord } from "../../../src/domain/delivery.ts";
import type { Subscription, WebhookTarget } from "../../../src/domain/subscription.ts";
import type { DeliveryPlace, DeliveryQuery, Store } from "../../../src/store/store.ts";
import {
  aBucket,
  anEvent,
  aRecord,
  aSubscription,
  changed,
  committed,
  givenBucket,
  givenSubscription,
  noonMs,
  recordedOf,
  tenantWithAda,
} from "./given.ts";
import type { OpenStore, StoreUnderTest } from "./under-test.ts";

/** Two buckets of acme (ada's and bob's) and one of another tenant, a subscription to each, events and outcomes of all kinds. */
interface Scene {
  readonly ada: Subscription;
  readonly bob: Subscription;
  readonly other: Subscription;
  /** Happening one second after the other. */
  readonly sequences: readonly number[];
}

async function aScene(at: StoreUnderTest): Promise<Scene> {
  const adas = await givenBucket(at.store);
  const bobs = aBucket({ owner: "bob" });
  await changed(at.store, ...tenantWithAda("other"), { do: "bucket.add", bucket: bobs });
  const ada = await givenSubscription(at.store, aSubscription(adas.uuid));
  const bob = await givenSubscription(at.store, aSubscription(bobs.uuid));
  const other = await givenSubscription(at.store, aSubscription(aBucket().uuid, { tenant: "other" }));
  const events = Array.from({ length: 6 }, (_, index) => anEvent(adas.uuid, { timeMs: noonMs + 1_000 * index }));
  return { ada, bob, other, sequences: await committed(at.store, { events }) };
}

const statuses = ["delivered", "dead", "waiting"] as const;

/** Event i went to ada as `statuses[i % 3]`, the even ones to bob too, dead; the first to the other tenant. */
function outcomes({ ada, bob, other, sequences }: Scene): DeliveryRecord[] {
  const records = sequences.flatMap((sequence, index) => [
    aRecord(sequence, ada, { status: statuses[index % 3] ?? "dead" }),
    ...(index % 2 === 0 ? [aRecord(sequence, bob, { status: "dead" })] : []),
  ]);
  return [...records, aRecord(sequences[0] ?? 0, other, { status: "dead" })];
}

/** All pages, as `<index of the event><a|b|o>`, and never a page that is too long. */
async function listed(scene: Scene, store: Store, query: Partial<DeliveryQuery>, max = 2): Promise<string> {
  const names = new Map([
    [scene.ada.uuid, "a"],
    [scene.bob.uuid, "b"],
    [scene.other.uuid, "o"],
  ]);
  const found: string[] = [];
  let after: DeliveryPlace | undefined;
  do {
    const page = await store.deliveries.list(
      { tenant: "acme", ...query },
      { max, ...(after === undefined ? {} : { after }) },
    );
    assert.ok(page.deliveries.length <= max);
    for (const { event, subscription } of page.deliveries) {
      found.push(`${scene.sequences.indexOf(event.sequence)}${names.get(subscription)}`);
    }
    after = page.next;
  } while (after !== undefined);
  return found.join(" ");
}

export function deliveriesConformance(open: OpenStore): void {
  describe("deliveries", () => {
    it("are read back exactly, with their last attempt", async () => {
      await using at = await open();
      const scene = await aScene(at);
      const { ada, sequences } = scene;
      const records = outcomes(scene).filter(({ subscription }) => subscription === ada.number);
      await at.feed.settle({ records, done: [] });
      for (const { sequence, subscription: number, status, attempts, attempt, dueMs, reason } of records.slice(0, 3)) {
        const found = await at.store.deliveries.get({ sequence, subscription: number });
        const event = await at.store.events.get(sequence);
        const rest = { ...(dueMs === undefined ? {} : { dueMs }), ...(reason === undefined ? {} : { reason }) };
        const { sealed: _, ...target } = ada.target as WebhookTarget;
        const told = { event, subscription: ada.uuid, number, face: ada.face, target, status, attempts, last: attempt };
        assert.deepEqual(found, { ...told, ...rest });
      }
      assert.equal(await at.store.deliveries.get({ sequence: sequences[0] ?? 0, subscription: 999 }), undefined);
    });

    it("that were parked without an attempt have none", async () => {
      await using at = await open();
      const { ada, sequences } = await aScene(at);
      const [sequence = 0] = sequences;
      const { attempt: _, ...parked } = aRecord(sequence, ada, { status: "waiting", attempts: 0, tries: 0 });
      await at.feed.settle({ records: [parked], done: [] });
      const found = await at.store.deliveries.get({ sequence, subscription: ada.number });
      assert.equal(found?.attempts, 0);
      assert.equal(found !== undefined && "last" in found, false);
      assert.deepEqual(await at.store.deliveries.attempts({ sequence, subscription: ada.number }), []);
    });

    it("keep every attempt, by number", async () => {
      await using at = await open();
      const { ada, sequences } = await aScene(at);
      const [sequence = 0] = sequences;
      const place = { sequence, subscription: ada.number };
      const story = (["waiting", "waiting", "delivered"] as const).map((status, index) =>
        aRecord(sequence, ada, { status, attempts: index + 1 }),
      );
      for (const record of story) await at.feed.settle({ records: [record], done: [] });
      const attempts = story.map(({ attempt }) => attempt);
      assert.deepEqual(await at.store.deliveries.attempts(place), attempts);
      assert.deepEqual((await at.store.deliveries.get(place))?.last, attempts[2]);

      await changed(at.store, { do: "delivery.redrive", ...place, dueMs: noonMs });
      assert.deepEqual(await at.store.deliveries.attempts(place), attempts, "the success too, when it is sent again");
      const fourth = aRecord(sequence, ada, { status: "dead", attempts: 4, tries: 1 });
      await at.feed.settle({ records: [fourth], done: [] });
      assert.deepEqual(await at.store.deliveries.attempts(place), [...attempts, fourth.attempt]);
    });

    it("keep of an attempt for which revision it was made, and what was seen on the wire, which lists leave out", async () => {
      await using at = await open();
      const { ada, sequences } = await aScene(at);
      const [sequence = 0, other = 0] = sequences;
      const place = { sequence, subscription: ada.number };
      const wire = {
        headers: [["x-a", "1"]],
        headersCut: true,
        address: "10.0.0.7",
        dnsMs: 2,
        firstByteMs: 9,
      } as const;
      const story = (["waiting", "delivered"] as const).map((status, index) => {
        const { attempt, ...record } = aRecord(sequence, ada, { status, attempts: index + 1 });
        assert.ok(attempt);
        return { ...record, attempt: { ...attempt, revision: 3 + index } };
      });
      for (const record of story) {
        await at.feed.settle({ records: [{ ...record, attempt: { ...record.attempt, wire } }], done: [] });
      }
      const [failed, success] = story.map(({ attempt }) => attempt);
      assert.deepEqual(await at.store.deliveries.attempts(place), [failed, success]);
      assert.deepEqual((await at.store.deliveries.get(place))?.last, success);
      assert.deepEqual(await at.store.deliveries.attempt(place, 1), { ...failed, wire });
      assert.deepEqual(await at.store.deliveries.attempt(place, 2), { ...success, wire }, "a success is kept so, too");
      for (const none of [0, 3]) assert.equal(await at.store.deliveries.attempt(place, none), undefined);
      await changed(at.store, { do: "delivery.redrive", ...place, dueMs: noonMs });
      assert.deepEqual(await at.store.deliveries.attempt(place, 2), { ...success, wire });
      assert.deepEqual(await at.store.deliveries.attempts(place), [failed, success]);

      const plain = aRecord(other, ada, { status: "delivered" });
      await at.feed.settle({ records: [plain], done: [] });
      const there = { sequence: other, subscription: ada.number };
      assert.deepEqual(await at.store.deliveries.attempt(there, 1), plain.attempt);
      assert.equal(await at.store.deliveries.attempt(there, 2), undefined);
    });

    it("come newest event first, by every filter, in pages of any size", async () => {
      await using at = await open();
      const scene = await aScene(at);
      const { ada, bob } = scene;
      await at.feed.settle({ records: outcomes(scene), done: [] });
      const expected: readonly (readonly [Partial<DeliveryQuery>, string])[] = [
        [{}, "5a 4b 4a 3a 2b 2a 1a 0b 0a"],
        [{ tenant: "other" }, "0o"],
        [{ statuses: ["delivered"] }, "3a 0a"],
        [{ statuses: ["dead"] }, "4b 4a 2b 1a 0b"],
        [{ statuses: ["waiting"] }, "5a 2a"],
        [{ statuses: ["paused"] }, ""],
        [{ scope: bob.scope }, "4b 2b 0b"],
        [{ scope: ada.scope, statuses: ["dead"] }, "4a 1a"],
        [{ subscription: ada.uuid }, "5a 4a 3a 2a 1a 0a"],
        [{ subscription: ada.uuid, statuses: ["delivered"] }, "3a 0a"],
        [{ subscription: ada.uuid, scope: bob.scope }, ""],
        [{ subscription: scene.other.uuid }, ""],
        [{ sinceMs: noonMs + 3_000 }, "5a 4b 4a 3a"],
        [{ untilMs: noonMs + 2_000 }, "1a 0b 0a"],
        [{ sinceMs: noonMs + 1_000, untilMs: noonMs + 4_000, statuses: ["dead"] }, "2b 1a"],
      ];
      for (const [query, wanted] of expected) {
        for (const max of [1, 2, 99]) {
          assert.equal(await listed(scene, at.store, query, max), wanted, `${JSON.stringify(query)} by ${max}`);
        }
      }
    });

    it("that wait are paused while their subscription is", async () => {
      await using at = await open();
      const scene = await aScene(at);
      await at.feed.settle({ records: outcomes(scene), done: [] });
      const change = { do: "subscription.change", uuid: scene.ada.uuid, atMs: noonMs } as const;
      for (const held of [{ paused: { reason: "gone", sinceMs: noonMs } as const }, { enabled: false, paused: null }]) {
        await changed(at.store, { ...change, patch: held });
        assert.equal(await listed(scene, at.store, { statuses: ["paused"] }), "5a 2a");
        assert.equal(await listed(scene, at.store, { statuses: ["waiting"] }), "");
        const { deliveries } = await at.store.deliveries.list(
          { tenant: "acme", subscription: scene.ada.uuid },
          { max: 3 },
        );
        assert.deepEqual(
          deliveries.map(({ status }) => status),
          ["paused", "dead", "delivered"],
        );
      }
      await changed(at.store, { ...change, patch: { enabled: true } });
      assert.equal(await listed(scene, at.store, { statuses: ["waiting"] }), "5a 2a");
    });

    it("that are due come the earliest due first, with their events", async () => {
      await using at = await open();
      const { ada, bob, sequences } = await aScene(at);
      const dueMs = [30, 10, 20, 10, 99];
      const records = dueMs.map((due, index) =>
        aRecord(sequences[index] ?? 0, ada, { status: "waiting", attempts: index + 3, tries: index, dueMs: due }),
      );
      records.push(aRecord(sequences[5] ?? 0, ada, { status: "dead" }));
      records.push(aRecord(sequences[0] ?? 0, bob, { status: "waiting", dueMs: 5 }));
      await at.feed.settle({ records, done: [] });
      const due = await at.store.deliveries.due(ada.number, 30, 9);
      assert.deepEqual(
        due.map(({ event }) => sequences.indexOf(event.sequence)),
        [1, 3, 2, 0],
      );
      const bytes = due[0]?.bytes ?? 0;
      assert.ok(bytes > 0);
      assert.deepEqual(due[0], { event: await at.store.events.get(sequences[1] ?? 0), bytes, attempts: 4, tries: 1 });
      const [first = 0, , , last = 0] = due.map(({ event }) => event.sequence);
      assert.equal((await at.store.deliveries.due(ada.number, 30, 9, new Set([first, last]))).length, 2);
      assert.equal((await at.store.deliveries.due(ada.number, 30, 2)).length, 2);
      assert.deepEqual(await at.store.deliveries.due(ada.number, 9, 9), []);
      assert.equal(await at.store.deliveries.nextDue(ada.number, 0), 10);
      assert.equal(await at.store.deliveries.nextDue(ada.number, 30), 99);
      assert.equal(await at.store.deliveries.nextDue(ada.number, 99), undefined);
      assert.deepEqual(await at.store.deliveries.waiting({ max: 99 }), [
        { subscription: ada.number, dueMs: 10 },
        { subscription: bob.number, dueMs: 5 },
      ]);
    });

    it("are counted while they wait and when they are dead", async () => {
      await using at = await open();
      assert.deepEqual(await at.store.deliveries.depth(), { waiting: 0, dead: 0 });
      const scene = await aScene(at);
      await at.feed.settle({ records: outcomes(scene), done: [] });
      assert.deepEqual(await at.store.deliveries.depth(), { waiting: 2, dead: 6, oldestWaitingMs: noonMs + 2_000 });
    });

    it("are counted once where something of them was there, whatever was known of that", async () => {
      await using at = await open();
      const { ada, bob, sequences } = await aScene(at);
      const [first = 0, second = 0] = sequences;
      const waits = aRecord(first, ada, { status: "waiting", attempts: 0, tries: 0, dueMs: noonMs + 2_000 });
      await at.feed.settle({ records: [waits], done: [] });
      assert.equal((await at.store.deliveries.depth()).waiting, 1);
      const delivered = { status: "delivered", isNew: true } as const;
      const records = [aRecord(first, ada, delivered), aRecord(second, bob, delivered)];
      await at.feed.settle({ records, done: [] });
      await at.feed.settle({ records: [...records, ...records], done: [] });
      assert.deepEqual(await at.store.deliveries.depth(), { waiting: 0, dead: 0 });
      const keys = new Set([`${first}/${ada.number}`, `${second}/${bob.number}`]);
      assert.deepEqual(await recordedOf(at.store, first, second), keys);
    });

    it("are known by event and subscription", async () => {
      await using at = await open();
      const scene = await aScene(at);
      const { ada, bob, sequences } = scene;
      await at.feed.settle({ records: outcomes(scene), done: [] });
      const [, , third = 0, fourth = 0] = sequences;
      const keys = new Set([`${third}/${ada.number}`, `${third}/${bob.number}`, `${fourth}/${ada.number}`]);
      assert.deepEqual(await recordedOf(at.store, third, fourth), keys);
      assert.deepEqual(await recordedOf(at.store, 1, 2), new Set());
    });
  });
}
