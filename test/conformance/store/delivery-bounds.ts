import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Subscription } from "../../../src/domain/subscription.ts";
import type { DeliveryBounds, DeliveryPlace, DeliveryQuery, Store } from "../../../src/store/store.ts";
import { stored } from "../../support/stored.ts";
import {
  aBucket,
  anEvent,
  aRecord,
  aSubscription,
  committed,
  givenBucket,
  givenSubscription,
  noonMs,
  uuid,
} from "./given.ts";
import type { OpenStore, StoreUnderTest } from "./under-test.ts";

interface Scene {
  /** By what they are called in what is expected. */
  readonly subscriptions: Readonly<Record<"a" | "b" | "f", Subscription>>;
  readonly sequences: readonly number[];
}

const cat = uuid("file");

/** Four events, each delivered to two webhooks and a function, each time another way. */
async function aScene(at: StoreUnderTest): Promise<Scene> {
  const { uuid: scope } = await givenBucket(at.store);
  const target = aSubscription(scope).target;
  const going = (url: string) => ({ ...target, url: stored(url) }) as typeof target;
  const a = await givenSubscription(
    at.store,
    aSubscription(scope, { target: going("https://hooks.example:8443/x?y=z") }),
  );
  const b = await givenSubscription(
    at.store,
    aSubscription(scope, { face: "notifications", target: going("http://Hooks.example.org?key=${key}") }),
  );
  const f = await givenSubscription(
    at.store,
    aSubscription(scope, { face: "lifecycle", target: { kind: "function", function: 7 } }),
  );
  const keys = ["images/1", "images/2", "notes/1", "images_x"];
  const events = keys.map((key, index) =>
    anEvent(scope, {
      timeMs: noonMs + 1_000 * index,
      names: { objects: index === 2 ? "OBJECT_DELETED" : "OBJECT_CREATED_PUT", lifecycle: "POST_OBJECT_PUT" },
      data: { bucket: "photos", key },
      ...(index === 1 ? { resource: cat } : {}),
    }),
  );
  const sequences = await committed(at.store, { events });
  const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = sequences;
  const failed = (sequence: number, of: Subscription, status: number | undefined, attempts: number) => {
    const record = aRecord(sequence, of, { status: "waiting", attempts });
    const { status: _, ...attempt } = record.attempt ?? assert.fail();
    const reason = status === undefined ? ("timeout" as const) : ("status" as const);
    return { ...record, attempt: { ...attempt, reason, ...(status === undefined ? {} : { status }) } };
  };
  const { attempt: _, ...parked } = aRecord(s3, b, { status: "waiting", attempts: 0, tries: 0 });
  const records = [
    aRecord(s0, a, { status: "delivered" }),
    failed(s1, a, 404, 1),
    failed(s2, a, 503, 3),
    aRecord(s3, a, { status: "dead", attempts: 5, reason: "gone" }),
    failed(s0, b, undefined, 2),
    parked,
    aRecord(s1, f, { status: "delivered" }),
  ];
  await at.feed.settle({ records, done: [] });
  return { subscriptions: { a, b, f }, sequences };
}

/** All pages, as `<index of the event><subscription>`. */
async function listed({ subscriptions, sequences }: Scene, store: Store, query: Partial<DeliveryQuery>, max: number) {
  const found: string[] = [];
  let after: DeliveryPlace | undefined;
  do {
    const page = { max, ...(after === undefined ? {} : { after }) };
    const { deliveries, next, searchedMs } = await store.deliveries.list({ tenant: "acme", ...query }, page);
    for (const { event, number } of deliveries) {
      const [name] = Object.entries(subscriptions).find(([, one]) => one.number === number) ?? [];
      found.push(`${sequences.indexOf(event.sequence)}${name}`);
    }
    assert.equal(next === undefined, searchedMs === undefined);
    after = next;
  } while (after !== undefined);
  return found.join(" ");
}

const key = (prefix: string): DeliveryBounds => ({ data: { field: "key", prefix, untold: "notifications" } });

/** What is asked, and what fits, the newest event first and of one event the later subscription. */
const cases: readonly (readonly [DeliveryBounds, string])[] = [
  [{ face: "objects" }, "3a 2a 1a 0a"],
  [{ face: "lifecycle" }, "1f"],
  [{ event: "OBJECT_DELETED" }, "2a"],
  [{ event: "POST_OBJECT_PUT" }, "1f"],
  [{ resource: cat }, "1f 1a"],
  [key("images/"), "1f 1a 0b 0a"],
  [key("images_"), "3a"],
  [key("IMAGES"), ""],
  [{ httpStatus: { from: 404, to: 404 } }, "1a"],
  [{ httpStatus: { from: 500, to: 599 } }, "3a 2a"],
  [{ httpStatus: { from: 200, to: 299 } }, "1f 0a"],
  [{ reason: "timeout" }, "0b"],
  [{ reason: "status" }, "2a 1a"],
  [{ reason: "gone" }, "3a"],
  [{ targetHost: "hooks.example" }, "3a 2a 1a 0a"],
  [{ targetHost: "hooks.example:8443" }, "3a 2a 1a 0a"],
  [{ targetHost: "hooks.example:844" }, ""],
  [{ targetHost: "hooks.example.org" }, "3b 0b"],
  [{ targetHost: "hooks" }, ""],
  [{ function: 7 }, "1f"],
  [{ function: 8 }, ""],
  [{ minAttempts: 3 }, "3a 2a"],
  [{ minAttempts: 2, ...key("images/") }, "0b"],
];

export function deliveryBoundsConformance(open: OpenStore): void {
  describe("what narrows deliveries", () => {
    it("is the same in lists of either order, in pages of any size, and in counts", async () => {
      await using at = await open();
      const scene = await aScene(at);
      for (const [bounds, wanted] of cases) {
        const of = JSON.stringify(bounds);
        for (const max of [1, 99]) assert.equal(await listed(scene, at.store, bounds, max), wanted, of);
        const back = wanted.split(" ").toReversed().join(" ");
        assert.equal(await listed(scene, at.store, { ...bounds, order: "oldest" }, 2), back, of);
        const counted = await at.store.deliveries.count({ tenant: "acme", ...bounds });
        assert.deepEqual(counted, { count: wanted === "" ? 0 : wanted.split(" ").length }, of);
      }
    });

    it("may be several statuses, walked through together", async () => {
      await using at = await open();
      const scene = await aScene(at);
      const list = (statuses: DeliveryQuery["statuses"]) => listed(scene, at.store, { statuses: statuses ?? [] }, 1);
      assert.equal(await list(["dead", "waiting"]), "3b 3a 2a 1a 0b");
      assert.equal(await list(["dead", "delivered"]), "3a 1f 0a");
      assert.equal(await list(["waiting", "paused"]), "3b 2a 1a 0b");
    });

    it("is what a redrive takes", async () => {
      await using at = await open();
      const scene = await aScene(at);
      for (const [filter, wanted] of cases) {
        const counted = await at.store.redrives.countDead({ tenant: "acme", filter }, { max: 9 });
        assert.equal(counted.wanted, wanted.includes("3a") ? 1 : 0, JSON.stringify(filter));
      }
      assert.equal(scene.sequences.length, 4);
    });

    it("of the newest place is what a later list by the oldest begins behind", async () => {
      await using at = await open();
      assert.equal(await at.store.deliveries.newest(), undefined);
      const scene = await aScene(at);
      const { a, b } = scene.subscriptions;
      const newest = await at.store.deliveries.newest();
      assert.deepEqual(newest, { sequence: scene.sequences.at(-1), subscription: b.number });
      assert.ok(newest !== undefined);
      const newer = { tenant: "acme", order: "oldest" } as const;
      assert.deepEqual(await at.store.deliveries.list(newer, { after: newest, max: 9 }), { deliveries: [] });
      const [later = 0] = await committed(at.store, { events: [anEvent(aBucket().uuid)] });
      await at.feed.settle({ records: [aRecord(later, a, { status: "delivered" })], done: [] });
      const { deliveries } = await at.store.deliveries.list(newer, { after: newest, max: 9 });
      assert.deepEqual(
        deliveries.map(({ event }) => event.sequence),
        [later],
      );
      assert.deepEqual(await at.store.deliveries.count(newer, newest), { count: 1 });
    });
  });
}
