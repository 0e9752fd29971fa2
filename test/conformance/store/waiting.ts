import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { blockedMs, type DeliveryRecord } from "../../../src/domain/delivery.ts";
import type { Subscription } from "../../../src/domain/subscription.ts";
import type { Feed } from "../../../src/store/feed.ts";
import type { Store, WaitPlace } from "../../../src/store/store.ts";
import {
  anEvent,
  aRecord,
  aSubscription,
  changed,
  committed,
  givenBucket,
  givenSubscription,
  noonMs,
  uuid,
} from "./given.ts";
import type { OpenStore, StoreUnderTest } from "./under-test.ts";

interface Scene {
  readonly store: Store;
  readonly feed: Feed;
  readonly ada: Subscription;
  readonly sequences: readonly number[];
  /** Indexes of the events that are due at noon, in the order that they come in. */
  readonly due: () => Promise<readonly number[]>;
}

async function aScene({ store, feed }: StoreUnderTest, pace?: Subscription["pace"]): Promise<Scene> {
  const bucket = await givenBucket(store);
  const over = pace === undefined ? {} : { pace };
  const ada = await givenSubscription(store, aSubscription(bucket.uuid, over));
  const sequences = await committed(store, { events: Array.from({ length: 6 }, () => anEvent(bucket.uuid)) });
  const due = async (): Promise<readonly number[]> =>
    (await store.deliveries.due(ada.number, noonMs, 99)).map(({ event }) => sequences.indexOf(event.sequence));
  return { store, feed, ada, sequences, due };
}

/** What was put off before its first attempt. */
function parked({ ada, sequences }: Scene, index: number, line: string): DeliveryRecord {
  const of = { sequence: sequences[index] ?? 0, subscription: ada.number, tenant: ada.tenant };
  return { ...of, status: "waiting", attempts: 0, tries: 0, dueMs: noonMs, parked: true, line };
}

export function waitingConformance(open: OpenStore): void {
  describe("what waits", () => {
    it("keeps how long it was to wait, and since when patience was asked for", async () => {
      await using at = await open();
      const { store, feed, ada, sequences } = await aScene(at);
      const waits = [
        { dueMs: noonMs + 30, waitMs: 20 },
        { dueMs: noonMs + 10, waitMs: 10, patientMs: noonMs - 7 },
        { dueMs: noonMs + 20 },
        { dueMs: noonMs },
      ];
      const records = waits.map((wait, index) => aRecord(sequences[index] ?? 0, ada, { status: "waiting", ...wait }));
      await feed.settle({ records, done: [] });
      const found: unknown[] = [];
      for (let after: WaitPlace = { dueMs: noonMs, sequence: blockedMs }; ; ) {
        const page = await store.deliveries.waits(ada.number, { after, max: 2 });
        found.push(...page.map(({ sequence, dueMs, waitMs }) => [sequences.indexOf(sequence), dueMs - noonMs, waitMs]));
        const last = page.at(-1);
        if (last === undefined) break;
        after = last;
      }
      assert.deepEqual(found, [
        [1, 10, 10],
        [2, 20, 0],
        [0, 30, 20],
      ]);
      const [, second] = await store.deliveries.due(ada.number, noonMs + 99, 2);
      assert.equal(second?.patientMs, noonMs - 7);
      await feed.settle({ records: [aRecord(sequences[1] ?? 0, ada, { status: "dead" })], done: [] });
      const of = { sequence: sequences[1] ?? 0, subscription: ada.number };
      await changed(store, { do: "delivery.redrive", ...of, dueMs: noonMs });
      const again = (await store.deliveries.due(ada.number, noonMs, 9)).find(
        ({ event }) => event.sequence === of.sequence,
      );
      assert.equal(again?.patientMs, undefined, "patience begins anew");
    });

    it("is due after its own wait when it is brought forward, and never later than it was", async () => {
      await using at = await open();
      const { store, feed, ada, sequences } = await aScene(at);
      const waits = [
        { dueMs: noonMs + 5_000, waitMs: 2_000 },
        { dueMs: noonMs + 1_000, waitMs: 2_000 },
        { dueMs: noonMs + 9_000, waitMs: 0 },
        { dueMs: noonMs + 9_000, waitMs: 1 },
      ];
      const records = waits.map((wait, index) => aRecord(sequences[index] ?? 0, ada, { status: "waiting", ...wait }));
      await feed.settle({ records, done: [] });
      const change = { do: "delivery.forward", subscription: ada.number, nowMs: noonMs, usualMs: 1 } as const;
      await changed(store, { ...change, sequences: sequences.slice(0, 3) });
      const dueMs = await Promise.all(
        sequences.slice(0, 4).map(async (sequence) => {
          return ((await store.deliveries.get({ sequence, subscription: ada.number }))?.dueMs ?? 0) - noonMs;
        }),
      );
      assert.deepEqual(dueMs, [2_000, 1_000, 0, 9_000]);
      await changed(store, { ...change, sequences: sequences.slice(0, 1), mostMs: 500 });
      const first = { sequence: sequences[0] ?? 0, subscription: ada.number };
      assert.equal((await store.deliveries.get(first))?.dueMs, noonMs + 500);
    });
  });

  describe("a line", () => {
    it("has its first due and the others held, until that is done with", async () => {
      await using at = await open();
      const scene = await aScene(at, { ordered: true });
      const { store, feed, ada, sequences, due } = scene;
      assert.deepEqual(ada.pace, { ordered: true });
      const records = [parked(scene, 0, "a"), parked(scene, 1, "b"), parked(scene, 2, "a"), parked(scene, 3, "a")];
      await feed.settle({ records: records.slice(0, 3), done: [] });
      await feed.settle({ records: records.slice(3), done: [] });
      assert.deepEqual(await due(), [0, 1]);
      const all = await store.deliveries.due(ada.number, blockedMs, 99);
      assert.equal(all.length, 4, "those that are held are there for who ends them all");
      const [first] = await store.deliveries.due(ada.number, noonMs, 1);
      assert.equal(first?.line, "a");
      const held = await store.deliveries.get({ sequence: sequences[2] ?? 0, subscription: ada.number });
      assert.deepEqual([held?.status, held?.dueMs], ["waiting", undefined]);
      assert.equal(await store.deliveries.nextDue(ada.number, noonMs), undefined);

      const failed = aRecord(sequences[0] ?? 0, ada, { status: "waiting", dueMs: noonMs + 5, line: "a" });
      await feed.settle({ records: [failed], done: [] });
      assert.deepEqual(await due(), [1], "who failed holds those behind it");
      const over = { line: "a", releasedMs: noonMs } as const;
      await feed.settle({ records: [aRecord(sequences[0] ?? 0, ada, { status: "dead", ...over })], done: [] });
      assert.deepEqual(await due(), [1, 2]);
      await feed.settle({ records: [aRecord(sequences[2] ?? 0, ada, { status: "delivered", ...over })], done: [] });
      assert.deepEqual(await due(), [1, 3]);
    });

    it("takes back what is sent again: at once if nobody is in it, otherwise when it is done with who is", async () => {
      await using at = await open();
      const scene = await aScene(at, { ordered: true });
      const { store, feed, ada, sequences, due } = scene;
      const over = { line: "a", releasedMs: noonMs } as const;
      await feed.settle({ records: [parked(scene, 0, "a"), parked(scene, 1, "a"), parked(scene, 2, "a")], done: [] });
      for (const index of [0, 1, 2]) {
        await feed.settle({ records: [aRecord(sequences[index] ?? 0, ada, { status: "dead", ...over })], done: [] });
      }
      await feed.settle({ records: [parked(scene, 3, "a")], done: [] });
      const of = {
        do: "delivery.redrive",
        sequence: sequences[0] ?? 0,
        subscription: ada.number,
        dueMs: noonMs,
      } as const;
      await changed(store, of);
      assert.deepEqual(await due(), [3]);
      const filter = { subscription: ada.uuid };
      const redrive = {
        uuid: uuid("delivery"),
        tenant: "acme",
        filter,
        state: "running",
        redriven: 0,
        looked: 0,
      } as const;
      await changed(store, { do: "redrive.add", redrive: { ...redrive, createdMs: noonMs, createdBy: "ada" } });
      await store.redrives.advanceRedrive(redrive.uuid, { max: 99, nowMs: noonMs });
      assert.deepEqual(await due(), [3]);
      for (const index of [3, 0, 1, 2]) {
        assert.deepEqual(await due(), [index], "one at a time, the earliest first");
        await feed.settle({
          records: [aRecord(sequences[index] ?? 0, ada, { status: "delivered", ...over })],
          done: [],
        });
      }
      assert.deepEqual(await due(), []);
    });
  });
}
