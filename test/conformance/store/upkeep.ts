import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import type { StoredStatus } from "../../../src/domain/delivery.ts";
import type { Subscription } from "../../../src/domain/subscription.ts";
import type { Store } from "../../../src/store/store.ts";
import type { NewSubscription } from "../../../src/store/unit.ts";
import { stored } from "../../support/stored.ts";
import {
  anEvent,
  aRecord,
  aSubscription,
  changed,
  committed,
  fedNow,
  givenBucket,
  givenSubscription,
  noonMs,
  pastAt,
  recordedOf,
} from "./given.ts";
import type { OpenStore, StoreUnderTest } from "./under-test.ts";

const everMs = Number.MAX_SAFE_INTEGER;

interface Scene {
  readonly subscription: Subscription;
  readonly sequences: readonly number[];
}

/** Events one second after the other, dispatched, each with what became of it; `none`: nobody wanted it. */
async function dispatched(
  at: StoreUnderTest,
  outcomes: readonly (StoredStatus | "none")[],
  keeps: Pick<NewSubscription, "keepDead" | "dropWhenOver"> = {},
): Promise<Scene> {
  const bucket = await givenBucket(at.store);
  const subscription = await givenSubscription(at.store, aSubscription(bucket.uuid, keeps));
  const events = outcomes.map((_, index) => anEvent(bucket.uuid, { timeMs: noonMs + 1_000 * index }));
  const sequences = await committed(at.store, { events });
  await fedNow(at.feed, sequences.length);
  const records = outcomes.flatMap((status, index) =>
    status === "none" ? [] : [aRecord(sequences[index] ?? 0, subscription, { status })],
  );
  await at.feed.settle({ records, done: sequences });
  return { subscription, sequences };
}

async function pruned(store: Store, beforeMs: number, deadBeforeMs: number, max = 2): Promise<number> {
  let sum = 0;
  for (;;) {
    const { dropped, more } = await store.upkeep.prune({ beforeMs, deadBeforeMs, max });
    assert.ok(dropped <= max);
    sum += dropped;
    if (!more) return sum;
  }
}

async function kept(store: Store, { sequences }: Scene): Promise<number[]> {
  return (await store.events.after(0, 99)).map(({ sequence }) => sequences.indexOf(sequence));
}

export function upkeepConformance(open: OpenStore): void {
  describe("retention", () => {
    it("drops what happened before, with its deliveries and attempts, in small steps", async () => {
      await using at = await open();
      const scene = await dispatched(at, ["none", "delivered", "dead", "delivered", "none", "delivered"]);
      assert.equal(await pruned(at.store, noonMs + 5_000, everMs), 5);
      assert.deepEqual(await kept(at.store, scene), [5]);
      const { number } = scene.subscription;
      assert.deepEqual(await recordedOf(at.store, 0, everMs), new Set([`${scene.sequences[5]}/${number}`]));
      const place = { sequence: scene.sequences[2] ?? 0, subscription: number };
      assert.equal(await at.store.deliveries.get(place), undefined);
      assert.deepEqual(await at.store.deliveries.attempts(place), []);
      assert.equal((await at.store.deliveries.depth()).dead, 0);
      assert.equal(await pruned(at.store, noonMs + 5_000, everMs), 0);
    });

    it("never drops what waits, nor a dead letter before its own time", async () => {
      await using at = await open();
      const scene = await dispatched(at, ["waiting", "dead", "delivered", "waiting", "dead", "none"]);
      for (const max of [1, 2, 9]) await pruned(at.store, everMs, noonMs, max);
      assert.deepEqual(await kept(at.store, scene), [0, 1, 3, 4]);
      await pruned(at.store, everMs, noonMs + 4_000);
      assert.deepEqual(await kept(at.store, scene), [0, 3, 4]);
      await pruned(at.store, noonMs + 4_000, everMs);
      assert.deepEqual(await kept(at.store, scene), [0, 3, 4], "which is no longer than that of the rest");
      const attempts = await at.store.deliveries.attempts({
        sequence: scene.sequences[4] ?? 0,
        subscription: scene.subscription.number,
      });
      assert.equal(attempts.length, 1);
    });

    it("drops the dead letters of a subscription that keeps none with their events, as it says by then", async () => {
      await using at = await open();
      const scene = await dispatched(at, ["dead", "waiting", "dead"], { keepDead: false });
      await pruned(at.store, noonMs + 2_000, noonMs);
      assert.deepEqual(await kept(at.store, scene), [1, 2]);
      const { uuid } = scene.subscription;
      await changed(at.store, { do: "subscription.change", uuid, patch: { keepDead: true }, atMs: noonMs });
      await changed(at.store, { do: "subscription.change", uuid, patch: { enabled: false }, atMs: noonMs });
      await pruned(at.store, everMs, noonMs);
      assert.deepEqual(await kept(at.store, scene), [1, 2]);
    });

    it("drops later what was held up before", async () => {
      await using at = await open();
      const scene = await dispatched(at, ["waiting", "none", "waiting", "none", "none"]);
      assert.equal(await pruned(at.store, everMs, everMs), 3);
      const delivered = scene.sequences
        .filter((_, index) => index % 2 === 0)
        .slice(0, 2)
        .map((sequence) => aRecord(sequence, scene.subscription, { status: "delivered", attempts: 2 }));
      await at.feed.settle({ records: delivered, done: [] });
      assert.equal(await pruned(at.store, everMs, everMs), 2);
      assert.deepEqual(await kept(at.store, scene), []);
    });

    it("never drops what is not dispatched, also after a restart", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const sequences = await committed(at.store, { events: [1, 2, 3].map(() => anEvent(bucket.uuid)) });
      assert.equal(await pruned(at.store, everMs, everMs), 0);
      await fedNow(at.feed, 3);
      assert.equal(await pruned(at.store, everMs, everMs), 0);
      await at.feed.settle({ records: [], done: sequences.slice(0, 1) });
      await at.reopen();
      assert.equal(await pruned(at.store, everMs, everMs), 1);
      const fed = await fedNow(at.feed, 2);
      assert.deepEqual(
        fed.map(({ event }) => event.sequence),
        sequences.slice(1),
      );
    });

    it("drops subscriptions that are deleted or over, of those that go then, once nothing sent to them is kept", async () => {
      await using at = await open();
      const { subscription } = await dispatched(at, ["dead"], { dropWhenOver: true });
      const { scope } = subscription;
      const stays = await givenSubscription(at.store, aSubscription(scope));
      const goes = await givenSubscription(at.store, aSubscription(scope, { dropWhenOver: true }));
      const lives = await givenSubscription(at.store, aSubscription(scope, { dropWhenOver: true }));
      for (const { uuid } of [subscription, stays, goes]) {
        await changed(at.store, { do: "subscription.remove", uuid, atMs: noonMs });
      }
      const left = async (): Promise<string[]> =>
        (await at.store.subscriptions.newest({ tenant: "acme", deleted: true }, { max: 9 })).map(({ uuid }) => uuid);
      await pruned(at.store, noonMs, noonMs);
      assert.deepEqual(await left(), [lives.uuid, goes.uuid, stays.uuid, subscription.uuid]);
      await pruned(at.store, noonMs + 1, noonMs);
      assert.deepEqual(await left(), [lives.uuid, stays.uuid, subscription.uuid]);
      await pruned(at.store, noonMs + 1, noonMs + 1);
      assert.deepEqual(await left(), [lives.uuid, stays.uuid]);
    });

    it("leaves an older version of a subscription as long as events of then", async () => {
      await using at = await open();
      const { subscription } = await dispatched(at, ["none"]);
      const patch = { filter: stored("WHERE size > 1") };
      await changed(at.store, { do: "subscription.change", uuid: subscription.uuid, patch, atMs: noonMs + 9_000 });
      await pruned(at.store, noonMs + 9_000, noonMs + 9_000);
      assert.equal((await pastAt(at.store, "acme", subscription.revision)).length, 1);
    });
  });

  describe("space", () => {
    it("is counted, and given back when it is no longer used", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const before = await at.store.upkeep.usedBytes();
      assert.ok(before > 0);
      // A database may compress what can be.
      const events = Array.from({ length: 400 }, () =>
        anEvent(bucket.uuid, { data: { text: randomBytes(12_288).toString("base64") } }),
      );
      const sequences = await committed(at.store, { events });
      const full = await at.store.upkeep.usedBytes();
      assert.ok(full > before + 400 * 16_384);
      await fedNow(at.feed, 400);
      await at.feed.settle({ records: [], done: sequences });
      await pruned(at.store, everMs, everMs, 100);
      if (!at.givesSpaceBack) {
        assert.equal(await at.store.upkeep.release(1_048_576), false);
        return;
      }
      const after = await at.store.upkeep.usedBytes();
      assert.ok(after < before + (full - before) / 4);

      let steps = 0;
      while (await at.store.upkeep.release(1_048_576)) steps += 1;
      assert.ok(steps > 1, "in small steps");
      assert.equal(await at.store.upkeep.release(1_048_576), false);
      assert.ok((await at.store.upkeep.usedBytes()) <= after);
      assert.deepEqual(await at.store.objects.bucketByUuid(bucket.uuid), bucket);
    });
  });

  describe("readiness", () => {
    it("is there while commits can be made, and not afterwards", async () => {
      await using at = await open();
      const { store } = at;
      await store.upkeep.ready();
      await at.reopen();
      await at.store.upkeep.ready();
      await assert.rejects(store.upkeep.ready(), "this one was closed");
      await assert.rejects(store.commit({}), "this one was closed");
    });
  });
}
