import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Change, Commit, Unit } from "../../../src/store/unit.ts";
import {
  aBucket,
  anEvent,
  aRecord,
  aSubscription,
  changed,
  changedSince,
  committed,
  dayMs,
  fedNow,
  givenBucket,
  givenSubscription,
  tenantWithAda,
  uuid,
} from "./given.ts";
import type { OpenStore } from "./under-test.ts";

const acme = tenantWithAda("acme");
const exists = (id: string) => ({ if: "tenant.exists", id }) as const;
const addTenant = (id: string): Change => ({ do: "tenant.add", tenant: { id, name: id, createdMs: 1 } });

export function unitsConformance(open: OpenStore): void {
  describe("a unit", () => {
    it("changes nothing when a condition does not hold, and names the first such one", async () => {
      await using at = await open();
      await changed(at.store, ...acme);
      const conditions = [exists("acme"), exists("b"), exists("c")];
      const unit = { conditions, changes: [addTenant("d")], events: [anEvent(uuid("bucket"))] };
      assert.deepEqual(await at.store.commit(unit), { kind: "refused", condition: exists("b") });
      assert.equal(await at.store.identities.tenant("d"), undefined);
      assert.deepEqual(await at.store.events.after(0, 9), []);
    });

    it("judges its conditions before its own changes", async () => {
      await using at = await open();
      const absent = { if: "tenant.absent", id: "acme" } as const;
      await committed(at.store, { conditions: [absent], changes: acme });
      assert.equal((await at.store.commit({ conditions: [exists("b")], changes: [addTenant("b")] })).kind, "refused");
    });

    it("changes nothing when a statement or an event fails", async () => {
      await using at = await open();
      await changed(at.store, ...acme);
      const twice = { changes: [addTenant("b"), addTenant("acme")], events: [anEvent(uuid("bucket"))] };
      await assert.rejects(at.store.commit(twice));
      const stray = [anEvent(uuid("bucket")), anEvent(uuid("bucket"), { tenant: "nowhere" })];
      await assert.rejects(at.store.commit({ changes: [addTenant("b")], events: stray }));
      assert.equal(await at.store.identities.tenant("b"), undefined);
      assert.deepEqual(await at.store.events.after(0, 9), []);
      await committed(at.store, { changes: [addTenant("b")], events: [anEvent(uuid("bucket"), { tenant: "b" })] });
    });

    it("may be empty", async () => {
      await using at = await open();
      assert.deepEqual(await at.store.commit({}), { kind: "committed", sequences: [] });
    });

    it("is there for a read that begins after its commit, and after a restart", async () => {
      await using at = await open();
      await changed(at.store, ...acme);
      for (let turn = 0; turn < 20; turn += 1) {
        const bucket = aBucket();
        const [sequence] = await committed(at.store, {
          changes: [{ do: "bucket.add", bucket }],
          events: [anEvent(bucket.uuid)],
        });
        assert.deepEqual(await at.store.objects.bucketByUuid(bucket.uuid), bucket);
        assert.ok((await at.store.events.get(sequence ?? assert.fail())) !== undefined);
      }
      await at.reopen();
      assert.equal((await at.store.objects.buckets({ tenant: "acme" }, { max: 99 })).length, 20);
      assert.equal((await at.store.events.after(0, 99)).length, 20);
    });
  });

  describe("units that share a commit", () => {
    it("stand and fall alone", async () => {
      await using at = await open();
      await changed(at.store, ...acme);
      const units = Array.from({ length: 60 }, (_, index): Unit => {
        const add = { changes: [addTenant(`t${index}`)], events: [anEvent(uuid("bucket"), { tenant: `t${index}` })] };
        if (index % 4 === 1) return { ...add, conditions: [exists("nowhere")] };
        if (index % 4 === 2) return { ...add, changes: [...add.changes, addTenant("acme")] };
        if (index % 4 === 3) return { events: [anEvent(uuid("bucket"), { tenant: "nowhere" })] };
        return add;
      });
      const outcomes = await Promise.allSettled(units.map((unit) => at.store.commit(unit)));
      const kinds = outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value.kind : "failed"));
      const wanted = ["committed", "refused", "failed", "failed"];
      assert.deepEqual(
        kinds,
        units.map((_, index) => wanted[index % 4]),
      );
      const tenants = (await at.store.identities.tenants({ max: 99 })).map(({ id }) => id);
      const heard = (await at.store.events.after(0, 99)).map(({ tenant }) => tenant);
      const added = units.flatMap((_, index) => (index % 4 === 0 ? [`t${index}`] : []));
      assert.deepEqual(tenants, ["acme", ...added.toSorted()]);
      assert.deepEqual(heard, added);
    });

    it("race for one condition, and exactly one wins", async () => {
      await using at = await open();
      await changed(at.store, ...acme);
      const rivals = Array.from({ length: 20 }, () => aBucket({ name: "wanted" }));
      const free = { if: "bucket.nameFree", tenant: "acme", name: "wanted" } as const;
      const commits = await Promise.all(
        rivals.map((bucket) =>
          at.store.commit({
            conditions: [free],
            changes: [{ do: "bucket.add", bucket }],
            events: [anEvent(bucket.uuid)],
          }),
        ),
      );
      const winners = rivals.filter((_, index) => commits[index]?.kind === "committed");
      assert.equal(winners.length, 1);
      assert.deepEqual(await at.store.objects.bucket("acme", "wanted"), winners[0]);
      assert.equal((await at.store.events.after(0, 99)).length, 1);
      const losers = commits.filter((commit) => commit.kind === "refused");
      assert.ok(losers.every(({ condition }) => condition.if === "bucket.nameFree"));
    });

    it("are durable when they were resolved, also when the store is closed over them", async () => {
      await using at = await open();
      await changed(at.store, ...acme);
      const ids = Array.from({ length: 30 }, (_, index) => `t${index}`);
      const outcomes = Promise.allSettled(ids.map((id) => changed(at.store, addTenant(id))));
      await at.reopen();
      const known = new Set((await at.store.identities.tenants({ max: 99 })).map(({ id }) => id));
      for (const [index, { status }] of (await outcomes).entries()) {
        if (status === "fulfilled") assert.ok(known.has(ids[index] ?? ""), `${ids[index]} was accepted`);
      }
    });
  });

  describe("sequences", () => {
    const sequencesOf = (commit: Commit): readonly number[] =>
      commit.kind === "committed" ? commit.sequences : assert.fail("refused");

    it("are one per event, in the unit's order, safe integers", async () => {
      await using at = await open();
      await changed(at.store, ...acme);
      const events = [anEvent(uuid("bucket")), anEvent(uuid("bucket")), anEvent(uuid("bucket"))];
      const sequences = await committed(at.store, { events });
      assert.equal(new Set(sequences).size, 3);
      assert.ok(sequences.every((sequence) => Number.isSafeInteger(sequence) && sequence > 0));
      const found = await at.store.events.after(0, 9);
      assert.deepEqual(
        found,
        events.map((event, index) => ({ ...event, sequence: sequences[index], revision: 0 })),
      );
    });

    it("grow in the order of commits", async () => {
      await using at = await open();
      await changed(at.store, ...acme);
      let last = 0;
      for (let turn = 0; turn < 5; turn += 1) {
        const many = Array.from({ length: 40 }, () => at.store.commit({ events: [anEvent(uuid("bucket"))] }));
        const sequences = (await Promise.all(many)).flatMap(sequencesOf);
        assert.equal(new Set(sequences).size, 40);
        assert.ok(Math.min(...sequences) > last);
        last = Math.max(...sequences);
      }
    });

    it("never repeat or go back: not when the clock does, not after a restart, not when all is dropped", async () => {
      await using at = await open();
      await changed(at.store, ...acme);
      let last = 0;
      const next = async (): Promise<void> => {
        const [sequence = 0] = await committed(at.store, { events: [anEvent(uuid("bucket"), { timeMs: 1 })] });
        assert.ok(sequence > last, `${sequence} after ${last}`);
        last = sequence;
      };
      await next();
      await next();
      at.clock.advance(-dayMs);
      await next();
      await at.reopen();
      await next();
      const fed = await fedNow(at.feed, 4);
      await at.feed.settle({ records: [], done: fed.map(({ event }) => event.sequence) });
      const { dropped } = await at.store.upkeep.prune({ beforeMs: 2, deadBeforeMs: 2, max: 9 });
      assert.equal(dropped, 4);
      await next();
      await at.reopen();
      at.clock.advance(-dayMs);
      await next();
      at.clock.advance(3 * dayMs);
      await next();
    });

    it("are not used up by a unit that failed, so nothing is missed by who reads on", async () => {
      await using at = await open();
      await changed(at.store, ...acme);
      const [first = 0] = await committed(at.store, { events: [anEvent(uuid("bucket"))] });
      await assert.rejects(at.store.commit({ events: [anEvent(uuid("bucket"), { tenant: "nowhere" })] }));
      const [second = 0] = await committed(at.store, { events: [anEvent(uuid("bucket"))] });
      assert.deepEqual(
        (await at.store.events.after(first, 9)).map(({ sequence }) => sequence),
        [second],
      );
    });
  });

  describe("revisions", () => {
    it("stand on each event as of its commit, the unit's own changes included", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      await changed(at.store, ...tenantWithAda("other"));
      const subscription = aSubscription(bucket.uuid);
      const add = { do: "subscription.add", subscription } as const;
      const event = (): Unit => ({ events: [anEvent(bucket.uuid)] });
      const other = { events: [anEvent(bucket.uuid, { tenant: "other" })] };
      await Promise.all([event(), { ...event(), changes: [add] }, event(), other].map((unit) => at.store.commit(unit)));
      await givenSubscription(at.store, aSubscription(bucket.uuid));
      await committed(at.store, event());
      const revisions = (await at.store.events.after(0, 9)).map(({ revision }) => revision);
      assert.deepEqual(revisions, [0, 1, 1, 0, 2]);
    });

    it("are not touched by deliveries", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const subscription = await givenSubscription(at.store, aSubscription(bucket.uuid));
      const [sequence = 0] = await committed(at.store, { events: [anEvent(bucket.uuid)] });
      await at.feed.settle({ records: [aRecord(sequence, subscription, { status: "dead" })], done: [] });
      assert.equal((await changedSince(at.store, "acme", 0)).revision, 1);
    });
  });
}
