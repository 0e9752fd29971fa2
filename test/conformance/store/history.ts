import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Uuid } from "../../../src/domain/ids.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Change, SubscriptionPatch } from "../../../src/store/unit.ts";
import { stored } from "../../support/stored.ts";
import {
  aBucket,
  aSubscription,
  changed,
  changedSince,
  noonMs,
  pastAt,
  subscriptionNow,
  type ThenHeard,
  tenantWithAda,
} from "./given.ts";
import type { OpenStore } from "./under-test.ts";

/** One random thing that happens to the `which`th of the subscriptions so far. */
type Happening =
  | { readonly kind: "add"; readonly event: string; readonly enabled: boolean }
  | { readonly kind: "event"; readonly which: number; readonly event: string }
  | { readonly kind: "filter"; readonly which: number; readonly filter: string | null }
  | { readonly kind: "enabled"; readonly which: number; readonly enabled: boolean }
  | { readonly kind: "pause" | "remove"; readonly which: number }
  | { readonly kind: "end" };

const which = fc.nat({ max: 5 });
const event = fc.constantFrom("*", "OBJECT_DELETED");
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), event, enabled: fc.boolean() }),
  fc.record({ kind: fc.constant("event" as const), which, event }),
  fc.record({ kind: fc.constant("filter" as const), which, filter: fc.constantFrom(null, "WHERE size > 1") }),
  fc.record({ kind: fc.constant("enabled" as const), which, enabled: fc.boolean() }),
  fc.record({ kind: fc.constantFrom("pause" as const, "remove" as const), which }),
  { weight: 1, arbitrary: fc.constant({ kind: "end" as const }) },
);

function change(what: Happening, uuids: Uuid[], place: { tenant: string; bucket: Uuid }): Change | undefined {
  if (what.kind === "end") return { do: "bucket.remove", bucket: place.bucket, atMs: noonMs };
  if (what.kind === "add") {
    const { tenant, bucket } = place;
    const subscription = aSubscription(bucket, { tenant, event: what.event, enabled: what.enabled });
    uuids.push(subscription.uuid);
    return { do: "subscription.add", subscription };
  }
  const uuid = uuids[what.which];
  if (uuid === undefined) return undefined;
  switch (what.kind) {
    case "remove":
      return { do: "subscription.remove", uuid, atMs: noonMs };
    case "pause":
      return {
        do: "subscription.change",
        uuid,
        patch: { paused: { reason: "gone", sinceMs: noonMs } },
        atMs: noonMs,
      };
    case "event":
      return { do: "subscription.change", uuid, patch: { event: what.event }, atMs: noonMs };
    case "filter":
      return {
        do: "subscription.change",
        uuid,
        patch: { filter: what.filter === null ? null : stored(what.filter) },
        atMs: noonMs,
      };
    case "enabled":
      return { do: "subscription.change", uuid, patch: { enabled: what.enabled }, atMs: noonMs };
    default:
      return what satisfies never;
  }
}

/** Who hears an event of the newest revision. */
async function matchingNow(store: Store, tenant: string): Promise<ThenHeard[]> {
  const live = await store.subscriptions.list({ tenant }, { max: 99 });
  return live.filter(({ enabled }) => enabled).map(matching);
}

/** Who hears an event of `revision`, asked later: those that match as they did then, and those that did then. */
async function matchingThen(store: Store, tenant: string, revision: number): Promise<ThenHeard[]> {
  const live = await store.subscriptions.list({ tenant }, { max: 99 });
  const unchanged = live.filter(({ enabled, fromRevision }) => enabled && fromRevision <= revision).map(matching);
  return [...unchanged, ...(await pastAt(store, tenant, revision))].sort((a, b) => a.number - b.number);
}

function matching({ number, uuid, face, scope, event, filter }: ThenHeard): ThenHeard {
  return { number, uuid, face, scope, event, ...(filter === undefined ? {} : { filter }) };
}

export function historyConformance(open: OpenStore): void {
  describe("the history of subscriptions", () => {
    it("tells for every revision who matched then, whatever happened since", async () => {
      await using at = await open();
      let tenants = 0;
      const property = fc.asyncProperty(fc.array(happening, { maxLength: 20 }), async (happenings) => {
        tenants += 1;
        const tenant = `tenant-${tenants}`;
        const bucket = aBucket({ tenant });
        await changed(at.store, ...tenantWithAda(tenant), { do: "bucket.add", bucket });
        const uuids: Uuid[] = [];
        const seen = new Map<number, ThenHeard[]>();
        for (const what of happenings) {
          const made = change(what, uuids, { tenant, bucket: bucket.uuid });
          if (made !== undefined) await changed(at.store, made);
          // What was seen first at a revision stays true: nothing that matches changes without another one.
          const { revision } = await changedSince(at.store, tenant, 0);
          const now = await matchingNow(at.store, tenant);
          assert.deepEqual(now, seen.get(revision) ?? now);
          seen.set(revision, now);
        }
        for (const [revision, then] of seen) {
          assert.deepEqual(await matchingThen(at.store, tenant, revision), then, `at revision ${revision}`);
        }
      });
      await fc.assert(property, { numRuns: 40 });
    });

    it("tells what changed since a revision, deleted ones included, and one tenant's only", async () => {
      await using at = await open();
      const bucket = aBucket();
      await changed(at.store, ...tenantWithAda("acme"), ...tenantWithAda("other"), { do: "bucket.add", bucket });
      const subscriptions = [0, 1, 2].map(() => aSubscription(bucket.uuid));
      for (const subscription of subscriptions) await changed(at.store, { do: "subscription.add", subscription });
      const [first, second, third] = subscriptions.map(({ uuid }) => uuid);
      const since = async (revision: number): Promise<readonly [number, ...(Uuid | undefined)[]]> => {
        const found = await changedSince(at.store, "acme", revision);
        return [found.revision, ...found.changed.map(({ uuid }) => uuid)];
      };
      assert.deepEqual(await since(0), [3, first, second, third]);
      assert.deepEqual(await since(2), [3, third]);
      await changed(at.store, { do: "subscription.remove", uuid: first ?? assert.fail(), atMs: noonMs });
      assert.deepEqual(await since(3), [4, first]);
      assert.deepEqual(await since(4), [4]);
      assert.deepEqual(await changedSince(at.store, "other", 0), { revision: 0, changed: [] });
      assert.deepEqual(await changedSince(at.store, "nowhere", 0), { revision: 0, changed: [] });
      assert.deepEqual(await pastAt(at.store, "other", 1), []);
    });

    it("tells how each stood, what was off included, and who was ever there", async () => {
      await using at = await open();
      const [bucket, elsewhere] = [aBucket(), aBucket({ name: "elsewhere" })];
      await changed(at.store, ...tenantWithAda("acme"), ...tenantWithAda("other"));
      await changed(at.store, { do: "bucket.add", bucket }, { do: "bucket.add", bucket: elsewhere });
      const subscription = aSubscription(bucket.uuid, { enabled: false, filter: stored("WHERE size > 1") });
      const { uuid } = subscription;
      const change = (patch: SubscriptionPatch): Promise<unknown> =>
        changed(at.store, { do: "subscription.change", uuid, patch, atMs: noonMs });
      await changed(at.store, { do: "subscription.add", subscription });
      await change({ enabled: true });
      await change({ filter: null, event: "OBJECT_DELETED" });
      await change({ unconfirmed: true });
      await change({ unconfirmed: false, scope: elsewhere.uuid });
      const { number, fromRevision } = await subscriptionNow(at.store, uuid);
      const stood = async (revision: number) => {
        const { version, fromRevision: first } = await at.store.subscriptions.stood(number, { revision, atMs: noonMs });
        assert.equal(first, 1);
        return version;
      };
      const { event, scope } = subscription;
      const filter = "WHERE size > 1";
      assert.equal(await stood(0), undefined);
      assert.deepEqual(await stood(1), { scope, event, filter, off: "disabled" });
      assert.deepEqual(await stood(2), { scope, event, filter });
      assert.deepEqual(await stood(3), { scope, event: "OBJECT_DELETED" });
      assert.deepEqual(await stood(4), { scope, event: "OBJECT_DELETED", off: "unconfirmed" });
      assert.equal(await stood(fromRevision), undefined, "as it is now");
      assert.deepEqual(
        await Promise.all([1, 2, 3, 4].map(async (revision) => (await pastAt(at.store, "acme", revision)).length)),
        [0, 1, 1, 0],
        "what was off met nothing",
      );
      const everOn = async (scopes: readonly string[], over: object = {}): Promise<Uuid[]> => {
        const query = { tenant: "acme", scopes, ...over };
        return (await at.store.subscriptions.everOn(query, { max: 9 })).map((one) => one.uuid);
      };
      assert.deepEqual(await everOn([bucket.uuid]), [uuid], "it was there before");
      assert.deepEqual(await everOn([elsewhere.uuid, bucket.uuid]), [uuid], "once");
      assert.deepEqual(await everOn(["none"]), []);
      assert.deepEqual(await everOn([bucket.uuid], { tenant: "other" }), []);
      assert.deepEqual(await everOn([bucket.uuid], { viewer: { name: "bob", developer: false } }), []);
      await changed(at.store, { do: "subscription.remove", uuid, atMs: noonMs });
      assert.deepEqual(await everOn([elsewhere.uuid]), [uuid], "deleted ones too");
      const second = aSubscription(bucket.uuid);
      await changed(at.store, { do: "subscription.add", subscription: second });
      const page = { max: 9, after: number };
      const behind = await at.store.subscriptions.everOn({ tenant: "acme", scopes: [bucket.uuid] }, page);
      assert.deepEqual(
        behind.map((one) => one.uuid),
        [second.uuid],
      );
    });

    it("tells of pauses that are over, until they are older than what is kept", async () => {
      await using at = await open();
      const bucket = aBucket();
      const subscription = aSubscription(bucket.uuid);
      await changed(at.store, ...tenantWithAda("acme"), { do: "bucket.add", bucket });
      await changed(at.store, { do: "subscription.add", subscription });
      const change = (patch: SubscriptionPatch, atMs: number): Promise<unknown> =>
        changed(at.store, { do: "subscription.change", uuid: subscription.uuid, patch, atMs });
      await change({ paused: { reason: "gone", sinceMs: noonMs } }, noonMs);
      await change({ filter: stored("WHERE size > 1") }, noonMs + 10);
      await change({ paused: null }, noonMs + 60);
      await change({ enabled: false }, noonMs + 70);
      const { number, revision } = await subscriptionNow(at.store, subscription.uuid);
      const paused = async (atMs: number) => (await at.store.subscriptions.stood(number, { revision, atMs })).pause;
      const pause = { reason: "gone", sinceMs: noonMs, untilMs: noonMs + 60 };
      assert.deepEqual(await Promise.all([noonMs - 1, noonMs, noonMs + 59, noonMs + 60].map(paused)), [
        undefined,
        pause,
        pause,
        undefined,
      ]);
      await at.store.upkeep.prune({ beforeMs: noonMs + 60, deadBeforeMs: noonMs, max: 9 });
      assert.deepEqual(await paused(noonMs), pause);
      await at.store.upkeep.prune({ beforeMs: noonMs + 61, deadBeforeMs: noonMs, max: 9 });
      assert.equal(await paused(noonMs), undefined);
    });

    it("and numbers go on after a restart", async () => {
      await using at = await open();
      const bucket = aBucket();
      const before = aSubscription(bucket.uuid);
      const after = aSubscription(bucket.uuid);
      await changed(at.store, ...tenantWithAda("acme"), { do: "bucket.add", bucket });
      await changed(at.store, { do: "subscription.add", subscription: before });
      await changed(at.store, { do: "subscription.remove", uuid: before.uuid, atMs: noonMs });
      const old = await at.store.subscriptions.get(before.uuid);
      await at.reopen();
      await changed(at.store, { do: "subscription.add", subscription: after });
      const young = await at.store.subscriptions.get(after.uuid);
      assert.deepEqual(await at.store.subscriptions.get(before.uuid), old);
      assert.equal(young?.revision, 3);
      assert.ok((young?.number ?? 0) > (old?.number ?? 0));
      assert.equal((await pastAt(at.store, "acme", 1)).length, 1);
    });
  });
}
