import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { outcomeRecorder } from "../../src/delivery/outcome-recorder.ts";
import { Watching } from "../../src/delivery/watching.ts";
import type { DeliveryRecord } from "../../src/domain/delivery.ts";
import type { Event } from "../../src/domain/event.ts";
import { alertsPlace } from "../../src/domain/ids.ts";
import type { Subscription } from "../../src/domain/subscription.ts";
import { silentLog } from "../../src/log.ts";
import { anEvent, aRecord, aSubscription, givenBucket, givenSubscription } from "../conformance/store/given.ts";
import { fakeClock } from "../support/clock.ts";
import { postgresServer } from "../support/postgres.ts";
import { type JoinedNode, joinNode, untilShared } from "../support/postgres-nodes.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());
const acme = { tenants: new Set(["acme"]), max: 50 };

let a: JoinedNode;
let b: JoinedNode;
let url: string;
let scope: Awaited<ReturnType<typeof givenBucket>>;

before(async () => {
  url = await server.database();
  a = await joinNode(url);
  b = await joinNode(url);
  await untilShared(b, 2);
  scope = await givenBucket(a.store);
});
after(async () => {
  await a[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
});

async function published(node: JoinedNode): Promise<Event> {
  const made = await node.store.commit({ events: [anEvent(scope.uuid)] });
  assert.ok(made.kind === "committed");
  const event = await node.store.events.get(made.sequences[0] ?? 0);
  assert.ok(event !== undefined);
  return event;
}

/** How a node records outcomes, with what it knows of who watches. */
async function recording(node: JoinedNode) {
  const clock = fakeClock();
  const watching = await Watching.load({ store: node.store, clock });
  node.feed.observe(watching);
  const isWatched = (subscription: Subscription["uuid"]): boolean => watching.observed.has(subscription);
  const tell = outcomeRecorder({ clock, log: silentLog }, { isWatched, mayBeWatched: true, alerts: watching.alerts });
  return { watching, tell };
}

async function announcedOf({ store }: JoinedNode, { uuid }: Subscription): Promise<readonly Event[]> {
  const found = await store.events.recent({ tenant: "acme", about: uuid, face: "notifications" }, { max: 9 });
  return found.events.filter(({ resource }) => resource === uuid);
}

describe("two nodes", () => {
  it("tell who follows of everything, once and in order, whichever of them is asked", async () => {
    const ada = await givenSubscription(a.store, aSubscription(scope.uuid));
    const from = { events: await a.store.news.newestEvent(), news: await a.store.news.newestNews() };
    const commits = 60;
    const write = async (node: JoinedNode): Promise<number[]> => {
      const made: number[] = [];
      for (let count = 0; count < commits; count += 1) {
        const { sequence } = await published(node);
        await node.feed.settle({ records: [aRecord(sequence, ada, { status: "delivered" })], done: [sequence] });
        made.push(sequence);
      }
      return made;
    };
    const writing = Promise.all([write(a), write(a), write(b), write(b)]);
    let isOver = false;
    void writing.finally(() => {
      isOver = true;
    });
    const follow = async ({ store: { news } }: JoinedNode) => {
      const got = { events: [] as number[], news: [] as number[] };
      for (let at = from, wasOver = false; ; ) {
        const events = await news.eventsAfter(at.events, acme);
        const { items, upTo, lost } = await news.newsAfter(at.news, { ...acme, max: 7 });
        assert.equal(lost, 0);
        got.events.push(...events.events.map(({ sequence }) => sequence));
        got.news.push(...items.map((item) => (item.of === "delivery" ? item.sequence : 0)));
        if (wasOver && events.upTo === at.events && upTo === at.news) return got;
        wasOver = isOver;
        at = { events: events.upTo, news: upTo };
      }
    };
    const followed = await Promise.all([follow(a), follow(b)]);
    const made = (await writing).flat().toSorted((one, other) => one - other);
    assert.equal(new Set(made).size, 4 * commits);
    for (const got of followed) {
      assert.deepEqual(got.events, made);
      assert.deepEqual(
        got.news.toSorted((one, other) => one - other),
        made,
      );
    }
    assert.deepEqual(followed[0]?.news, followed[1]?.news);
  });

  it("announce what came of a delivery to who has begun to watch on the other one", async () => {
    const watched = await givenSubscription(a.store, aSubscription(scope.uuid));
    const { tell } = await recording(b);
    const event = await published(b);
    const record = tell({
      subscription: watched,
      event,
      record: aRecord(event.sequence, watched, { status: "delivered" }),
    });
    assert.equal(record.announced, undefined, "as far as it knows none watches");
    await givenSubscription(a.store, aSubscription(watched.uuid, { face: "notifications" }));
    await b.feed.settle({ records: [record], done: [event.sequence] });
    assert.equal((await announcedOf(a, watched)).length, 1);
    const next = await published(b);
    const known = tell({
      subscription: watched,
      event: next,
      record: aRecord(next.sequence, watched, { status: "dead" }),
    });
    assert.equal(known.announced?.length, 1, "from then on it knows");
    await b.feed.settle({ records: [known], done: [next.sequence] });
    assert.equal((await announcedOf(a, watched)).length, 2);
  });

  it("announce whatever is recorded after a watcher was answered, however closely", async () => {
    const { tell } = await recording(b);
    const missed: number[] = [];
    const found = { before: 0, announced: 0 };
    for (let round = 0; round < 40; round += 1) {
      const watched = await givenSubscription(a.store, aSubscription(scope.uuid));
      const event = await published(b);
      const record: DeliveryRecord = tell({
        subscription: watched,
        event,
        record: aRecord(event.sequence, watched, { status: "delivered" }),
      });
      const settled = b.feed.settle({ records: [record], done: [event.sequence] });
      await givenSubscription(a.store, aSubscription(watched.uuid, { face: "notifications" }));
      const place = { sequence: event.sequence, subscription: watched.number };
      const wasBefore = (await a.store.deliveries.get(place)) !== undefined;
      await settled;
      const isAnnounced = (await announcedOf(a, watched)).length === 1;
      if (isAnnounced) found.announced += 1;
      else if (wasBefore) found.before += 1;
      else missed.push(round);
    }
    assert.deepEqual(missed, []);
    assert.equal(found.announced + found.before, 40);
  });

  it("send alerts to whom the other one was told to send them, once it has looked", async () => {
    const { watching, tell } = await recording(b);
    const failing = await givenSubscription(a.store, aSubscription(scope.uuid));
    const failed = async (): Promise<DeliveryRecord> => {
      const event = await published(b);
      const record = aRecord(event.sequence, failing, { status: "dead" });
      return tell({ subscription: failing, event, record });
    };
    assert.equal((await failed()).announced, undefined);
    const target = await givenSubscription(a.store, aSubscription(alertsPlace, { face: "notifications", event: "*" }));
    assert.equal(await watching.renew(), true);
    assert.deepEqual(
      (await failed()).announced?.map(({ addressee }) => addressee),
      [target.uuid],
    );
    assert.equal(await watching.renew(), false, "nothing is read twice");
    await a.store.commit({ changes: [{ do: "subscription.remove", uuid: target.uuid, atMs: 1 }] });
    assert.equal(await watching.renew(), true);
    assert.equal((await failed()).announced, undefined);
  });
});
