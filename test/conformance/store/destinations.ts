import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { targetTo } from "../../../src/domain/destination.ts";
import type { Uuid } from "../../../src/domain/ids.ts";
import type { DestinationChange } from "../../../src/store/destinations.ts";
import type { Store } from "../../../src/store/store.ts";
import type { NewSubscription } from "../../../src/store/unit.ts";
import { stored } from "../../support/stored.ts";
import { aSubscription, changed, givenBucket, holds, noonMs, refused, tenantWithAda, uuid } from "./given.ts";
import type { OpenStore } from "./under-test.ts";

type NewDestination = Extract<DestinationChange, { do: "destination.add" }>["destination"];

export function aDestination(over: Partial<NewDestination> = {}): NewDestination {
  return {
    tenant: "acme",
    name: "orders",
    webhook: {
      kind: "webhook",
      url: stored("https://orders.example/in"),
      timeoutMs: 5_000,
      fields: ["reason"],
      format: "object",
      sealed: "b25l",
    },
    policy: { maxRetries: 9, scheduleMs: [1_000], jitter: 0 },
    alerts: true,
    createdMs: noonMs,
    ...over,
  };
}

async function made(store: Store, over: Partial<NewDestination> = {}) {
  const destination = aDestination(over);
  await changed(store, { do: "destination.add", destination });
  return (await store.destinations.get(destination.tenant, destination.name)) ?? assert.fail();
}

async function goingThere(store: Store, scope: Uuid, over: Partial<NewSubscription> = {}) {
  const destination = await made(store);
  const subscription = aSubscription(scope, { target: targetTo(over.face ?? "objects", destination), ...over });
  await changed(store, { do: "subscription.add", subscription });
  return {
    destination,
    number: (await store.subscriptions.get(subscription.uuid))?.number ?? assert.fail(),
    subscription,
  };
}

const later = { url: stored("https://new.example/in"), sealed: "dHdv" };

export function destinationsConformance(open: OpenStore): void {
  describe("destinations", () => {
    it("are read back as written, also after a restart, by name and in pages of one tenant", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"), ...tenantWithAda("other"));
      const { policy: _, ...bare } = aDestination({ name: "b", alerts: false });
      await changed(at.store, { do: "destination.add", destination: bare });
      await made(at.store, { name: "a" });
      await made(at.store, { name: "c", tenant: "other" });
      await at.reopen();
      const { number, revision, updatedMs, ...read } = (await at.store.destinations.get("acme", "b")) ?? assert.fail();
      assert.deepEqual([read, updatedMs], [bare, noonMs]);
      assert.ok(number > 0 && revision > 0);
      const names = async (page: object) =>
        (await at.store.destinations.list("acme", { max: 9, ...page })).map((d) => d.name);
      assert.deepEqual(
        [await names({}), await names({ max: 1 }), await names({ after: "a" })],
        [["a", "b"], ["a"], ["b"]],
      );
      assert.equal(await at.store.destinations.get("other", "b"), undefined);
      const some = await at.store.destinations.byNames("acme", ["b", "c", "a"]);
      assert.deepEqual(some.map(({ name }) => name).sort(), ["a", "b"]);
    });

    it("have tags, or none", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"));
      const { number } = await made(at.store, { tags: { team: "shop" } });
      const change = async (patch: object) => {
        await changed(at.store, { do: "destination.change", number, patch, atMs: noonMs });
        return (await at.store.destinations.get("acme", "orders"))?.tags;
      };
      assert.deepEqual(await change({ alerts: false }), { team: "shop" });
      assert.deepEqual(await change({ tags: { cost: "1" } }), { cost: "1" });
      assert.equal(await change({ tags: null }), undefined);
    });

    it("have one name in a tenant, and are bounded", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"), ...tenantWithAda("other"));
      const { number, revision } = await made(at.store);
      const [free, fewer] = [
        { if: "destination.nameFree", tenant: "acme", name: "orders" },
        { if: "destinations.fewer", tenant: "acme", fewer: 1 },
      ] as const;
      await refused(at.store, free);
      await refused(at.store, fewer);
      await holds(at.store, { ...free, tenant: "other" });
      await holds(at.store, { ...fewer, fewer: 2 });
      await holds(at.store, { if: "destination.live", number });
      await holds(at.store, { if: "destination.revision", number, revision });
      await changed(at.store, { do: "destination.change", number, patch: { alerts: false }, atMs: noonMs });
      await refused(at.store, { if: "destination.revision", number, revision });
      await changed(at.store, { do: "destination.remove", number, atMs: noonMs });
      await refused(at.store, { if: "destination.live", number });
      await holds(at.store, free);
      await holds(at.store, fewer);
      assert.notEqual((await made(at.store)).number, number);
    });

    it("are what their subscriptions go to, each as its face has it, unless it has retries of its own", async () => {
      await using at = await open();
      const { uuid: bucket } = await givenBucket(at.store);
      const { number, subscription, destination } = await goingThere(at.store, bucket);
      const read = (await at.store.subscriptions.byNumber(number)) ?? assert.fail();
      assert.deepEqual(read.target, {
        kind: "destination",
        destination: destination.number,
        name: "orders",
        webhook: { ...destination.webhook, ack: "200" },
      });
      assert.deepEqual(read.policy, destination.policy);
      const watching = aSubscription(uuid("file"), {
        face: "notifications",
        target: { ...targetTo("notifications", destination), ownRetries: true },
      });
      await changed(at.store, { do: "subscription.add", subscription: watching });
      const other = (await at.store.subscriptions.get(watching.uuid)) ?? assert.fail();
      assert.deepEqual(other.policy, watching.policy);
      assert.deepEqual(
        other.target.kind === "destination" && [
          other.target.webhook.ack,
          other.target.webhook.format,
          other.target.webhook.fields,
        ],
        ["2xx", "resource", []],
      );
      assert.deepEqual(
        (await at.store.destinations.users(destination.number, { max: 9 })).map((one) => one.uuid),
        [subscription.uuid, watching.uuid],
      );
      assert.equal(await at.store.destinations.countUsers(destination.number), 2);
      await refused(at.store, { if: "destination.usersFewer", number: destination.number, fewer: 2 });
      await holds(at.store, { if: "destination.usersFewer", number: destination.number, fewer: 3 });
    });

    it("change all that goes there: its revision, what is sent from then on, and nothing of what it matches", async () => {
      await using at = await open();
      const { uuid: bucket } = await givenBucket(at.store);
      const { number, destination } = await goingThere(at.store, bucket);
      const before = (await at.store.subscriptions.byNumber(number)) ?? assert.fail();
      const { revision } = await at.store.subscriptions.changedSince("acme", { revision: 0, number: 0 }, 9);
      const patch = { webhook: { ...destination.webhook, ...later }, policy: null, alerts: false };
      await changed(at.store, { do: "destination.change", number: destination.number, patch, atMs: noonMs + 5 });
      const after = (await at.store.subscriptions.byNumber(number)) ?? assert.fail();
      assert.ok(after.revision > before.revision);
      assert.equal(after.fromRevision, before.fromRevision);
      assert.equal(await at.store.subscriptions.sendsFrom(number), after.revision);
      assert.deepEqual(after.target, {
        kind: "destination",
        destination: destination.number,
        name: "orders",
        quiet: true,
        webhook: { ...destination.webhook, ...later, ack: "200" },
      });
      const { changed: states } = await at.store.subscriptions.changedSince(
        "acme",
        { revision, number: Number.MAX_SAFE_INTEGER },
        9,
      );
      assert.deepEqual(
        states.map((one) => one.number),
        [number],
      );
    });

    it("pause what goes there when they are deleted, and are still shown with it", async () => {
      await using at = await open();
      const { uuid: bucket } = await givenBucket(at.store);
      const { number, destination, subscription } = await goingThere(at.store, bucket);
      const paused = aSubscription(bucket, { target: targetTo("objects", destination) });
      await changed(
        at.store,
        { do: "subscription.add", subscription: paused },
        {
          do: "subscription.change",
          uuid: paused.uuid,
          patch: { paused: { reason: "gone", sinceMs: 7 } },
          atMs: noonMs,
        },
        { do: "destination.remove", number: destination.number, atMs: noonMs + 5 },
      );
      const after = (await at.store.subscriptions.byNumber(number)) ?? assert.fail();
      assert.deepEqual(after.paused, { reason: "destination", sinceMs: noonMs + 5 });
      assert.ok(after.target.kind === "destination" && after.target.gone === true);
      assert.equal(after.target.webhook.url, destination.webhook.url);
      assert.deepEqual((await at.store.subscriptions.get(paused.uuid))?.paused, { reason: "gone", sinceMs: 7 });
      assert.equal(await at.store.destinations.get("acme", "orders"), undefined);
      assert.deepEqual(await at.store.destinations.list("acme", { max: 9 }), []);
      // Another of the name is another.
      const again = await made(at.store);
      assert.equal(await at.store.destinations.countUsers(again.number), 0);
      await changed(at.store, {
        do: "subscription.change",
        uuid: subscription.uuid,
        patch: { target: targetTo("objects", again), paused: null },
        atMs: noonMs,
      });
      assert.equal(await at.store.destinations.countUsers(again.number), 1);
    });

    it("are left by a subscription that goes elsewhere, and not used by one that is over", async () => {
      await using at = await open();
      const { uuid: bucket } = await givenBucket(at.store);
      const { subscription, destination } = await goingThere(at.store, bucket);
      const managed = {
        by: "s3",
        id: "a",
        kind: "Topic",
        arn: "arn:x",
        events: ["s3:ObjectCreated:*"],
        position: 0,
      } as const;
      const patch = { target: aSubscription(bucket).target, managed };
      await changed(at.store, { do: "subscription.change", uuid: subscription.uuid, patch, atMs: noonMs });
      const read = await at.store.subscriptions.get(subscription.uuid);
      assert.deepEqual([read?.target, read?.managed], [patch.target, managed]);
      assert.equal(await at.store.destinations.countUsers(destination.number), 0);
      const other = aSubscription(bucket, { target: targetTo("objects", destination), managed });
      await changed(at.store, { do: "subscription.add", subscription: other });
      assert.deepEqual((await at.store.subscriptions.get(other.uuid))?.managed, managed);
      await changed(at.store, { do: "subscription.remove", uuid: other.uuid, atMs: noonMs });
      assert.equal(await at.store.destinations.countUsers(destination.number), 0);
    });

    it("are dropped once they were deleted and no subscription that is kept went there", async () => {
      await using at = await open();
      const { uuid: bucket } = await givenBucket(at.store);
      /** Whether something went, as no more than one thing of a kind goes in a step. */
      const drops = async (beforeMs: number): Promise<boolean> =>
        (await at.store.upkeep.prune({ beforeMs, deadBeforeMs: beforeMs, max: 1 })).more;
      const gone = await made(at.store, { name: "gone" });
      const over = aSubscription(bucket, { target: targetTo("objects", gone), dropWhenOver: true });
      await changed(at.store, { do: "subscription.add", subscription: over });
      await changed(at.store, { do: "subscription.remove", uuid: over.uuid, atMs: noonMs + 10 });
      assert.deepEqual([await drops(noonMs + 15), await drops(noonMs + 15)], [true, false], "the subscription goes");
      assert.equal(await drops(noonMs + 30), false, "it was not deleted");
      await changed(at.store, { do: "destination.remove", number: gone.number, atMs: noonMs + 20 });
      assert.equal(await drops(noonMs + 20), false, "it was deleted no longer ago");
      assert.deepEqual([await drops(noonMs + 21), await drops(noonMs + 21)], [true, false], "it goes");

      const shown = await made(at.store, { name: "shown" });
      const kept = aSubscription(bucket, { target: targetTo("objects", shown) });
      await changed(at.store, { do: "subscription.add", subscription: kept });
      await changed(at.store, { do: "destination.remove", number: shown.number, atMs: noonMs + 20 });
      assert.equal(await drops(noonMs + 30), false, "what went there is shown by it");
      const { target } = (await at.store.subscriptions.get(kept.uuid)) ?? assert.fail();
      assert.ok(target.kind === "destination" && target.webhook.url === shown.webhook.url);
    });
  });
}
