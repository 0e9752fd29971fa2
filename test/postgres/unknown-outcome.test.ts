import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { SignalboxError } from "../../src/errors.ts";
import type { Change, Commit, Unit } from "../../src/store/unit.ts";
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
  tenantWithAda,
  uuid,
} from "../conformance/store/given.ts";
import { dice } from "../crash/dice.ts";
import { keepBusy } from "../support/busy.ts";
import { postgresServer } from "../support/postgres.ts";
import type { Mishap } from "../support/postgres-proxy.ts";
import { type DistantStore, distantStore } from "../support/postgres-store.ts";
import { until } from "../support/until.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());

const mishaps: readonly Mishap[] = [
  "cut before commit",
  "cut after commit",
  "cut in the middle",
  "freeze before commit",
  "freeze after commit",
];
const addTenant = (id: string): Change => ({ do: "tenant.add", tenant: { id, name: id, createdMs: 1 } });
const eventsOf = (unit: Unit) => unit.events ?? [];

/** What was committed is in the log once, under the sequences that its callers were told; nothing else is. */
async function assertTrue(at: DistantStore, told: ReadonlyMap<Unit, Commit | Error>): Promise<void> {
  const log = await at.store.events.after(0, 10_000);
  const sequences = new Map(log.map(({ id, sequence }) => [id, sequence]));
  assert.equal(sequences.size, log.length, "no event is there twice");
  assert.equal(new Set(sequences.values()).size, log.length, "no sequence is there twice");
  let expected = 0;
  for (const [unit, answer] of told) {
    const found = eventsOf(unit).map(({ id }) => sequences.get(id));
    const isCommitted = !(answer instanceof Error) && answer.kind === "committed";
    if (isCommitted) expected += found.length;
    assert.deepEqual(found, isCommitted ? answer.sequences : found.map(() => undefined));
  }
  assert.equal(log.length, expected);
}

async function answersOf(at: DistantStore, units: readonly Unit[]): Promise<Map<Unit, Commit | Error>> {
  const answers = await Promise.allSettled(units.map((unit) => at.store.commit(unit)));
  return new Map(
    units.map((unit, index) => {
      const answer = answers[index];
      return [unit, answer?.status === "fulfilled" ? answer.value : (answer?.reason as Error)];
    }),
  );
}

describe("a commit whose connection is lost", () => {
  for (const mishap of mishaps) {
    it(`is answered truly to each caller: ${mishap}`, async () => {
      await using at = await distantStore(server);
      await changed(at.store, ...tenantWithAda("acme"));
      const met = at.proxy.next(mishap);
      const units: Unit[] = [
        ...Array.from({ length: 20 }, () => ({ events: [anEvent(uuid("bucket")), anEvent(uuid("bucket"))] })),
        { changes: [addTenant("b")], events: [anEvent(uuid("bucket"), { tenant: "b" })] },
        { conditions: [{ if: "tenant.exists", id: "b" }], events: [anEvent(uuid("bucket"))] },
      ];
      const told = await answersOf(at, units);
      await met;
      await assertTrue(at, told);
      assert.deepEqual(
        new Set([...told.values()].map((one) => (one instanceof Error ? one.message : one.kind))),
        new Set(["committed"]),
      );
      const fed = await fedNow(at.feed, 42);
      assert.equal(new Set(fed.map(({ event }) => event.id)).size, 42, "the feed hears of each once");
    });
  }

  it("keeps the answers of units that are refused or fail", async () => {
    await using at = await distantStore(server);
    await changed(at.store, ...tenantWithAda("acme"));
    for (const mishap of ["cut after commit", "cut before commit"] as const) {
      const units = Array.from({ length: 12 }, (_, index): Unit => {
        const add = { events: [anEvent(uuid("bucket"))], changes: [addTenant(`${mishap} ${index}`)] };
        if (index % 3 === 1) return { ...add, conditions: [{ if: "tenant.exists", id: "nowhere" }] };
        return index % 3 === 2 ? { ...add, changes: [addTenant("acme")] } : add;
      });
      const met = at.proxy.next(mishap);
      const told = await answersOf(at, units);
      await met;
      const kinds = [...told.values()].map((one) => (one instanceof Error ? "failed" : one.kind));
      assert.deepEqual(
        kinds,
        units.map((_, index) => ["committed", "refused", "failed"][index % 3]),
      );
      for (const event of await at.store.events.after(0, 99)) assert.ok(units.length > 0 && event.sequence > 0);
    }
    assert.equal((await at.store.events.after(0, 99)).length, 8);
  });

  it("is made once by each of many callers, however often that happens", async () => {
    await using at = await distantStore(server);
    await changed(at.store, ...tenantWithAda("acme"));
    const chance = dice(7);
    const told = new Map<Unit, Commit | Error>();
    for (let round = 0; round < 12; round += 1) {
      const met = at.proxy.next(chance.oneOf(["cut before commit", "cut after commit", "cut in the middle"]));
      const units = Array.from({ length: chance.between(1, 30) }, () => ({ events: [anEvent(uuid("bucket"))] }));
      for (const [unit, answer] of await answersOf(at, units)) told.set(unit, answer);
      await met;
    }
    await assertTrue(at, told);
    assert.equal((await fedNow(at.feed, told.size)).length, told.size);
  });

  it("is made once by each of many callers, also where two commits are under way", async () => {
    await using at = await distantStore(server);
    await changed(at.store, ...tenantWithAda("acme"));
    const told = new Map<Unit, Commit | Error>();
    for (const mishap of ["cut before commit", "cut after commit", "cut in the middle", "cut after commit"] as const) {
      keepBusy();
      const met = at.proxy.next(mishap);
      const units = Array.from({ length: 120 }, (_, index) => ({
        events: [anEvent(uuid("bucket"), index % 60 === 20 ? { tenant: "nowhere" } : {})],
      }));
      for (const [unit, answer] of await answersOf(at, units)) told.set(unit, answer);
      await met;
    }
    await assertTrue(at, told);
    const made = [...told.values()].flatMap((answer) =>
      answer instanceof Error || answer.kind !== "committed" ? [] : answer.sequences,
    );
    assert.equal(made.length, 4 * 118);
    const fed = (await fedNow(at.feed, made.length)).map(({ event }) => event.sequence);
    assert.deepEqual(
      fed,
      made.toSorted((one, other) => one - other),
    );
  });

  it("is told to be unknown when the database stays away, and the feed hears of it when it is back", async () => {
    await using at = await distantStore(server, { answerMs: 4_000, connectMs: 500 });
    await changed(at.store, ...tenantWithAda("acme"));
    const met = at.proxy.next("cut after commit");
    const event = anEvent(uuid("bucket"));
    const answer = at.store.commit({ events: [event] });
    await met;
    at.proxy.freeze();
    await assert.rejects(answer, (thrown) => {
      assert.ok(thrown instanceof SignalboxError && thrown.code === "unavailable");
      assert.match(thrown.message, /not known whether this was done/);
      return true;
    });
    await assert.rejects(
      at.store.commit({ events: [anEvent(uuid("bucket"))] }),
      /did not answer in time; nothing was changed/,
    );
    await assert.rejects(at.store.upkeep.ready(), /did not answer in time/);
    at.proxy.thaw();
    const [fed] = await fedNow(at.feed, 1);
    assert.equal(fed?.event.id, event.id);
    await until("it writes again", async () => {
      const [outcome] = await Promise.allSettled([at.store.upkeep.ready()]);
      return outcome.status === "fulfilled";
    });
    const [sequence = 0] = await committed(at.store, { events: [anEvent(uuid("bucket"))] });
    assert.ok(sequence > (fed?.event.sequence ?? 0));
    assert.equal((await at.store.events.after(0, 9)).length, 2);
  });

  it("leaves nothing behind: marks go with the tallies", async () => {
    await using at = await distantStore(server);
    await changed(at.store, ...tenantWithAda("acme"));
    for (let turn = 0; turn < 5; turn += 1) await committed(at.store, { events: [anEvent(uuid("bucket"))] });
    await at.store.events.usage({ tenant: "acme", fromDay: "2026-01-01", toDay: "2027-01-01" }, { max: 9 });
    const database = new URL(at.url).pathname.slice(1);
    await server.run("DO $$ BEGIN ASSERT (SELECT count(*) FROM signalbox.commit_mark) <= 1; END $$", database);
  });
});

describe("outcomes whose connection is lost", () => {
  for (const mishap of ["cut before commit", "cut after commit"] as const) {
    it(`are recorded and counted once: ${mishap}`, async () => {
      await using at = await distantStore(server);
      const bucket = await givenBucket(at.store);
      const subscription = await givenSubscription(at.store, aSubscription(bucket.uuid));
      const sequences = await committed(at.store, { events: Array.from({ length: 6 }, () => anEvent(bucket.uuid)) });
      await fedNow(at.feed, 6);
      const met = at.proxy.next(mishap);
      const records = sequences.map((sequence) =>
        aRecord(sequence, subscription, { status: "delivered", announced: [anEvent(bucket.uuid)] }),
      );
      await at.feed.settle({ records, done: sequences });
      await met;
      const folded = at.proxy.next(mishap);
      const query = { tenant: "acme", span: "hour", fromMs: noonMs, toMs: noonMs + 3_600_000 } as const;
      const totals = await at.store.figures.totals(query);
      await folded;
      const sum = (of: "delivered" | "attempts" | "events") => totals.reduce((all, one) => all + one[of], 0);
      assert.deepEqual([sum("delivered"), sum("attempts")], [6, 6]);
      assert.equal((await fedNow(at.feed, 6)).length, 6, "what is announced of them comes, once");
      assert.equal((await at.store.events.after(0, 99)).length, 12);
      await at.reopen();
      assert.deepEqual(
        (await fedNow(at.feed, 6)).map(({ event }) => event.sequence > (sequences.at(-1) ?? 0)),
        Array(6).fill(true),
        "what is done with does not come again",
      );
    });

    it(`jobs are done once: ${mishap}`, async () => {
      await using at = await distantStore(server);
      const bucket = await givenBucket(at.store);
      const subscription = await givenSubscription(at.store, aSubscription(bucket.uuid));
      const sequences = await committed(at.store, { events: Array.from({ length: 4 }, () => anEvent(bucket.uuid)) });
      const dead = sequences.map((sequence) => aRecord(sequence, subscription, { status: "dead", attempts: 4 }));
      await at.feed.settle({ records: dead, done: [] });
      const job = uuid("delivery");
      const redrive = { uuid: job, tenant: "acme", filter: {}, state: "running", redriven: 0, looked: 0 } as const;
      await changed(at.store, {
        do: "redrive.add",
        redrive: { ...redrive, createdMs: noonMs, createdBy: "ada" },
      });
      const met = at.proxy.next(mishap);
      const step = await at.store.redrives.advanceRedrive(job, { max: 9, nowMs: noonMs });
      await met;
      assert.deepEqual(step.subscriptions, [subscription.number]);
      assert.equal((await at.store.redrives.redrive(job))?.redriven, 4);
    });
  }
});
