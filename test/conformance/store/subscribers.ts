import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { faces } from "../../../src/domain/event.ts";
import {
  anEvent,
  aSubscription,
  changed,
  changedSince,
  committed,
  givenBucket,
  givenSubscription,
  noonMs,
  pastAt,
  refused,
  subscriptionNow,
  tenantWithAda,
} from "./given.ts";
import { aSubscriber, functionNow, givenApp, givenFunction, givenSubscriber } from "./given-functions.ts";
import type { OpenStore } from "./under-test.ts";

export function subscribersConformance(open: OpenStore): void {
  describe("subscriptions of functions", () => {
    it("are found by function and event type, live ones", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      const fn = await givenFunction(at.store, app);
      const beside = await givenFunction(at.store, app);
      const post = await givenSubscriber(at.store, fn, "POST_USER_CREATE");
      const pre = await givenSubscriber(at.store, fn, "PRE_USER_CREATE");
      const other = await givenSubscriber(at.store, beside, "PRE_USER_CREATE");
      const { functions } = at.store;
      assert.deepEqual(await functions.subscription({ function: fn.number, event: "PRE_USER_CREATE" }), pre);
      assert.equal(await functions.subscription({ function: fn.number, event: "PRE_USER_DELETE" }), undefined);
      assert.deepEqual(await functions.subscriptions(fn.number), [post, pre]);
      await changed(at.store, { do: "subscription.remove", uuid: post.uuid, atMs: noonMs });
      assert.equal(await functions.subscription({ function: fn.number, event: "POST_USER_CREATE" }), undefined);
      assert.deepEqual(await functions.subscriptions(fn.number), [pre]);
      assert.deepEqual(await functions.subscriptions(beside.number), [other]);
    });

    it("are one for each event type of a function, whoever races for it", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      const fn = await givenFunction(at.store, app);
      const event = "POST_USER_CREATE";
      const absent = { if: "subscriber.absent", function: fn.number, event } as const;
      const commits = await Promise.all(
        Array.from({ length: 9 }, () =>
          at.store.commit({
            conditions: [absent],
            changes: [{ do: "subscription.add", subscription: aSubscriber(fn, event, { enabled: false }) }],
          }),
        ),
      );
      assert.equal(commits.filter(({ kind }) => kind === "committed").length, 1);
      await refused(at.store, absent);
      await assert.rejects(givenSubscriber(at.store, fn, event));
      const free = await givenSubscriber(at.store, fn, "POST_USER_DELETE");
      await assert.rejects(
        changed(at.store, { do: "subscription.change", uuid: free.uuid, patch: { event }, atMs: noonMs }),
      );
      await givenSubscriber(at.store, await givenFunction(at.store, app), event);
      const [held] = await at.store.functions.subscriptions(fn.number);
      await changed(at.store, { do: "subscription.remove", uuid: held?.uuid ?? assert.fail(), atMs: noonMs });
      await committed(at.store, { conditions: [absent] });
      await givenSubscriber(at.store, fn, event);
    });

    it("are found whatever their face, and are as many for an event type as one likes unless they say otherwise", async () => {
      await using at = await open();
      const { uuid } = await givenBucket(at.store);
      const event = "POST_USER_CREATE";
      const target = { kind: "function", function: 1 } as const;
      const others = faces.flatMap((face) => [1, 2].map(() => aSubscription(uuid, { event, face, target })));
      for (const other of others) await givenSubscription(at.store, other);
      assert.deepEqual(
        (await at.store.functions.subscriptions(1)).map((found) => found.uuid),
        others.map((other) => other.uuid),
      );
      await committed(at.store, {
        conditions: [
          { if: "subscriber.absent", function: 1, event },
          { if: "subscribers.fewer", tenant: "acme", event, fewer: 1 },
        ],
      });
    });

    it("may be held to a number for each event type and tenant, whoever races for the last place", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      await changed(at.store, ...tenantWithAda("other"));
      const event = "PRE_USER_CREATE";
      const fewer = { if: "subscribers.fewer", tenant: "acme", event, fewer: 3 } as const;
      const functions = await Promise.all(Array.from({ length: 6 }, () => givenFunction(at.store, app)));
      const [first = assert.fail(), ...others] = functions;
      await givenSubscriber(at.store, first, "PRE_USER_DELETE");
      await givenSubscription(at.store, aSubscriber(first, event, { enabled: false }));
      await givenSubscription(at.store, aSubscriber({ ...first, number: 99 }, event, { tenant: "other" }));
      const commits = await Promise.all(
        others.map((fn) =>
          at.store.commit({
            conditions: [fewer],
            changes: [{ do: "subscription.add", subscription: aSubscriber(fn, event) }],
          }),
        ),
      );
      assert.equal(commits.filter(({ kind }) => kind === "committed").length, 2);
      await refused(at.store, fewer);
      await committed(at.store, { conditions: [{ ...fewer, fewer: 4 }] });
      await refused(at.store, { ...fewer, event: "PRE_ORDER_CREATE", fewer: 0 });
      await changed(at.store, { do: "function.remove", number: first.number, atMs: noonMs });
      await committed(at.store, { conditions: [fewer] });
    });
  });

  describe("a function's removal", () => {
    it("ends its subscriptions as removing each of them does", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      const fn = await givenFunction(at.store, app);
      const beside = await givenSubscriber(at.store, await givenFunction(at.store, app), "POST_USER_CREATE");
      const post = await givenSubscriber(at.store, fn, "POST_USER_CREATE");
      const off = await givenSubscription(at.store, aSubscriber(fn, "POST_USER_DELETE", { enabled: false }));
      const { revision } = await changedSince(at.store, "acme", 0);
      const [sequence = 0] = await committed(at.store, {
        changes: [{ do: "function.remove", number: fn.number, atMs: noonMs + 3 }],
        events: [anEvent(app.uuid)],
      });
      assert.equal((await at.store.events.get(sequence))?.revision, revision + 1);
      for (const before of [post, off]) {
        const deleted = { ...before, deletedMs: noonMs + 3, revision: revision + 1 };
        assert.deepEqual(await subscriptionNow(at.store, before.uuid), deleted);
      }
      assert.deepEqual(await subscriptionNow(at.store, beside.uuid), beside);
      const { changed: told } = await changedSince(at.store, "acme", revision);
      assert.deepEqual(
        told.map(({ uuid }) => uuid),
        [post.uuid, off.uuid],
      );
      const past = await pastAt(at.store, "acme", revision);
      assert.deepEqual(
        past.map(({ uuid }) => uuid),
        [post.uuid],
        "what an event of before still meets",
      );
      assert.deepEqual(await at.store.functions.subscriptions(fn.number), []);
      await changed(at.store, { do: "function.remove", number: fn.number, atMs: noonMs + 4 });
      assert.equal((await changedSince(at.store, "acme", 0)).revision, revision + 1);
    });

    it("also deletes those whose scope had gone before, so that nothing of theirs is sent any more", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      const fn = await givenFunction(at.store, app);
      const bucket = { uuid: aSubscription(app.uuid).uuid, tenant: "acme", name: "b", owner: "ada", createdMs: noonMs };
      await changed(at.store, { do: "bucket.add", bucket });
      const { uuid } = await givenSubscription(at.store, aSubscriber(fn, "POST_OBJECT_PUT", { scope: bucket.uuid }));
      await changed(at.store, { do: "bucket.remove", bucket: bucket.uuid, atMs: noonMs + 1 });
      await committed(at.store, {
        conditions: [{ if: "subscriber.absent", function: fn.number, event: "POST_OBJECT_PUT" }],
      });
      await changed(at.store, { do: "function.remove", number: fn.number, atMs: noonMs + 2 });
      const { endedMs, deletedMs } = await subscriptionNow(at.store, uuid);
      assert.deepEqual([endedMs, deletedMs], [noonMs + 1, noonMs + 2]);
      assert.equal((await pastAt(at.store, "acme", 1)).length, 1, "it ended once");
    });

    it("does not come of disabling: that is between the function and its caller", async () => {
      await using at = await open();
      const fn = await givenFunction(at.store, await givenApp(at.store));
      const before = await givenSubscriber(at.store, fn, "POST_USER_CREATE");
      await changed(at.store, {
        do: "function.change",
        number: fn.number,
        patch: { enabled: false },
        atMs: noonMs,
      });
      assert.equal((await functionNow(at.store, fn.number)).enabled, false);
      assert.deepEqual(await subscriptionNow(at.store, before.uuid), before);
    });

    it("are told apart from those that came since, of a function and of a face on a scope", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      const fn = await givenFunction(at.store, app);
      const ofFunction = { function: fn.number } as const;
      const onScope = { tenant: "acme", scope: app.uuid, face: "lifecycle" } as const;
      const none = (last: number) =>
        [ofFunction, onScope].map((of) => ({ if: "subscriptions.noneSince", of, last }) as const);
      await at.store.commit({ conditions: none(0) });
      const first = await givenSubscriber(at.store, fn, "POST_USER_CREATE");
      for (const condition of none(0)) await refused(at.store, condition);
      const since = await at.store.commit({ conditions: none(first.number) });
      assert.equal(since.kind, "committed");
      const second = await givenSubscriber(at.store, fn, "POST_USER_DELETE");
      for (const condition of none(first.number)) await refused(at.store, condition);
      await changed(at.store, { do: "subscription.remove", uuid: second.uuid, atMs: noonMs });
      const ended = await at.store.commit({ conditions: none(first.number) });
      assert.equal(ended.kind, "committed");
    });
  });
}
