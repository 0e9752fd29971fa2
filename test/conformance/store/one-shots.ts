import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mailRetryPolicy } from "../../../src/domain/requested-retries.ts";
import type { Subscription } from "../../../src/domain/subscription.ts";
import type { Store } from "../../../src/store/store.ts";
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
  subscriptionNow,
  uuid,
} from "./given.ts";
import type { OpenStore } from "./under-test.ts";

const once = { face: "notifications", once: true } as const;

function take(store: Store, sequence: number, ...subscriptions: readonly Subscription[]): Promise<readonly number[]> {
  const numbers = subscriptions.map(({ number }) => number);
  return changed(store, {
    do: "subscription.take",
    tenant: "acme",
    sequence,
    subscriptions: numbers,
    dueMs: noonMs,
  });
}

async function given(store: Store, count = 2): Promise<readonly number[]> {
  const { uuid: scope } = await givenBucket(store);
  return committed(store, { events: Array.from({ length: count }, () => anEvent(scope)) });
}

export function oneShotsConformance(open: OpenStore): void {
  describe("one-shot subscriptions", () => {
    it("are read back with all that is said of them", async () => {
      await using at = await open();
      const { uuid: scope } = await givenBucket(at.store);
      const retry = {
        retryStrategy: "DELAYED",
        retryLimit: 3,
        retryRate: 5,
        retryDelay: 7,
        saveOnFailure: true,
      } as const;
      const target = { kind: "email", address: stored("me+${EVENT}@example.com") } as const;
      const wanted = aSubscription(scope, { ...once, target, unconfirmed: true, retry, policy: mailRetryPolicy });
      const { number, ...found } = await givenSubscription(at.store, wanted);
      assert.deepEqual(found, { ...wanted, updatedMs: noonMs, fromRevision: 1, revision: 1 });
      assert.ok(number > 0);
    });

    it("are taken by one event, which gets a delivery that waits; another event gets nothing", async () => {
      await using at = await open();
      const [first = 0, second = 0] = await given(at.store);
      const subscription = await givenSubscription(at.store, aSubscription(uuid("file"), once));
      await take(at.store, first, subscription);
      await take(at.store, second, subscription);
      await take(at.store, first, subscription);
      const now = await subscriptionNow(at.store, subscription.uuid);
      assert.equal(now.taken, first);
      assert.ok(now.revision > subscription.revision, "whoever holds an older state learns of it");
      assert.equal(now.fromRevision, subscription.fromRevision);
      const due = await at.store.deliveries.due(subscription.number, noonMs, 9);
      assert.deepEqual(
        due.map(({ event, attempts, tries }) => [event.sequence, attempts, tries]),
        [[first, 0, 0]],
      );
      assert.deepEqual([...(await recordedOf(at.store, first, second))], [`${first}/${subscription.number}`]);
    });

    it("are taken in the order of the units, also within one commit", async () => {
      await using at = await open();
      const sequences = await given(at.store, 20);
      const subscriptions = await Promise.all(
        [1, 2, 3].map(() => givenSubscription(at.store, aSubscription(uuid("file"), once))),
      );
      await Promise.all(sequences.map((sequence) => take(at.store, sequence, ...subscriptions)));
      for (const subscription of subscriptions) {
        assert.equal((await subscriptionNow(at.store, subscription.uuid)).taken, sequences[0]);
      }
    });

    it("are not taken when they are deleted; who is for all events by now hears it without being taken", async () => {
      await using at = await open();
      const [sequence = 0] = await given(at.store);
      const persistent = await givenSubscription(at.store, aSubscription(uuid("file"), { face: "notifications" }));
      const deleted = await givenSubscription(at.store, aSubscription(uuid("file"), once));
      await changed(at.store, { do: "subscription.remove", uuid: deleted.uuid, atMs: noonMs });
      await take(at.store, sequence, persistent, deleted);
      assert.equal((await subscriptionNow(at.store, persistent.uuid)).taken, undefined);
      assert.equal((await subscriptionNow(at.store, deleted.uuid)).taken, undefined);
      assert.deepEqual([...(await recordedOf(at.store, sequence, sequence))], [`${sequence}/${persistent.number}`]);
    });

    it("keep the outcome of the event that took them, and of no other; what is redriven may end better", async () => {
      await using at = await open();
      await given(at.store);
      const subscription = await givenSubscription(at.store, aSubscription(uuid("file"), once));
      const [{ event } = assert.fail(), { event: other } = assert.fail()] = await fedNow(at.feed, 2);
      await take(at.store, event.sequence, subscription);
      const outcome = async (): Promise<string | undefined> =>
        (await subscriptionNow(at.store, subscription.uuid)).outcome;
      const ended = (sequence: number, status: "dead" | "delivered") =>
        at.feed.settle({ records: [aRecord(sequence, subscription, { status, once: true })], done: [] });
      await ended(other.sequence, "delivered");
      assert.equal(await outcome(), undefined);
      await ended(event.sequence, "dead");
      assert.equal(await outcome(), "failed");
      await ended(event.sequence, "delivered");
      assert.equal(await outcome(), "complete");
    });

    it("meet no event before they are confirmed, and none that is older than that", async () => {
      await using at = await open();
      const { uuid: scope } = await givenBucket(at.store);
      const { uuid: of, revision } = await givenSubscription(
        at.store,
        aSubscription(scope, { ...once, unconfirmed: true }),
      );
      await changed(at.store, { do: "subscription.change", uuid: of, patch: { unconfirmed: false }, atMs: noonMs });
      const now = await subscriptionNow(at.store, of);
      assert.equal(now.unconfirmed, undefined);
      assert.ok(now.fromRevision > revision);
      assert.deepEqual(await pastAt(at.store, "acme", revision), []);
    });

    it("that watch another resource from now on are remembered where they were", async () => {
      await using at = await open();
      const { uuid: before } = await givenBucket(at.store);
      const after = uuid("file");
      const { uuid: of, revision } = await givenSubscription(at.store, aSubscription(before, once));
      const patch = { scope: after, once: false };
      await changed(at.store, { do: "subscription.change", uuid: of, patch, atMs: noonMs });
      const [past] = await pastAt(at.store, "acme", revision);
      assert.deepEqual([past?.uuid, past?.scope], [of, before]);
      const now = await subscriptionNow(at.store, of);
      assert.deepEqual([now.scope, now.once], [after, undefined]);
    });

    it("and all others come newest first, by face, owner and resource, deleted ones when they are wanted", async () => {
      await using at = await open();
      const { uuid: scope } = await givenBucket(at.store);
      const mine = await givenSubscription(at.store, aSubscription(scope, { ...once, owner: "bob" }));
      const gone = await givenSubscription(at.store, aSubscription(scope, { ...once, owner: "bob" }));
      const elsewhere = await givenSubscription(at.store, aSubscription(uuid("file"), { ...once, owner: "bob" }));
      const rule = await givenSubscription(at.store, aSubscription(scope, { owner: "ada" }));
      await changed(at.store, { do: "subscription.remove", uuid: gone.uuid, atMs: noonMs });
      const found = async (
        query: Omit<Parameters<Store["subscriptions"]["newest"]>[0], "tenant">,
        page = { max: 9 },
      ): Promise<number[]> =>
        (await at.store.subscriptions.newest({ tenant: "acme", ...query }, page)).map(({ number }) => number);
      const numbers = [rule, elsewhere, gone, mine].map(({ number }) => number);
      const [a = 0, b = 0, c = 0, d = 0] = numbers;
      assert.deepEqual(await found({}), [a, b, d]);
      assert.deepEqual(await found({ deleted: true }), [a, b, c, d]);
      assert.deepEqual(await found({ face: "notifications" }), [b, d]);
      assert.deepEqual(await found({ owner: "bob", scope }), [d]);
      assert.deepEqual(await found({ owner: "ada", deleted: true }), [a]);
      assert.deepEqual(await found({}, { max: 1 }), [a]);
    });

    it("are the scopes, by their kind, of those who watch them", async () => {
      await using at = await open();
      await givenBucket(at.store);
      const watched = await givenSubscription(at.store, aSubscription(uuid("file"), once));
      await givenSubscription(at.store, aSubscription(watched.uuid, { ...once, once: true }));
      assert.deepEqual(await at.store.subscriptions.scopesOf("subscription"), [watched.uuid]);
      assert.deepEqual(await at.store.subscriptions.scopesOf("file"), [watched.scope]);
      assert.deepEqual(await at.store.subscriptions.scopesOf("bucket"), []);
    });
  });

  describe("what an outcome announces", () => {
    it("is an event of the same commit, fed after those before it", async () => {
      await using at = await open();
      const [sequence = 0] = await given(at.store, 1);
      const subscription = await givenSubscription(at.store, aSubscription(uuid("file"), once));
      await fedNow(at.feed, 1);
      const announced = anEvent(subscription.uuid, { names: { notifications: "SUCCESS" }, owners: ["ada"] });
      const record = { ...aRecord(sequence, subscription, { status: "delivered" }), announced: [announced] };
      await at.feed.settle({ records: [record], done: [sequence] });
      const [fed] = await fedNow(at.feed, 1);
      const { sequence: later, revision, ...told } = fed?.event ?? assert.fail("it is fed");
      assert.deepEqual(told, announced);
      assert.ok(later > sequence && revision > 0);
      assert.deepEqual(await at.store.events.get(later), fed?.event);
    });
  });

  describe("dead letters that are cleared", () => {
    it("are listed no more, are not sent again, and stay recorded; others stay as they are", async () => {
      await using at = await open();
      const sequences = await given(at.store, 3);
      const [one = 0, two = 0, three = 0] = sequences;
      const subscription = await givenSubscription(at.store, aSubscription(uuid("file"), { face: "notifications" }));
      const { number } = subscription;
      await fedNow(at.feed, 3);
      const records = [
        aRecord(one, subscription, { status: "dead" }),
        aRecord(two, subscription, { status: "dead" }),
        aRecord(three, subscription, { status: "delivered" }),
      ];
      await at.feed.settle({ records, done: [...sequences] });
      const listed = async (): Promise<number[]> => {
        const query = { tenant: "acme", subscription: subscription.uuid };
        return (await at.store.deliveries.list(query, { max: 9 })).deliveries.map(({ event }) => event.sequence);
      };
      await changed(at.store, { do: "delivery.clear", subscription: number, sequence: one });
      assert.deepEqual(await listed(), [three, two]);
      await changed(at.store, { do: "delivery.clear", subscription: number });
      assert.deepEqual(await listed(), [three]);
      assert.equal(await at.store.deliveries.get({ sequence: one, subscription: number }), undefined);
      assert.equal((await recordedOf(at.store, one, three)).size, 3);
      assert.equal((await at.store.deliveries.depth()).dead, 0);
      await changed(at.store, { do: "delivery.redrive", sequence: one, subscription: number, dueMs: noonMs });
      assert.deepEqual(await at.store.deliveries.due(number, noonMs, 9), []);
    });
  });
}
