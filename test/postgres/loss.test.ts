/** PostgreSQL goes away, ends what it likes, or stands in the way: what is asked meanwhile is refused, and everything goes on by itself afterwards. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { Client } from "pg";
import { SignalboxError } from "../../src/errors.ts";
import { sequencesPerMs } from "../../src/store/sql/events-sql.ts";
import {
  anEvent,
  aRecord,
  aSubscription,
  changed,
  committed,
  fedNow,
  givenBucket,
  givenSubscription,
  tenantWithAda,
  uuid,
} from "../conformance/store/given.ts";
import { postgresServer } from "../support/postgres.ts";
import { distantStore } from "../support/postgres-store.ts";
import { until } from "../support/until.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());

const ours = "FROM pg_stat_activity WHERE application_name LIKE 'signalbox%' AND datname = current_database()";

async function direct(url: string): Promise<{ client: Client } & AsyncDisposable> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.end() };
}

function isUnavailable(thrown: unknown): boolean {
  return thrown instanceof SignalboxError && thrown.code === "unavailable";
}

describe("a store whose connections PostgreSQL ends", () => {
  it("commits each unit once, and opens no more connections than it has lost", async () => {
    await using at = await distantStore(server);
    await changed(at.store, ...tenantWithAda("acme"));
    await using aside = await direct(at.url);
    for (let round = 0; round < 8; round += 1) {
      const commits = Array.from({ length: 20 }, () => at.store.commit({ events: [anEvent(uuid("bucket"))] }));
      await aside.client.query(`SELECT pg_terminate_backend(pid) ${ours}`);
      for (const { kind } of await Promise.all(commits)) assert.equal(kind, "committed");
      assert.ok((await at.store.identities.tenant("acme")) !== undefined);
    }
    const log = await at.store.events.after(0, 999);
    assert.equal(new Set(log.map(({ id }) => id)).size, 160);
    assert.equal(log.length, 160);
    await until("what was ended is gone", async () => {
      const { rows } = await aside.client.query(`SELECT count(*)::int AS count ${ours}`);
      return (rows[0] as { readonly count: number }).count <= 5;
    });
  });
});

describe("a store whose PostgreSQL is killed", () => {
  it("is unavailable, and goes on with what waits when it is there again", async () => {
    await using own = await postgresServer();
    await using at = await distantStore(own);
    const bucket = await givenBucket(at.store);
    const subscription = await givenSubscription(at.store, aSubscription(bucket.uuid));
    const [sequence = 0] = await committed(at.store, { events: [anEvent(bucket.uuid)] });
    await fedNow(at.feed, 1);
    await own.kill();
    await assert.rejects(at.store.commit({ events: [anEvent(bucket.uuid)] }), isUnavailable);
    await assert.rejects(async () => at.store.events.get(sequence), isUnavailable);
    await assert.rejects(at.store.upkeep.ready(), isUnavailable);
    const settled = at.feed.settle({
      records: [aRecord(sequence, subscription, { status: "delivered" })],
      done: [sequence],
    });
    await own.start();
    await settled;
    const [next] = await Promise.all([fedNow(at.feed, 1), committed(at.store, { events: [anEvent(bucket.uuid)] })]);
    assert.ok((next[0]?.event.sequence ?? 0) > sequence);
    assert.equal((await at.store.events.after(0, 9)).length, 2);
  });
});

describe("a store in PostgreSQL", () => {
  it("tries again what meets a lock of others", async () => {
    await using at = await distantStore(server, { statementMs: 1_000 });
    await changed(at.store, ...tenantWithAda("acme"));
    await using aside = await direct(at.url);
    await aside.client.query("BEGIN; LOCK TABLE signalbox.event IN ACCESS EXCLUSIVE MODE");
    const commit = at.store.commit({ events: [anEvent(uuid("bucket"))] });
    await until("it waits for the lock", async () => {
      const { rows } = await aside.client.query(`SELECT 1 ${ours} AND wait_event_type = 'Lock'`);
      return rows.length > 0;
    });
    await aside.client.query("COMMIT");
    assert.equal((await commit).kind, "committed");
    assert.equal((await at.store.events.after(0, 9)).length, 1);
  });

  it("goes on behind all sequences when the server is on another timeline, by what lists by time allow for", async () => {
    await using at = await distantStore(server);
    await changed(at.store, ...tenantWithAda("acme"));
    const [before = 0] = await committed(at.store, { events: [anEvent(uuid("bucket"))] });
    await at.reopen();
    const [same = 0] = await committed(at.store, { events: [anEvent(uuid("bucket"))] });
    assert.ok(same > before && same < before + 2 ** 30);
    await using aside = await direct(at.url);
    await aside.client.query("UPDATE signalbox.meta SET value = 0 WHERE key = 'timeline'");
    await at.reopen();
    const [moved = 0] = await committed(at.store, { events: [anEvent(uuid("bucket"))] });
    const aheadMs = moved / sequencesPerMs - Date.now();
    assert.ok(moved > same && aheadMs > 0 && aheadMs < 60_000, `${moved} after ${same}, ${aheadMs} ms ahead`);
  });
});
