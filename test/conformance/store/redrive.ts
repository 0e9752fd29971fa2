import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Uuid } from "../../../src/domain/ids.ts";
import type { Subscription } from "../../../src/domain/subscription.ts";
import type { Redrive, RedriveFilter } from "../../../src/store/records.ts";
import type { DeliveryPlace, Store } from "../../../src/store/store.ts";
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
  uuid,
} from "./given.ts";
import type { OpenStore, StoreUnderTest } from "./under-test.ts";

const nowMs = noonMs + 60_000;

export function aJob(over: Partial<Redrive> = {}): Redrive {
  const made = { createdMs: noonMs, createdBy: "ada" };
  return {
    uuid: uuid("delivery"),
    tenant: "acme",
    filter: {},
    state: "running",
    redriven: 0,
    looked: 0,
    ...made,
    ...over,
  };
}

/** Five events, one second after the other, dead for the given subscription. */
async function fiveDead(at: StoreUnderTest, subscription: Subscription): Promise<readonly number[]> {
  const events = Array.from({ length: 5 }, (_, index) =>
    anEvent(subscription.scope, { timeMs: noonMs + 1_000 * index, tenant: subscription.tenant }),
  );
  const sequences = await committed(at.store, { events });
  const records = sequences.map((sequence) => aRecord(sequence, subscription, { status: "dead", attempts: 4 }));
  await at.feed.settle({ records, done: [] });
  return sequences;
}

async function scene(at: StoreUnderTest): Promise<{ subscription: Subscription; sequences: readonly number[] }> {
  const bucket = await givenBucket(at.store);
  const subscription = await givenSubscription(at.store, aSubscription(bucket.uuid));
  return { subscription, sequences: await fiveDead(at, subscription) };
}

/** Runs the job to its end. */
async function driven(store: Store, of: Uuid): Promise<Set<number>> {
  const subscriptions = new Set<number>();
  for (;;) {
    const step = await store.redrives.advanceRedrive(of, { max: 2, nowMs });
    for (const subscription of step.subscriptions) subscriptions.add(subscription);
    if (step.state === "done") return subscriptions;
  }
}

async function waitingNow(store: Store, subscription: Subscription, sequences: readonly number[]): Promise<number[]> {
  const due = await store.deliveries.due(subscription.number, nowMs, 99);
  return due.map(({ event }) => sequences.indexOf(event.sequence)).sort((a, b) => a - b);
}

export function redriveConformance(open: OpenStore): void {
  describe("a delivery that is sent again", () => {
    it("waits as if it were new, but keeps the count of its attempts", async () => {
      await using at = await open();
      const { subscription, sequences } = await scene(at);
      const [sequence = 0] = sequences;
      const place = { sequence, subscription: subscription.number };
      const finished = { if: "delivery.finished", ...place } as const;
      const again = { conditions: [finished], changes: [{ do: "delivery.redrive", ...place, dueMs: nowMs } as const] };
      await committed(at.store, again);
      const [due, ...others] = await at.store.deliveries.due(subscription.number, nowMs, 9);
      assert.deepEqual([due?.event.sequence, due?.attempts, due?.tries, others], [sequence, 4, 0, []]);
      const found = await at.store.deliveries.get(place);
      assert.deepEqual([found?.status, found?.dueMs, found?.reason], ["waiting", nowMs, undefined]);
      assert.deepEqual(await at.store.commit(again), { kind: "refused", condition: finished }, "it waits already");
    });

    it("must be there, dead or delivered", async () => {
      await using at = await open();
      const { subscription, sequences } = await scene(at);
      const condition = { if: "delivery.finished", sequence: sequences[0] ?? 0, subscription: 999 } as const;
      assert.deepEqual(await at.store.commit({ conditions: [condition] }), { kind: "refused", condition });
      const [sequence = 0] = sequences;
      await at.feed.settle({ records: [aRecord(sequence, subscription, { status: "delivered" })], done: [] });
      await committed(at.store, { conditions: [{ ...condition, subscription: subscription.number }] });
    });
  });

  describe("a redrive", () => {
    it("is a job that goes on after a restart, and is done once", async () => {
      await using at = await open();
      const { subscription, sequences } = await scene(at);
      const job = aJob({ filter: { sinceMs: noonMs } });
      await changed(at.store, { do: "redrive.add", redrive: job });
      assert.deepEqual(await at.store.redrives.redrive(job.uuid), job);
      assert.deepEqual(await at.store.redrives.runningRedrives(), [job]);

      const first = await at.store.redrives.advanceRedrive(job.uuid, { max: 2, nowMs });
      assert.deepEqual(first, { state: "running", subscriptions: [subscription.number] });
      assert.deepEqual(await waitingNow(at.store, subscription, sequences), [0, 1]);
      await at.reopen();
      assert.deepEqual(await at.store.redrives.runningRedrives(), [{ ...job, redriven: 2, looked: 2 }]);

      await driven(at.store, job.uuid);
      assert.deepEqual(await waitingNow(at.store, subscription, sequences), [0, 1, 2, 3, 4]);
      assert.deepEqual(await at.store.redrives.redrive(job.uuid), { ...job, redriven: 5, looked: 5, state: "done" });
      assert.deepEqual(await at.store.redrives.runningRedrives(), []);
      const idle = await at.store.redrives.advanceRedrive(job.uuid, { max: 2, nowMs });
      assert.deepEqual(idle, { state: "done", subscriptions: [] });
      assert.equal(await at.store.redrives.redrive(uuid("delivery")), undefined);
    });

    it("sends nothing twice, and nothing that came after it", async () => {
      await using at = await open();
      const { subscription, sequences } = await scene(at);
      const job = aJob();
      await changed(at.store, { do: "redrive.add", redrive: job });
      await at.store.redrives.advanceRedrive(job.uuid, { max: 2, nowMs });
      const [deadAgain = 0] = sequences;
      await at.feed.settle({ records: [aRecord(deadAgain, subscription, { status: "dead", attempts: 8 })], done: [] });
      const young = await fiveDead(at, subscription);
      await driven(at.store, job.uuid);
      assert.deepEqual(await waitingNow(at.store, subscription, [...sequences, ...young]), [1, 2, 3, 4]);
      assert.equal((await at.store.redrives.redrive(job.uuid))?.redriven, 5);
    });

    it("takes what its filter names, of its tenant, and only what is dead", async () => {
      await using at = await open();
      const { subscription, sequences } = await scene(at);
      const elsewhere = aBucket();
      await changed(at.store, { do: "bucket.add", bucket: elsewhere }, ...tenantWithAda("other"));
      const second = await givenSubscription(at.store, aSubscription(elsewhere.uuid));
      const foreign = await givenSubscription(at.store, aSubscription(elsewhere.uuid, { tenant: "other" }));
      const seconds = await fiveDead(at, second);
      const foreigns = await fiveDead(at, foreign);
      const [delivered = 0] = seconds;
      await at.feed.settle({ records: [aRecord(delivered, second, { status: "delivered" })], done: [] });

      const drive = async (filter: RedriveFilter): Promise<Set<number>> => {
        const redrive = aJob({ filter });
        await changed(at.store, { do: "redrive.add", redrive });
        return driven(at.store, redrive.uuid);
      };
      const middle = { sinceMs: noonMs + 1_000, untilMs: noonMs + 3_000 };
      assert.deepEqual(await drive({ scope: elsewhere.uuid, ...middle }), new Set([second.number]));
      assert.deepEqual(await waitingNow(at.store, second, seconds), [1, 2]);
      assert.deepEqual(await waitingNow(at.store, subscription, sequences), []);
      assert.deepEqual(await drive({ subscription: subscription.uuid }), new Set([subscription.number]));
      assert.deepEqual(await drive({ subscription: foreign.uuid }), new Set());
      assert.deepEqual(await drive({}), new Set([second.number]));
      assert.deepEqual(await waitingNow(at.store, second, seconds), [1, 2, 3, 4]);
      assert.deepEqual(await waitingNow(at.store, foreign, foreigns), []);
    });

    it("keeps its pace: no more a second than it was given, whatever it looks at between", async () => {
      await using at = await open();
      const { subscription, sequences } = await scene(at);
      const second = await givenSubscription(at.store, aSubscription(subscription.scope));
      const seconds = await fiveDead(at, second);
      const job = aJob({ perSecond: 2, filter: { subscription: second.uuid } });
      await changed(at.store, { do: "redrive.add", redrive: job });
      assert.equal(await at.store.redrives.redriveLeft(job.uuid), 10);
      const step = () => at.store.redrives.advanceRedrive(job.uuid, { max: 9, nowMs });
      assert.deepEqual(await step(), { state: "running", subscriptions: [second.number], waitMs: 1_000 });
      assert.deepEqual(await waitingNow(at.store, second, seconds), [0, 1]);
      assert.deepEqual(await at.store.redrives.redrive(job.uuid), { ...job, redriven: 2, looked: 7 });
      assert.equal(await at.store.redrives.redriveLeft(job.uuid), 3);
      assert.deepEqual(await step(), { state: "running", subscriptions: [second.number], waitMs: 1_000 });
      assert.deepEqual(await step(), { state: "done", subscriptions: [second.number], waitMs: 500 });
      assert.equal(await at.store.redrives.redriveLeft(job.uuid), undefined);
      assert.deepEqual(await waitingNow(at.store, second, seconds), [0, 1, 2, 3, 4]);
      assert.deepEqual(await waitingNow(at.store, subscription, sequences), []);
    });

    it("says before how many it would send again, page by page, and changes nothing", async () => {
      await using at = await open();
      const { subscription, sequences } = await scene(at);
      const second = await givenSubscription(at.store, aSubscription(subscription.scope));
      await fiveDead(at, second);
      await changed(at.store, ...tenantWithAda("other"));
      const count = async (filter: RedriveFilter, tenant = "acme"): Promise<number[]> => {
        const pages: number[] = [];
        for (let after: DeliveryPlace | undefined; ; ) {
          const page = { max: 4, ...(after === undefined ? {} : { after }) };
          const { wanted, next } = await at.store.redrives.countDead({ tenant, filter }, page);
          pages.push(wanted);
          if (next === undefined) return pages;
          after = next;
        }
      };
      assert.deepEqual(await count({}), [4, 4, 2]);
      assert.deepEqual(await count({ subscription: subscription.uuid }), [4, 1, 0]);
      assert.deepEqual(await count({ sinceMs: noonMs + 1_000, untilMs: noonMs + 3_000 }), [2, 2, 0]);
      assert.deepEqual(await count({ viewer: { name: "nobody", developer: false } }), [0, 0, 0]);
      assert.deepEqual(await count({}, "other"), [0]);
      await changed(at.store, { do: "subscription.remove", uuid: second.uuid, atMs: noonMs });
      assert.deepEqual(await count({}), [4, 1, 0], "nobody is left to send to");
      assert.deepEqual(await waitingNow(at.store, subscription, sequences), []);
    });

    it("is listed by tenant, the newest first", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"), ...tenantWithAda("other"));
      const jobs = ["a", "b", "c"].map((name) => aJob({ uuid: `${name}-007` as Uuid }));
      const foreign = aJob({ uuid: "bb-007" as Uuid, tenant: "other" });
      await changed(at.store, ...[...jobs, foreign].map((redrive) => ({ do: "redrive.add", redrive }) as const));
      const [a, b, c] = jobs;
      assert.deepEqual(await at.store.redrives.redrives({ tenant: "acme" }, { max: 2 }), [c, b]);
      const rest = await at.store.redrives.redrives({ tenant: "acme" }, { max: 2, after: "b-007" as Uuid });
      assert.deepEqual(rest, [a]);
    });

    it("takes no more steps once it is cancelled, which only a running one can be", async () => {
      await using at = await open();
      const { subscription, sequences } = await scene(at);
      const job = aJob();
      await changed(at.store, { do: "redrive.add", redrive: job });
      await at.store.redrives.advanceRedrive(job.uuid, { max: 2, nowMs });
      const running = { if: "redrive.running", uuid: job.uuid } as const;
      const cancel = { conditions: [running], changes: [{ do: "redrive.cancel", uuid: job.uuid } as const] };
      await committed(at.store, cancel);
      const step = await at.store.redrives.advanceRedrive(job.uuid, { max: 2, nowMs });
      assert.deepEqual(step, { state: "done", subscriptions: [] });
      assert.deepEqual(await waitingNow(at.store, subscription, sequences), [0, 1]);
      const kept = { ...job, redriven: 2, looked: 2, state: "cancelled" };
      assert.deepEqual(await at.store.redrives.redrive(job.uuid), kept);
      assert.deepEqual(await at.store.redrives.runningRedrives(), []);
      assert.deepEqual(await at.store.commit(cancel), { kind: "refused", condition: running });
    });

    it("is forgotten with the events of its time once it has ended", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"));
      const job = (name: string, over: Partial<Redrive>) => aJob({ uuid: `${name}-007` as Uuid, ...over });
      const jobs = [
        job("done", { state: "done" }),
        job("running", {}),
        job("young", { state: "done", createdMs: noonMs + 1 }),
      ];
      await changed(at.store, ...jobs.map((redrive) => ({ do: "redrive.add", redrive }) as const));
      await at.store.upkeep.prune({ beforeMs: noonMs + 1, deadBeforeMs: noonMs, max: 9 });
      const left = await at.store.redrives.redrives({ tenant: "acme" }, { max: 9 });
      assert.deepEqual(
        left.map(({ uuid: id }) => id),
        ["young-007", "running-007"],
      );
    });

    it("passes over what nobody wants any more", async () => {
      await using at = await open();
      const { subscription } = await scene(at);
      const redrive = aJob();
      await changed(
        at.store,
        { do: "subscription.remove", uuid: subscription.uuid, atMs: noonMs },
        { do: "redrive.add", redrive },
      );
      assert.deepEqual(await driven(at.store, redrive.uuid), new Set());
      assert.equal((await at.store.redrives.redrive(redrive.uuid))?.redriven, 0);
    });
  });
}
