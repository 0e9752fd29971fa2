import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { DeliveryRecord } from "../../../src/domain/delivery.ts";
import type { Uuid } from "../../../src/domain/ids.ts";
import type { Subscription } from "../../../src/domain/subscription.ts";
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
  tenantWithAda,
} from "./given.ts";
import type { OpenStore, StoreUnderTest } from "./under-test.ts";

/** Follows `next` to the end, as `<sequence>/<subscription>`. */
async function listed(store: Store, query: DeliveryQuery, max: number): Promise<string[]> {
  const found: string[] = [];
  let after: DeliveryPlace | undefined;
  do {
    const page = await store.deliveries.list(query, after === undefined ? { max } : { after, max });
    assert.ok(page.deliveries.length <= max);
    for (const { event, number } of page.deliveries) found.push(`${event.sequence}/${number}`);
    after = page.next;
  } while (after !== undefined);
  return found;
}

const statuses = ["delivered", "dead", "waiting"] as const;
const cases = fc.record({
  /** When each event happened, in the order of commits: the clock may have been set. */
  seconds: fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 9 }),
  /** What became of each event (by row) for each of the four subscriptions; absent: it was not wanted. */
  outcomes: fc.array(fc.array(fc.constantFrom(undefined, ...statuses), { minLength: 4, maxLength: 4 }), {
    minLength: 9,
    maxLength: 9,
  }),
  statuses: fc.option(fc.uniqueArray(fc.constantFrom(...statuses), { minLength: 1 }), { nil: undefined }),
  order: fc.constantFrom("newest", "oldest"),
  /** Three of the subscriptions are of the first scope. */
  scope: fc.option(fc.nat({ max: 1 }), { nil: undefined }),
  subscription: fc.option(fc.nat({ max: 3 }), { nil: undefined, freq: 2 }),
  since: fc.option(fc.nat({ max: 9 }), { nil: undefined }),
  until: fc.option(fc.nat({ max: 9 }), { nil: undefined }),
  max: fc.integer({ min: 1, max: 5 }),
});
type Case = typeof cases extends fc.Arbitrary<infer Value> ? Value : never;

interface Place {
  readonly tenant: string;
  readonly scopes: readonly Uuid[];
  readonly subscriptions: readonly Subscription[];
}

async function aPlace(store: Store, tenant: string): Promise<Place> {
  const buckets = [aBucket({ tenant }), aBucket({ tenant })];
  await changed(store, ...tenantWithAda(tenant), ...buckets.map((bucket) => ({ do: "bucket.add", bucket }) as const));
  const scopes = buckets.map(({ uuid }) => uuid);
  const subscriptions: Subscription[] = [];
  for (const index of [0, 1, 0, 0]) {
    const scope = scopes[index] ?? assert.fail();
    subscriptions.push(await givenSubscription(store, aSubscription(scope, { tenant })));
  }
  return { tenant, scopes, subscriptions };
}

function queryOf({ statuses: asked, scope, subscription, since, until, order }: Case, place: Place): DeliveryQuery {
  const scopeUuid = scope === undefined ? undefined : place.scopes[scope];
  const subscriptionUuid = subscription === undefined ? undefined : place.subscriptions[subscription]?.uuid;
  return {
    tenant: place.tenant,
    order,
    ...(asked === undefined ? {} : { statuses: asked }),
    ...(scopeUuid === undefined ? {} : { scope: scopeUuid }),
    ...(subscriptionUuid === undefined ? {} : { subscription: subscriptionUuid }),
    ...(since === undefined ? {} : { sinceMs: noonMs + since * 1_000 }),
    ...(until === undefined ? {} : { untilMs: noonMs + until * 1_000 }),
  };
}

async function agrees(at: StoreUnderTest, place: Place, made: Case): Promise<void> {
  const { seconds, outcomes, max } = made;
  const scope = place.scopes[0] ?? assert.fail();
  const events = seconds.map((second) => anEvent(scope, { tenant: place.tenant, timeMs: noonMs + second * 1_000 }));
  const sequences = await committed(at.store, { events });
  const query = queryOf(made, place);
  const records: DeliveryRecord[] = [];
  const wanted: string[] = [];
  for (const [row, sequence] of sequences.entries()) {
    const timeMs = events[row]?.timeMs ?? assert.fail();
    for (const [column, subscription] of place.subscriptions.entries()) {
      const status = outcomes[row]?.[column];
      if (status === undefined) continue;
      records.push(aRecord(sequence, subscription, { status }));
      const asked =
        query.statuses?.includes(status) !== false &&
        (query.scope ?? subscription.scope) === subscription.scope &&
        (query.subscription ?? subscription.uuid) === subscription.uuid &&
        timeMs >= (query.sinceMs ?? timeMs) &&
        timeMs < (query.untilMs ?? Number.POSITIVE_INFINITY);
      if (asked) wanted.push(`${sequence}/${subscription.number}`);
    }
  }
  await at.feed.settle({ records, done: [] });
  const found = await listed(at.store, query, max);
  assert.deepEqual(found.toSorted(), wanted.toSorted());
  const order = found.map((key) => Number.parseInt(key, 10));
  assert.deepEqual(
    order,
    order.toSorted((a, b) => (made.order === "newest" ? b - a : a - b)),
    `${made.order} event first`,
  );
}

export function deliveryListsConformance(open: OpenStore): void {
  describe("lists of deliveries", () => {
    it("hold what was asked for, each once, whatever is combined and however it is paged", async () => {
      await using at = await open();
      let tenants = 0;
      const property = fc.asyncProperty(cases, async (made) => {
        tenants += 1;
        await agrees(at, await aPlace(at.store, `tenant-${tenants}`), made);
      });
      await fc.assert(property, { numRuns: 60 });
    });

    it("look at a bounded number of deliveries for one page, however many subscriptions they are of", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const one = await givenSubscription(at.store, aSubscription(bucket.uuid));
      const other = await givenSubscription(at.store, aSubscription(bucket.uuid));
      const sequences = await committed(at.store, {
        events: Array.from({ length: 3_000 }, () => anEvent(bucket.uuid)),
      });
      const [oldest] = sequences;
      const records = sequences.flatMap((sequence) => [
        aRecord(sequence, one, { status: sequence === oldest ? "delivered" : "dead" }),
        aRecord(sequence, other, { status: "dead" }),
      ]);
      await at.feed.settle({ records, done: [] });
      const query = { tenant: "acme", scope: bucket.uuid, statuses: ["delivered"] } as const;
      const page = await at.store.deliveries.list(query, { max: 9 });
      assert.deepEqual(page.deliveries, []);
      assert.ok(page.next !== undefined, "all 6,000 were looked at");
      assert.deepEqual(await listed(at.store, query, 9), [`${oldest}/${one.number}`]);
    });

    it("find what lies behind thousands of others", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      await changed(at.store, ...tenantWithAda("busy"));
      const rare = await givenSubscription(at.store, aSubscription(bucket.uuid));
      const busy = await givenSubscription(at.store, aSubscription(bucket.uuid, { tenant: "busy" }));
      const events = Array.from({ length: 6_001 }, (_, index) =>
        anEvent(bucket.uuid, index === 0 ? {} : { tenant: "busy" }),
      );
      const [oldest = 0, ...others] = await committed(at.store, { events });
      const [first = 0] = others;
      const records = others.map((sequence) =>
        aRecord(sequence, busy, { status: sequence === first ? "delivered" : "dead" }),
      );
      await at.feed.settle({ records: [aRecord(oldest, rare, { status: "delivered" }), ...records], done: [] });
      const alone = [`${oldest}/${rare.number}`];
      assert.deepEqual(await listed(at.store, { tenant: "acme" }, 9), alone);
      assert.deepEqual(await listed(at.store, { tenant: "acme", statuses: ["delivered"] }, 9), alone);
      assert.deepEqual(await listed(at.store, { tenant: "acme", scope: bucket.uuid }, 9), alone);
      const deep = [`${first}/${busy.number}`];
      assert.deepEqual(await listed(at.store, { tenant: "busy", statuses: ["delivered"] }, 9), deep);
      const narrow = { tenant: "busy", statuses: ["delivered"], scope: bucket.uuid } as const;
      assert.deepEqual(await listed(at.store, narrow, 9), deep);
      assert.deepEqual(await listed(at.store, { ...narrow, subscription: busy.uuid }, 9), deep);
      assert.equal((await listed(at.store, { tenant: "busy", statuses: ["dead"] }, 1_000)).length, 5_999);
    });
  });
}
