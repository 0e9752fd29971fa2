import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Face } from "../../../src/domain/event.ts";
import { accessText, faceFields } from "../../../src/domain/filter/index.ts";
import type { Uuid } from "../../../src/domain/ids.ts";
import type { Subscription } from "../../../src/domain/subscription.ts";
import type { Store } from "../../../src/store/store.ts";
import type { SubscriptionPatch } from "../../../src/store/unit.ts";
import { stored } from "../../support/stored.ts";
import {
  aBucket,
  aSubscription,
  changed,
  changedSince,
  committed,
  givenBucket,
  givenSubscription,
  noonMs,
  pastAt,
  subscriptionNow,
  tenantWithAda,
} from "./given.ts";
import type { OpenStore } from "./under-test.ts";

async function patched(store: Store, uuid: Uuid, patch: SubscriptionPatch): Promise<void> {
  await changed(store, { do: "subscription.change", uuid, patch, atMs: noonMs + 9 });
}

export function subscriptionsConformance(open: OpenStore): void {
  describe("subscriptions", () => {
    it("tell since which revision they send the same, whatever else of them is changed", async () => {
      await using at = await open();
      const { store } = at;
      const bucket = await givenBucket(store);
      const { uuid, number, target, revision } = await givenSubscription(store, aSubscription(bucket.uuid));
      const sendsFrom = () => store.subscriptions.sendsFrom(number);
      assert.equal(await sendsFrom(), revision);
      const alike: readonly SubscriptionPatch[] = [
        { enabled: false },
        { filter: stored("WHERE size > 1"), paused: { reason: "gone", sinceMs: noonMs } },
        { event: "*", scope: bucket.uuid, owner: "bob", pace: { ordered: true }, capture: "all" },
        { sealed: "other keys" },
      ];
      for (const patch of alike) await patched(store, uuid, patch);
      assert.equal(await sendsFrom(), revision);
      const now = await store.subscriptions.get(uuid);
      assert.deepEqual([now?.target, now?.capture], [{ ...target, sealed: "other keys" }, "all"]);
      for (const patch of [{ event: "OBJECT_DELETED" }, { target }, { scope: aBucket().uuid }]) {
        await patched(store, uuid, patch);
        assert.equal(await sendsFrom(), (await store.subscriptions.get(uuid))?.revision, JSON.stringify(patch));
      }
      await patched(store, uuid, { capture: "failures" });
      assert.equal((await store.subscriptions.get(uuid))?.capture, undefined);
    });

    it("are read back exactly, by uuid and by number", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const wanted = aSubscription(bucket.uuid, {
        event: "OBJECT_DELETED",
        filter: stored("WHERE key = 'ä'"),
        enabled: false,
        capture: "all",
      });
      const found = await givenSubscription(at.store, wanted);
      const { number, ...rest } = found;
      assert.deepEqual(rest, { ...wanted, updatedMs: noonMs, fromRevision: 1, revision: 1 });
      assert.deepEqual(await at.store.subscriptions.byNumber(number), found);
      assert.equal(await at.store.subscriptions.byNumber(number + 1), undefined);
      const other = await givenSubscription(at.store, aSubscription(bucket.uuid));
      const both = await at.store.subscriptions.byNumbers([other.number, number + 99, number]);
      assert.deepEqual(
        both.toSorted((one, two) => one.number - two.number),
        [found, other],
      );
      assert.deepEqual(await at.store.subscriptions.byNumbers([]), []);
      assert.equal(await at.store.subscriptions.get(aSubscription(bucket.uuid).uuid), undefined);
    });

    it("need a tenant, and a uuid of their own", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const subscription = aSubscription(bucket.uuid);
      await changed(at.store, { do: "subscription.add", subscription });
      await assert.rejects(changed(at.store, { do: "subscription.add", subscription }));
      const homeless = aSubscription(bucket.uuid, { tenant: "nowhere" });
      await assert.rejects(changed(at.store, { do: "subscription.add", subscription: homeless }));
      assert.equal((await changedSince(at.store, "acme", 0)).revision, 1);
    });

    it("tell what decides about matching, with what an index looks up of the filter as it is", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const filter = stored("WHERE key LIKE 'images/%' AND size > 1");
      const ofRule = await givenSubscription(at.store, aSubscription(bucket.uuid, { filter, event: "OBJECT_DELETED" }));
      const ofParams = await givenSubscription(
        at.store,
        aSubscription(bucket.uuid, { filter, face: "lifecycle", target: { kind: "function", function: 7 } }),
      );
      const off = await givenSubscription(at.store, aSubscription(bucket.uuid, { enabled: false, unconfirmed: true }));
      const states = async () => {
        const listening = await at.store.subscriptions.listening({ tenant: "acme" }, { max: 9 });
        const { changed } = await changedSince(at.store, "acme", 0);
        assert.deepEqual(
          changed.toSorted((one, two) => one.number - two.number),
          listening,
        );
        return listening;
      };
      const { number, uuid, face, scope, event, fromRevision, revision } = ofRule;
      const [first, second, third] = await states();
      const access = accessText(filter, faceFields.objects);
      const place = { number, uuid, face, scope, event };
      assert.deepEqual(first, { ...place, filter, access, listens: true, fromRevision, revision });
      assert.deepEqual([second?.runs, second?.access], [7, accessText(filter, faceFields.lifecycle)]);
      assert.deepEqual([third?.listens, third?.access, third?.runs], [false, undefined, undefined]);

      await patched(at.store, ofRule.uuid, { filter: stored("key = 'a'") });
      await patched(at.store, ofParams.uuid, { filter: stored("a = 'b'") });
      await patched(at.store, off.uuid, { enabled: true });
      const other = [
        accessText("key = 'a'", faceFields.objects),
        accessText("a = 'b'", faceFields.lifecycle),
        undefined,
      ];
      assert.deepEqual(
        (await states()).map((state) => state.access),
        other,
      );
      // That it is noted for a filter that is there no more changes nothing, and what is noted changes no revision.
      const { revision: before } = await changedSince(at.store, "acme", 0);
      const made = [
        { number: ofRule.number, filter, access: "of the filter before" },
        { number: ofParams.number, filter: stored("a = 'b'"), access: "made anew" },
      ];
      await changed(at.store, { do: "subscription.access", made });
      assert.equal((await changedSince(at.store, "acme", 0)).revision, before);
      assert.deepEqual(
        (await states()).map((state) => state.access),
        [other[0], "made anew", undefined],
      );
      await patched(at.store, ofRule.uuid, { paused: { reason: "gone", sinceMs: noonMs } });
      await patched(at.store, ofParams.uuid, { filter: null });
      assert.deepEqual(
        (await states()).map((state) => state.access),
        [other[0], undefined, undefined],
      );
    });

    it("come oldest first, live ones, by tenant, face and scope, in pages", async () => {
      await using at = await open();
      const { uuid: one } = await givenBucket(at.store);
      const { uuid: two } = aBucket();
      await changed(at.store, ...tenantWithAda("other"));
      const places: readonly (readonly [string, Face, Uuid])[] = [
        ["acme", "objects", one],
        ["acme", "notifications", one],
        ["acme", "objects", two],
        ["other", "objects", one],
        ["acme", "objects", one],
        ["acme", "objects", one],
      ];
      const added: Subscription[] = [];
      for (const [tenant, face, scope] of places) {
        added.push(await givenSubscription(at.store, aSubscription(scope, { tenant, face })));
      }
      const gone = added[5]?.uuid ?? assert.fail();
      await changed(at.store, { do: "subscription.remove", uuid: gone, atMs: noonMs });

      const list = async (query: Partial<Parameters<Store["subscriptions"]["list"]>[0]>, after = 0, max = 9) => {
        const found = await at.store.subscriptions.list({ tenant: "acme", ...query }, { after, max });
        return found.map((subscription) => added.findIndex(({ uuid }) => uuid === subscription.uuid));
      };
      const second = added[1]?.number ?? assert.fail();
      assert.deepEqual(await list({}), [0, 1, 2, 4]);
      assert.deepEqual(await list({ face: "objects" }), [0, 2, 4]);
      assert.deepEqual(await list({ scope: one }), [0, 1, 4]);
      assert.deepEqual(await list({ scope: one, face: "notifications" }), [1]);
      assert.deepEqual(await list({ tenant: "other" }), [3]);
      assert.deepEqual(await list({}, second, 1), [2]);
      assert.deepEqual(await list({ scope: one }, second), [4]);
    });

    it("change in what a patch names and keep the rest", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const before = await givenSubscription(
        at.store,
        aSubscription(bucket.uuid, { filter: stored("WHERE size > 1") }),
      );
      const target = { ...before.target, url: stored("https://example.org/other") };
      const policy = { maxRetries: 0, scheduleMs: [1], jitter: 0 };
      const paused = { reason: "gone", sinceMs: noonMs } as const;
      await patched(at.store, before.uuid, { target, policy, paused });
      const changed = { ...before, target, policy, paused, updatedMs: noonMs + 9, revision: 2 };
      assert.deepEqual(await subscriptionNow(at.store, before.uuid), changed);

      await patched(at.store, before.uuid, { filter: null, paused: null, event: "OBJECT_DELETED", enabled: false });
      const { filter: _, paused: __, ...rest } = changed;
      const off = { ...rest, event: "OBJECT_DELETED", enabled: false, revision: 3, fromRevision: 3 };
      assert.deepEqual(await subscriptionNow(at.store, before.uuid), off);
    });

    it("match from another revision on only when what decides about matching differs", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const { uuid } = await givenSubscription(
        at.store,
        aSubscription(bucket.uuid, { filter: stored("WHERE size > 1") }),
      );
      const fromAfter = async (patch: SubscriptionPatch): Promise<number> => {
        await patched(at.store, uuid, patch);
        return (await subscriptionNow(at.store, uuid)).fromRevision;
      };
      assert.equal(await fromAfter({ paused: { reason: "gone", sinceMs: noonMs } }), 1);
      assert.equal(await fromAfter({ paused: null }), 1);
      assert.equal(await fromAfter({ policy: { maxRetries: 1, scheduleMs: [1], jitter: 0 } }), 1);
      assert.equal(await fromAfter({ event: "*", filter: stored("WHERE size > 1"), enabled: true }), 1);
      assert.equal(await fromAfter({}), 1);
      assert.deepEqual(await pastAt(at.store, "acme", 1), []);
      assert.equal(await fromAfter({ filter: null }), 7);
      assert.equal(await fromAfter({ filter: null }), 7);
      assert.equal(await fromAfter({ filter: stored("WHERE size > 2") }), 9);
      assert.equal(await fromAfter({ enabled: false }), 10);
      assert.equal(await fromAfter({ event: "OBJECT_DELETED" }), 11);
      assert.equal((await subscriptionNow(at.store, uuid)).revision, 11);
    });

    it("are found, but not listed, when deleted, and do not change any more", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const before = await givenSubscription(at.store, aSubscription(bucket.uuid));
      await changed(at.store, { do: "subscription.remove", uuid: before.uuid, atMs: noonMs + 3 });
      const deleted = { ...before, deletedMs: noonMs + 3, revision: 2 };
      assert.deepEqual(await subscriptionNow(at.store, before.uuid), deleted);
      assert.deepEqual(await at.store.subscriptions.list({ tenant: "acme" }, { max: 9 }), []);

      await changed(at.store, { do: "subscription.remove", uuid: before.uuid, atMs: noonMs + 4 });
      await patched(at.store, before.uuid, { event: "OBJECT_DELETED" });
      await changed(at.store, { do: "bucket.remove", bucket: bucket.uuid, atMs: noonMs + 5 });
      assert.deepEqual(await subscriptionNow(at.store, before.uuid), deleted);
      assert.equal((await pastAt(at.store, "acme", 1)).length, 1);
    });

    it("may still be paused and deleted when their bucket is gone", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const before = await givenSubscription(at.store, aSubscription(bucket.uuid));
      const paused = { reason: "gone", sinceMs: noonMs } as const;
      await changed(at.store, { do: "bucket.remove", bucket: bucket.uuid, atMs: noonMs + 5 });
      await patched(at.store, before.uuid, { paused });
      await changed(at.store, { do: "subscription.remove", uuid: before.uuid, atMs: noonMs + 9 });
      const ended = { ...before, endedMs: noonMs + 5, deletedMs: noonMs + 9, updatedMs: noonMs + 9, paused };
      const now = await subscriptionNow(at.store, before.uuid);
      assert.deepEqual(now, { ...ended, revision: now.revision });
      assert.equal((await pastAt(at.store, "acme", 1)).length, 1, "it ended once");
    });

    it("are guarded by their revision, and by being deleted", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const { uuid, revision } = await givenSubscription(at.store, aSubscription(bucket.uuid));
      const unchanged = { if: "subscription.revision", uuid, revision } as const;
      await givenSubscription(at.store, aSubscription(bucket.uuid));
      await committed(at.store, { conditions: [unchanged] });
      await patched(at.store, uuid, { paused: null });
      assert.deepEqual(await at.store.commit({ conditions: [unchanged] }), { kind: "refused", condition: unchanged });
      await changed(at.store, { do: "subscription.remove", uuid, atMs: noonMs });
      const last = { ...unchanged, revision: (await subscriptionNow(at.store, uuid)).revision };
      assert.deepEqual(await at.store.commit({ conditions: [last] }), { kind: "refused", condition: last });
    });
  });
}
