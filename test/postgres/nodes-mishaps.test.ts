import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { Client } from "pg";
import { anEvent, givenBucket } from "../conformance/store/given.ts";
import { postgresServer } from "../support/postgres.ts";
import { joinNode, untilShared } from "../support/postgres-nodes.ts";
import { postgresProxy } from "../support/postgres-proxy.ts";
import { until } from "../support/until.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());

const cancelGiving = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
  WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE shard SET owner = NULL%'`;
/** Locks of parts of the log. */
const heldOf = `SELECT count(*) AS held FROM pg_locks l JOIN pg_stat_activity a USING (pid)
  WHERE l.locktype = 'advisory' AND l.classid = 51265 AND a.datname = current_database() AND a.application_name = 'signalbox ' || $1`;
const askedBy = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'signalbox ' || $1 AND state <> 'idle'";

describe("nodes that meet with mishaps", () => {
  it("keep no lock of a part of the log that they could not give away", async () => {
    const url = await server.database();
    await using a = await joinNode(url);
    const [holder, operator] = [new Client({ connectionString: url }), new Client({ connectionString: url })];
    for (const client of [holder, operator]) await client.connect();
    try {
      await holder.query("BEGIN; SELECT FROM signalbox.shard FOR UPDATE");
      const joining = joinNode(url);
      await until("the statement that gives is cancelled", async () => {
        return (await operator.query(cancelGiving)).rows.length > 0;
      });
      await holder.query("ROLLBACK");
      await using b = await joining;
      for (const node of [a, b]) await untilShared(node, 2);
      const { rows } = await operator.query(heldOf, [a.cluster.node]);
      assert.deepEqual(rows, [{ held: "32" }]);
    } finally {
      for (const client of [holder, operator]) await client.end();
    }
  });

  it("get what one holds that was frozen as it gave it away, and forgotten", async () => {
    await using proxy = await postgresProxy(server.port);
    const url = await server.database();
    // As one that is frozen it does not give up its connections itself.
    await using a = await joinNode(proxy.url(url), { statementMs: 600_000 });
    const operator = new Client({ connectionString: url });
    await operator.connect();
    try {
      proxy.freeze();
      await until(
        "it asks nothing any more",
        async () => (await operator.query(askedBy, [a.cluster.node])).rows.length === 0,
      );
      await operator.query("UPDATE signalbox.shard SET owner = NULL");
      await operator.query("DELETE FROM signalbox.node");
      await using b = await joinNode(url);
      await until("it has all", async () => (await b.cluster.nodes())[0]?.shards === 64);
      const { rows } = await operator.query(heldOf, [a.cluster.node]);
      assert.deepEqual(rows, [{ held: "0" }]);
    } finally {
      await operator.end();
      proxy.thaw();
    }
  });

  it("go on saying that they are there while what they write waits", async () => {
    const url = await server.database();
    await using a = await joinNode(url, { statementMs: 120_000 });
    const bucket = await givenBucket(a.store);
    const operator = new Client({ connectionString: url });
    await operator.connect();
    try {
      await operator.query("BEGIN; LOCK TABLE signalbox.event IN ACCESS EXCLUSIVE MODE");
      const waiting = a.store.commit({ events: [anEvent(bucket.uuid)] });
      const said = new Set<number>();
      await until("it has said so four times", async () => {
        for (const { seenMs } of await a.cluster.nodes()) said.add(seenMs);
        return said.size >= 4;
      });
      await operator.query("ROLLBACK");
      assert.equal((await waiting).kind, "committed");
    } finally {
      await operator.end();
    }
  });

  it("leave nothing of themselves behind when they all end at the same time", async () => {
    const url = await server.database();
    for (let round = 0; round < 8; round += 1) {
      const nodes = await Promise.all([joinNode(url), joinNode(url), joinNode(url)]);
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
      const operator = new Client({ connectionString: url });
      await operator.connect();
      const { rows } = await operator.query("SELECT id FROM signalbox.node");
      const { rows: owned } = await operator.query("SELECT id FROM signalbox.shard WHERE owner IS NOT NULL");
      await operator.end();
      assert.deepEqual([rows, owned], [[], []], `round ${round}`);
    }
  });
});
