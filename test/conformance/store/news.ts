import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { NumberedItem } from "../../../src/store/news.ts";
import { anEvent, aRecord, aSubscription, committed, givenBucket, givenSubscription, uuid } from "./given.ts";
import { anInvocation, givenApp, givenFunction, given as givenInvocations } from "./given-functions.ts";
import type { OpenStore, StoreUnderTest } from "./under-test.ts";

const acme = { tenants: new Set(["acme"]), max: 100 };

async function newsAfter(at: StoreUnderTest, number: number, query = acme): Promise<readonly NumberedItem[]> {
  return (await at.store.news.newsAfter(number, query)).items;
}

/** Some events of a bucket, and a subscription to it. */
async function aScene(at: StoreUnderTest) {
  const bucket = await givenBucket(at.store);
  const ada = await givenSubscription(at.store, aSubscription(bucket.uuid));
  const events = [1, 2, 3].map(() => anEvent(bucket.uuid));
  return { bucket, ada, sequences: await committed(at.store, { events }) };
}

export function newsConformance(open: OpenStore): void {
  describe("news, for those who follow", () => {
    it("are there with the commit of each outcome, in the order of commits, with rising numbers", async () => {
      await using at = await open();
      const { ada, sequences } = await aScene(at);
      const [first = 0, second = 0, third = 0] = sequences;
      const begin = await at.store.news.newestNews();
      await at.feed.settle({ records: [aRecord(third, ada, { status: "waiting", attempts: 1 })], done: [] });
      const two = [first, second].map((sequence) => aRecord(sequence, ada, { status: "delivered", attempts: 1 }));
      await at.feed.settle({ records: two, done: [] });
      await at.feed.settle({ records: [aRecord(third, ada, { status: "dead", attempts: 2 })], done: [] });
      const all = await newsAfter(at, begin);
      const item = { of: "delivery", tenant: "acme", subscription: ada.number } as const;
      assert.deepEqual(all, [
        { ...item, sequence: third, status: "waiting", attempts: 1, at: all[0]?.at },
        { ...item, sequence: first, status: "delivered", attempts: 1, at: all[1]?.at },
        { ...item, sequence: second, status: "delivered", attempts: 1, at: all[2]?.at },
        { ...item, sequence: third, status: "dead", attempts: 2, at: all[3]?.at },
      ]);
      const numbers = all.map((one) => one.at);
      assert.deepEqual(
        [begin, ...numbers],
        [...new Set([begin, ...numbers])].toSorted((a, b) => a - b),
      );
      assert.deepEqual(await newsAfter(at, numbers[1] ?? 0), all.slice(2), "from the middle of a commit on");
      const newest = numbers[3] ?? 0;
      assert.equal(await at.store.news.newestNews(), newest);
      assert.deepEqual(await at.store.news.newsAfter(newest, acme), { items: [], upTo: newest, lost: 0 });
      assert.deepEqual(await at.store.news.countNews(begin, newest), new Map([["acme", 4]]));
    });

    it("are there after the store was opened again", async () => {
      await using at = await open();
      const { ada, sequences } = await aScene(at);
      await at.feed.settle({ records: [aRecord(sequences[0] ?? 0, ada, { status: "delivered" })], done: [] });
      const before = await newsAfter(at, 0);
      await at.reopen();
      assert.deepEqual(await newsAfter(at, 0), before);
      assert.equal(before.length, 1);
    });

    it("tell of invocations and of redrives what else is changed", async () => {
      await using at = await open();
      const fn = await givenFunction(at.store, await givenApp(at.store));
      const begin = await at.store.news.newestNews();
      await givenInvocations(at.store, anInvocation(7, { function: fn.number }));
      const redrive = {
        uuid: uuid("job"),
        tenant: "acme",
        filter: {},
        state: "running",
        redriven: 0,
        looked: 0,
        createdMs: 1,
        createdBy: "ada",
      } as const;
      await at.store.commit({ changes: [{ do: "redrive.add", redrive }] });
      await at.store.commit({ changes: [{ do: "redrive.cancel", uuid: redrive.uuid }] });
      const items = (await newsAfter(at, begin)).map((item) =>
        item.of === "invocation"
          ? { of: item.of, number: item.number }
          : { of: item.of, uuid: item.of === "redrive" ? item.uuid : "" },
      );
      const job = { of: "redrive", uuid: redrive.uuid };
      assert.deepEqual(items, [{ of: "invocation", number: 7 }, job, job]);
    });

    it("are those of the tenants that are asked for, in pages that say how far they looked", async () => {
      await using at = await open();
      const { ada, sequences } = await aScene(at);
      for (const sequence of sequences) {
        await at.feed.settle({ records: [aRecord(sequence, ada, { status: "delivered" })], done: [] });
      }
      const newest = await at.store.news.newestNews();
      const others = await at.store.news.newsAfter(0, { tenants: new Set(["umbrella"]), max: 9 });
      assert.deepEqual(others, { items: [], upTo: newest, lost: 0 });
      const page = await at.store.news.newsAfter(0, { ...acme, max: 2 });
      assert.equal(page.items.length, 2);
      assert.equal((await newsAfter(at, page.upTo)).length, 1);
    });
  });

  describe("events, for those who follow", () => {
    it("come in order of sequence, in pages, of the tenants that are asked for", async () => {
      await using at = await open();
      const { sequences } = await aScene(at);
      const { news } = at.store;
      const [first = 0, second = 0, third = 0] = sequences;
      assert.equal(await news.newestEvent(), third);
      const page = await news.eventsAfter(first - 1, { ...acme, max: 2 });
      assert.deepEqual(
        page.events.map(({ sequence }) => sequence),
        [first, second],
      );
      assert.deepEqual(page.events[0], await at.store.events.get(first));
      const rest = await news.eventsAfter(page.upTo, acme);
      assert.deepEqual([rest.events.map(({ sequence }) => sequence), rest.upTo], [[third], third]);
      assert.deepEqual(await news.eventsAfter(third, acme), { events: [], upTo: third });
      const none = await news.eventsAfter(0, { tenants: new Set(["umbrella"]), max: 9 });
      assert.deepEqual(none, { events: [], upTo: third });
      const counted = await news.countEvents(first, third);
      assert.deepEqual([counted.byTenant.get("acme"), counted.upTo], [2, third]);
    });
  });
}
