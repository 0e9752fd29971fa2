import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { silentLog } from "../../src/log.ts";
import { shardCount } from "../../src/store/cluster.ts";
import { heldWaits } from "../../src/store/postgres/held-waits.ts";
import { settlementQueries } from "../../src/store/postgres/settlement.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { pruneStep } from "../../src/store/sql/prune.ts";
import { runScriptAsync } from "../../src/store/sql/script.ts";
import { unitSteps } from "../../src/store/sql/units.ts";
import { wireSettlement } from "../../src/store/sql/wire-settlement.ts";
import { anEvent, aRecord, aSubscription, givenBucket, givenSubscription, noonMs } from "../conformance/store/given.ts";
import {
  readDeliveries,
  readFigures,
  readFunctions,
  readHostOperations,
  readIdentities,
} from "../conformance/store/pinned-reads.ts";
import { unitOfFunctions, unitOfHostOperations, unitOfIdentities } from "../conformance/store/pinned-units.ts";
import { fakeClock } from "../support/clock.ts";
import { PlannedPostgres } from "../support/planned-postgres.ts";
import { postgresServer } from "../support/postgres.ts";

/** Rows later than all others, of which no two have a value in common, half of them with nothing in what may be NULL; without what triggers and constraints make of them. */
const fillTables = `
  SET search_path = signalbox;
  SET session_replication_role = replica;
  ALTER TABLE session DROP CONSTRAINT session_check;
  DO $$
  DECLARE
    filled record;
  BEGIN
    FOR filled IN
      SELECT c.relname AS name, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns,
        string_agg(CASE WHEN a.attnotnull OR a.attname = 'due_ms' THEN v.value ELSE 'CASE WHEN i % 2 = 0 THEN ' || v.value || ' END' END, ', ' ORDER BY a.attnum) AS values
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped,
        LATERAL (SELECT CASE WHEN a.atttypid = 'text'::regtype THEN '''[''||i||'']''' WHEN a.atttypid = 'boolean'::regtype THEN 'i % 2 = 0'
          WHEN a.atttypid = 'timestamptz'::regtype THEN 'to_timestamp(i)'
          WHEN a.attname IN ('deleted', 'status', 'once_per_function', 'drop_when_over') THEN 'i % 3'
          ELSE 'i + 4000000000000000' END AS value) v
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'signalbox'::regnamespace
        AND c.relname NOT IN ('schema_version', 'partition')
      GROUP BY c.relname
    LOOP
      EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM generate_series(1, 3000) i', filled.name, filled.columns, filled.values);
    END LOOP;
  END $$;
  ANALYZE`;

/** So many, with a part of those rows in each. */
const partitionedInto = (count: number): string => `
  SET search_path = signalbox;
  DO $$
  BEGIN
    FOR n IN 1 .. ${count - 1} LOOP
      PERFORM detach_partition(n);
      INSERT INTO partition (number, begins, ends) SELECT n + 1, 4000000000000000 + n * ${Math.floor(3_000 / count)}, ends FROM partition WHERE number = n;
      UPDATE partition SET ends = (SELECT begins FROM partition WHERE number = n + 1) WHERE number = n;
      PERFORM make_partition(n + 1), attach_partition(n), attach_partition(n + 1);
    END LOOP;
  END $$`;

const everyShard = Array.from({ length: shardCount }, (_, shard) => shard);
const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());

/** So much in every table that going through it would cost more than an index, with statistics of it. */
async function filled(partitions: number) {
  const url = await server.database();
  await using opened = await openPostgresStore({ url, clock: fakeClock(noonMs), log: silentLog });
  const bucket = await givenBucket(opened.store);
  const subscription = await givenSubscription(opened.store, aSubscription(bucket.uuid));
  await opened.store.commit({ events: [anEvent(bucket.uuid), anEvent(bucket.uuid)] });
  const database = url.slice(url.lastIndexOf("/") + 1);
  await server.run(partitionedInto(partitions), database);
  await server.run(fillTables, database);
  return { url, subscription };
}

for (const partitions of [1, 20]) {
  describe(`with ${partitions} partition${partitions === 1 ? "" : "s"}`, async () => {
    const { url, subscription } = await filled(partitions);

    for (const [what, read] of [
      ["identities, objects or subscriptions", readIdentities],
      ["functions, users or operations", readFunctions],
      ["figures", readFigures],
      ["operations of a platform and their resolvers", readHostOperations],
      [
        "deliveries",
        (planned: PlannedPostgres) =>
          readDeliveries(
            planned,
            subscription,
            heldWaits(() => everyShard),
          ),
      ],
    ] as const) {
      it(`no read of ${what} goes through a whole table, or sorts`, async () => {
        await using planned = await PlannedPostgres.connect(url);
        await read(planned, planned);
        assert.deepEqual(planned.scans, []);
      });
    }

    for (const [what, unit] of [
      ["identities, objects or subscriptions", unitOfIdentities],
      ["functions, users or operations", unitOfFunctions],
      ["operations of a platform and their resolvers", unitOfHostOperations],
    ] as const) {
      it(`no change and no condition of ${what} goes through a whole table, or sorts`, async () => {
        await using planned = await PlannedPostgres.connect(url);
        const { checks, steps } = unitSteps(unit());
        for (const check of checks) await planned.planCheck(check);
        for (const step of steps) await planned.planStep(step);
        assert.deepEqual(planned.scans, []);
      });
    }

    it("no settlement goes through a whole table, or sorts", async () => {
      await using planned = await PlannedPostgres.connect(url);
      const records = [
        aRecord(1, subscription, { status: "delivered", once: true }),
        aRecord(2, subscription, { status: "dead", reason: "subscription_deleted" }),
        aRecord(3, subscription, { status: "waiting" }),
        aRecord(4, subscription, { status: "waiting", line: "a", parked: true }),
        aRecord(5, subscription, { status: "delivered", line: "a", releasedMs: noonMs }),
      ];
      for (const query of settlementQueries(wireSettlement(records, [], { watermarks: [[1, 3]], losses: 0 })))
        await planned.plan(query);
      assert.deepEqual(planned.scans, []);
    });

    it("no step of retention goes through a whole table, or sorts", async () => {
      await using planned = await PlannedPostgres.connect(url);
      const runner = { all: planned.all.bind(planned), run: planned.run.bind(planned) };
      const step = { beforeMs: noonMs + 1, deadBeforeMs: noonMs + 1, max: 9, nowMs: noonMs + 1 };
      await planned.run({ sql: "UPDATE shard SET watermark = ? WHERE id >= 0", params: [Number.MAX_SAFE_INTEGER] });
      assert.deepEqual(await runScriptAsync(runner, pruneStep(step)), { dropped: 2, more: false });
      assert.deepEqual(planned.scans, []);
    });
  });
}

it("no look at what waits in some shards reads a row of another", async () => {
  const { url } = await filled(1);
  const database = url.slice(url.lastIndexOf("/") + 1);
  // 100,000 of shard 5, each due before the 640 of the other shards.
  await server.run(
    `SET search_path = signalbox; SET session_replication_role = replica;
     TRUNCATE delivery, event_aside;
     INSERT INTO delivery (sequence, subscription, tenant, status, attempts, tries, due_ms)
       SELECT i * 64 + 5, 7, 'acme', 0, 0, 0, i FROM generate_series(1, 100000) i
       UNION ALL SELECT i * 64 + i % 64, 7, 'acme', 0, 0, 0, i FROM generate_series(200000, 200639) i WHERE i % 64 <> 5;
     INSERT INTO event_aside (sequence, tenant, state, since_ms) SELECT sequence, tenant, 'waiting', 0 FROM delivery;
     ANALYZE delivery, event_aside`,
    database,
  );
  await using planned = await PlannedPostgres.connect(url);
  const from = { after: { dueMs: 0, sequence: 0 }, max: 9 };
  for (const shards of [[3], [60, 2, 3], everyShard.filter((shard) => shard !== 5)]) {
    const waits = heldWaits(() => shards);
    // Of each shard as many as are wanted.
    const few = 9 * shards.length;
    assert.ok((await planned.rowsRead(waits.due(7, 1_000_000, 9))) <= few);
    assert.ok((await planned.rowsRead(waits.behind(7, from))) <= few);
    assert.equal(await planned.rowsRead(waits.nextDue(7, 0)), shards.length);
    assert.equal(await planned.rowsRead(waits.subscriptions(0, 9)), shards.length);
    // With the event of each, which are not there.
    assert.ok((await planned.rowsRead(waits.aside("acme", 0, 9))) <= few);
    assert.ok((await planned.rowsRead(waits.asideTenants())) <= 640);
  }
});
