import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client } from "pg";
import type { Uuid } from "../../src/domain/ids.ts";
import { SignalboxError } from "../../src/errors.ts";
import type { Change, Unit } from "../../src/store/unit.ts";
import {
  aBucket,
  anEvent,
  anObject,
  anUpload,
  aRecord,
  aSubscription,
  changed,
  committed,
  givenBucket,
  givenSubscription,
  noonMs,
  tenantWithAda,
} from "../conformance/store/given.ts";
import { anIntent } from "../conformance/store/operations.ts";
import { aJob } from "../conformance/store/redrive.ts";
import { aPart } from "../conformance/store/uploads.ts";
import { postgresServer } from "../support/postgres.ts";
import { type JoinedNode, joinNode, untilShared } from "../support/postgres-nodes.ts";

async function rowsOf(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** What the nodes of a database, which are gone by now, have run into. */
async function deadlocks(url: string): Promise<number> {
  const rows = await rowsOf(url, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
  return Number(rows[0]?.["deadlocks"]);
}

/** Two that work together, and end with the test. */
async function twoNodes(url: string) {
  const nodes = [await joinNode(url), await joinNode(url)] as const;
  for (const node of nodes) await untilShared(node, 2);
  const end = async (): Promise<void> => {
    for (const node of nodes) await node[Symbol.asyncDispose]();
  };
  return { one: nodes[0], other: nodes[1], end, [Symbol.asyncDispose]: end };
}

describe("two nodes that write at the same time", () => {
  it("never wait for each other in a circle, however their commits are ordered, and count exactly", async () => {
    await using server = await postgresServer();
    const url = await server.database();
    await using nodes = await twoNodes(url);
    const { one, other } = nodes;
    const places: { readonly tenant: string; readonly bucket: Uuid }[] = [];
    for (const tenant of ["a", "b", "c"]) {
      const bucket = aBucket({ tenant });
      await changed(one.store, ...tenantWithAda(tenant), { do: "bucket.add", bucket });
      places.push({ tenant, bucket: bucket.uuid });
    }
    const unitsOf = (node: string, round: number): Unit[] =>
      places.flatMap(({ tenant, bucket }) => {
        const key = `${node} ${round}`;
        const upload = anUpload(bucket, key);
        const operation = `${tenant} ${key}`;
        const changes: Change[] = [
          { do: "object.put", object: anObject(bucket, key) },
          { do: "upload.add", upload },
          { do: "part.put", part: aPart(upload.id, 1) },
          { do: "intent.add", intent: anIntent(operation, { tenant, origin: "host" }) },
          { do: "intent.remove", operation },
          { do: "upload.remove", id: upload.id },
          ...(round % 2 === 0 ? [] : [{ do: "object.remove", bucket, key: `${node} ${round - 1}` } as const]),
        ];
        return changes.map((change) => ({ changes: [change], events: [anEvent(bucket, { tenant })] }));
      });
    for (let round = 0; round < 200; round += 1) {
      const forth = unitsOf("one", round).map((unit) => one.store.commit(unit));
      const back = inTurn(unitsOf("other", round)).map((unit) => other.store.commit(unit));
      await Promise.all([...forth, ...back]);
    }
    const wrong = await rowsOf(
      url,
      `SELECT * FROM signalbox.quota q JOIN signalbox.quota_counted c ON c.tenant = q.tenant AND c.name = q.name
        WHERE q.used <> c.used OR q.judged <> q.used`,
    );
    assert.deepEqual(wrong, []);
    await nodes.end();
    assert.equal(await deadlocks(url), 0);
  });

  it("may make exactly as much as a quota lets", async () => {
    await using server = await postgresServer();
    const url = await server.database();
    await using nodes = await twoNodes(url);
    const { one, other } = nodes;
    const bucket = await givenBucket(one.store);
    await changed(one.store, { do: "quota.put", tenant: "acme", quota: "objects", limit: 25 });
    const puts = Array.from({ length: 40 }, async (_, index) => {
      const unit: Unit = { changes: [{ do: "object.put", object: anObject(bucket.uuid, `k${index}`) }] };
      try {
        return (await (index % 2 === 0 ? one : other).store.commit(unit)).kind;
      } catch (thrown) {
        assert.ok(thrown instanceof SignalboxError);
        return thrown.code;
      }
    });
    const made = await Promise.all(puts);
    assert.equal(made.filter((kind) => kind === "committed").length, 25);
    assert.equal(made.filter((kind) => kind === "quota_exceeded").length, 15);
  });

  it("fold what both have counted, whichever is asked", async () => {
    await using server = await postgresServer();
    const url = await server.database();
    await using nodes = await twoNodes(url);
    const { one, other } = nodes;
    const bucket = await givenBucket(one.store);
    const day = { tenant: "acme", span: "hour", fromMs: noonMs - 3_600_000, toMs: noonMs + 3_600_000 } as const;
    const counts: number[] = [];
    for (let round = 1; round <= 12; round += 1) {
      const events = Array.from({ length: 60 }, (_, index) =>
        (index % 2 === 0 ? one : other).store.commit({ events: [anEvent(bucket.uuid)] }),
      );
      await Promise.all(events);
      const totals = await (round % 3 === 0 ? one : other).store.figures.totals(day);
      counts.push(totals.reduce((sum, { events: counted }) => sum + counted, 0));
    }
    assert.deepEqual(
      counts,
      Array.from({ length: 12 }, (_, index) => 60 * (index + 1)),
    );
  });

  it("take steps of redrive jobs and clear what is dead, each delivery once, and count them exactly", async () => {
    await using server = await postgresServer();
    const url = await server.database();
    await using nodes = await twoNodes(url);
    const { one, other } = nodes;
    const { uuid: scope } = await givenBucket(one.store);
    const subscription = await givenSubscription(one.store, aSubscription(scope));
    const sequences = await committed(one.store, { events: Array.from({ length: 120 }, () => anEvent(scope)) });
    const records = sequences.map((sequence) => aRecord(sequence, subscription, { status: "dead" }));
    await one.feed.settle({ records, done: [] });
    const jobs = [aJob(), aJob()] as const;
    for (const redrive of jobs) await changed(one.store, { do: "redrive.add", redrive });
    const advance = async (node: JoinedNode, job: (typeof jobs)[number]): Promise<void> => {
      while ((await node.store.redrives.advanceRedrive(job.uuid, { max: 5, nowMs: noonMs })).state === "running");
    };
    const { number } = subscription;
    const cleared = sequences
      .slice(40, 60)
      .map((sequence) => changed(one.store, { do: "delivery.clear", subscription: number, sequence }));
    await Promise.all([advance(one, jobs[0]), advance(other, jobs[1]), ...cleared]);
    const redriven = await Promise.all(
      jobs.map(async ({ uuid }) => (await one.store.redrives.redrive(uuid))?.redriven),
    );
    const counted = await rowsOf(
      url,
      `SELECT count(*) FILTER (WHERE status = 0) AS waiting, count(*) FILTER (WHERE status = 2) AS dead,
        count(*) FILTER (WHERE status = 3) AS cleared FROM signalbox.delivery`,
    );
    const waiting = Number(counted[0]?.["waiting"]);
    assert.equal(waiting + Number(counted[0]?.["cleared"]), 120);
    assert.equal((redriven[0] ?? 0) + (redriven[1] ?? 0), waiting);
    assert.deepEqual(await one.store.figures.open({ tenant: "acme" }, 999), { waiting, dead: 0 });
    await nodes.end();
    assert.equal(await deadlocks(url), 0);
  });
});

/** The other way round, but for what depends on what is before it: by tenants. */
function inTurn(units: readonly Unit[]): Unit[] {
  const third = units.length / 3;
  return [2, 1, 0].flatMap((at) => units.slice(at * third, (at + 1) * third));
}
