import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { it } from "node:test";
import fc from "fast-check";
import {
  aBucket,
  anEvent,
  aRecord,
  aSubscription,
  changed,
  committed,
  fedNow,
  givenSubscription,
  noonMs,
  tenantWithAda,
  uuid,
} from "../../../test/conformance/store/given.ts";
import { anIntent } from "../../../test/conformance/store/operations.ts";
import { fakeClock } from "../../../test/support/clock.ts";
import { migrated } from "../../../test/support/migrated.ts";
import type { DeliveryRecord } from "../../domain/delivery.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { silentLog } from "../../log.ts";
import type { Bucket } from "../records.ts";
import type { Change } from "../unit.ts";
import { databaseFile, migrate, migrationFiles } from "./open.ts";
import { openSqliteStore } from "./store.ts";

const tenants = ["acme", "globex"] as const;

/** What `open_count` must say, counted. */
const counted = `SELECT t.id AS tenant,
    (SELECT count(*) FROM delivery WHERE tenant = t.id AND status = 0) AS waiting,
    (SELECT count(*) FROM delivery WHERE tenant = t.id AND status = 2) AS dead,
    (SELECT count(*) FROM event_aside WHERE tenant = t.id AND state = 'waiting') AS aside,
    (SELECT count(*) FROM event_aside WHERE tenant = t.id AND state = 'poisoned') AS poisoned,
    (SELECT count(*) FROM intent WHERE tenant = t.id AND unresolved IS NULL) AS intents,
    (SELECT count(*) FROM intent WHERE tenant = t.id AND unresolved IS NOT NULL) AS unresolved
  FROM tenant t WHERE t.id <> 'default' ORDER BY t.id`;
const kept = `SELECT t.id AS tenant, coalesce(waiting, 0) AS waiting, coalesce(dead, 0) AS dead, coalesce(aside, 0) AS aside,
    coalesce(poisoned, 0) AS poisoned, coalesce(intents, 0) AS intents, coalesce(unresolved, 0) AS unresolved
  FROM tenant t LEFT JOIN open_count c ON c.tenant = t.id WHERE t.id <> 'default' ORDER BY t.id`;

async function scene() {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-counts-"));
  const clock = fakeClock(noonMs);
  const options = { folder: migrated(folder), clock, log: silentLog, lockWaitMs: 0 };
  let opened = await openSqliteStore(options);
  const subscriptions: Subscription[] = [];
  const buckets: Bucket[] = [];
  const events: number[] = [];
  /** Four of each tenant, done with, in the place of those there were: retention may drop them. */
  const fresh = async (): Promise<void> => {
    const four = (bucket: Bucket) => Array.from({ length: 4 }, () => anEvent(bucket.uuid, { tenant: bucket.tenant }));
    const made = await committed(opened.store, { events: buckets.flatMap(four) });
    await fedNow(opened.feed, made.length);
    await opened.feed.settle({ records: [], done: made });
    events.splice(0, events.length, ...made);
  };
  for (const tenant of tenants) {
    const bucket = aBucket({ tenant });
    await changed(opened.store, ...tenantWithAda(tenant), { do: "bucket.add", bucket });
    for (const once of [false, true]) {
      const over = { tenant, ...(once ? { once: true as const, face: "notifications" as const } : {}) };
      subscriptions.push(await givenSubscription(opened.store, aSubscription(bucket.uuid, over)));
    }
    buckets.push(bucket);
  }
  await fresh();
  const reader = new DatabaseSync(join(folder, databaseFile), { readOnly: true });
  return {
    get store() {
      return opened.store;
    },
    get feed() {
      return opened.feed;
    },
    subscriptions,
    events,
    fresh,
    reopen: async () => {
      await opened[Symbol.asyncDispose]();
      opened = await openSqliteStore(options);
    },
    /** Of the tables themselves, and as the counts say. */
    both: () => [reader.prepare(counted).all(), reader.prepare(kept).all()],
    [Symbol.asyncDispose]: async () => {
      reader.close();
      await opened[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Scene = Awaited<ReturnType<typeof scene>>;

interface Operation {
  readonly what: (typeof operations)[number];
  /** Which event and which subscription, of those that there are. */
  readonly event: number;
  readonly subscription: number;
  readonly which: number;
}

const operations = [
  "settle",
  "again",
  "clear",
  "clearOne",
  "add",
  "take",
  "redrive",
  "aside",
  "done",
  "intent",
  "undone",
  "prune",
] as const;

const operation: fc.Arbitrary<Operation> = fc.record({
  what: fc.constantFrom("settle", "settle", ...operations),
  event: fc.nat(7),
  subscription: fc.nat(3),
  which: fc.nat(3),
});

async function apply(at: Scene, { what, event, subscription: chosen, which }: Operation): Promise<void> {
  const subscription = at.subscriptions[chosen] ?? assert.fail();
  const { number, tenant } = subscription;
  const sequence = at.events[Math.floor(chosen / 2) * 4 + (event % 4)] ?? assert.fail();
  const place = { sequence, subscription: number };
  const recorded = (status: DeliveryRecord["status"]) => aRecord(sequence, subscription, { status });
  const parked = { ...recorded("waiting"), attempts: 0, tries: 0, parked: true as const, line: "one" };
  const state = which % 2 === 0 ? ("waiting" as const) : ("poisoned" as const);
  const again: Change = { do: "delivery.redrive", ...place, dueMs: noonMs };
  const change = (...changes: Change[]): Promise<unknown> => changed(at.store, ...changes);
  switch (what) {
    case "settle": {
      const record = [recorded("waiting"), recorded("delivered"), recorded("dead"), parked][which] ?? parked;
      return at.feed.settle({ records: [record], done: [sequence] });
    }
    case "again":
      return void (await change(again));
    case "clear":
      return void (await change({ do: "delivery.clear", subscription: number }));
    case "clearOne":
      return void (await change({ do: "delivery.clear", ...place }));
    case "add":
      return void (await change({ do: "delivery.add", delivery: parked }));
    case "take":
      return void (await change({ do: "subscription.take", tenant, sequence, subscriptions: [number], dueMs: noonMs }));
    case "redrive": {
      const made = { createdMs: noonMs, createdBy: "ada", redriven: 0, looked: 0 };
      const redrive = { uuid: uuid("job"), tenant, filter: {}, state: "running" as const, ...made };
      await change({ do: "redrive.add", redrive });
      await at.store.redrives.advanceRedrive(redrive.uuid, { max: which + 1, nowMs: noonMs });
      return;
    }
    case "aside":
      return void (await change({ do: "event.aside", tenant, sequences: [sequence], state, atMs: noonMs }));
    case "done":
      return void (await change({ do: "event.done", sequences: [sequence] }));
    case "intent": {
      const operationId = `${tenant}-${event}`;
      const intent = anIntent(operationId, { tenant });
      const remove = { do: "intent.remove", operation: operationId } as const;
      if (which === 0) return void (await change(remove));
      await change(remove, { do: "intent.add", intent });
      if (which === 1) await change({ do: "intent.unresolved", operation: operationId, reason: "gone" });
      return;
    }
    case "undone": {
      // The second bucket of that uuid undoes all of it.
      const bucket = aBucket({ tenant });
      const all: Change[] = [
        again,
        { do: "delivery.clear", subscription: number },
        { do: "delivery.add", delivery: parked },
      ];
      const twice: Change[] = [
        { do: "bucket.add", bucket },
        { do: "bucket.add", bucket },
      ];
      return assert.rejects(at.store.commit({ changes: [...all, ...twice] }));
    }
    case "prune": {
      const prune = { beforeMs: noonMs + 1, deadBeforeMs: noonMs + which, max: 1_000 };
      await at.store.upkeep.prune(prune);
      return at.fresh();
    }
    default:
      return what satisfies never;
  }
}

it("what is open is counted exactly, whatever becomes of it, over restarts", async () => {
  await using at = await scene();
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 8, maxLength: 16 }), async (all) => {
      for (const one of all) await apply(at, one);
      const [rows, counts] = at.both();
      assert.deepEqual(counts, rows);
    }),
    { numRuns: 40, endOnFailure: true },
  );
  await at.reopen();
  const [rows = [], counts] = at.both();
  assert.deepEqual(counts, rows);
  const sum = (column: string): number => rows.reduce((all, row) => all + Number(row[column]), 0);
  const { waiting, dead } = await at.store.deliveries.depth();
  assert.deepEqual({ waiting, dead }, { waiting: sum("waiting"), dead: sum("dead") });
  assert.deepEqual(await at.store.aside.counts(), { waiting: sum("aside"), poisoned: sum("poisoned") });
  assert.deepEqual(await at.store.operations.intentCounts(), { open: sum("intents"), unresolved: sum("unresolved") });
});

it("what is open in a folder of an older version is counted when that is carried over", () => {
  const db = new DatabaseSync(":memory:");
  const older = migrationFiles().filter(({ name }) => name < "0029");
  for (const { number, sql } of older) db.exec(`${sql}; PRAGMA user_version = ${number}`);
  db.exec(
    "INSERT INTO tenant (id, name, created_ms) VALUES ('acme', 'Acme', 0), ('globex', 'Globex', 0), ('idle', 'Idle', 0)",
  );
  const delivery = db.prepare(
    "INSERT INTO delivery (sequence, subscription, tenant, status, attempts, tries) VALUES (?, 1, ?, ?, 1, 1)",
  );
  for (const [sequence, status] of [0, 0, 1, 2, 2, 2, 3].entries()) delivery.run(sequence, "acme", status);
  db.exec(
    "INSERT INTO event_aside VALUES (1, 'acme', 'waiting', 0), (2, 'globex', 'poisoned', 0), (3, 'globex', 'waiting', 0)",
  );
  db.exec(`INSERT INTO intent (operation, tenant, type, params, ran, created_ms, unresolved)
    VALUES ('a', 'globex', 'T', '{}', '[]', 0, NULL), ('b', 'globex', 'T', '{}', '[]', 0, 'gone')`);
  migrate(db);
  const [acme, globex] = db.prepare(kept).all();
  const none = { waiting: 0, dead: 0, aside: 0, poisoned: 0, intents: 0, unresolved: 0 };
  assert.deepEqual({ ...acme }, { ...none, tenant: "acme", waiting: 2, dead: 3, aside: 1 });
  assert.deepEqual({ ...globex }, { ...none, tenant: "globex", aside: 1, poisoned: 1, intents: 1, unresolved: 1 });
  assert.deepEqual(db.prepare(kept).all(), db.prepare(counted).all());
  db.close();
});
