/** What waits, where two nodes work on one database: each has what lies in its own shards, and what is counted is counted once. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { Client } from "pg";
import { blockedMs, type DeliveryRecord } from "../../src/domain/delivery.ts";
import type { Subscription } from "../../src/domain/subscription.ts";
import { shardCount } from "../../src/store/cluster.ts";
import { clientConfig } from "../../src/store/postgres/connection.ts";
import {
  aBucket,
  anEvent,
  aRecord,
  aSubscription,
  changed,
  committed,
  givenSubscription,
  noonMs,
  tenantWithAda,
} from "../conformance/store/given.ts";
import { postgresServer } from "../support/postgres.ts";
import { type JoinedNode, joinNode, untilShared } from "../support/postgres-nodes.ts";
import { until } from "../support/until.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());

interface TwoNodes extends AsyncDisposable {
  readonly url: string;
  readonly one: JoinedNode;
  readonly other: JoinedNode;
  readonly db: Client;
}

/** Each with half of the shards. */
async function twoNodes(): Promise<TwoNodes> {
  const url = await server.database();
  const one = await joinNode(url);
  const other = await joinNode(url);
  const db = new Client(clientConfig(url));
  await db.connect();
  await untilShared(one, 2);
  return {
    url,
    one,
    other,
    db,
    [Symbol.asyncDispose]: async () => {
      await db.end();
      await other[Symbol.asyncDispose]();
      await one[Symbol.asyncDispose]();
    },
  };
}

async function subscriptionOf({ store }: JoinedNode, tenant: string, ordered = false): Promise<Subscription> {
  const bucket = aBucket({ tenant });
  await changed(store, ...tenantWithAda(tenant), { do: "bucket.add", bucket });
  return givenSubscription(store, aSubscription(bucket.uuid, { tenant, ...(ordered ? { pace: { ordered } } : {}) }));
}

function eventsOf({ store }: JoinedNode, { tenant, scope }: Subscription, count: number): Promise<readonly number[]> {
  return committed(store, { events: Array.from({ length: count }, () => anEvent(scope, { tenant })) });
}

const settle = ({ feed }: JoinedNode, records: readonly DeliveryRecord[]): Promise<void> =>
  feed.settle({ records, done: [] });

async function seen({ store }: JoinedNode, { number }: Subscription): Promise<number[]> {
  const due = await store.deliveries.due(number, blockedMs, 1_000);
  return due.map(({ event }) => event.sequence).sort((a, b) => a - b);
}

/** Deliveries in any shard, as if nodes before these had left them. */
async function left(db: Client, { number, tenant, scope }: Subscription, count: number): Promise<number[]> {
  await db.query(
    `INSERT INTO event (sequence, id, tenant, resource, scope, names, origin, time_ms, revision, data)
      SELECT i, 'left ' || i, $1, 'some', $2, '{}', 's3', 0, 0, '{}' FROM generate_series(64, 63 + $3::bigint) i`,
    [tenant, scope, count],
  );
  await db.query(
    `INSERT INTO delivery (sequence, subscription, tenant, status, attempts, tries, due_ms)
      SELECT i, $2, $1, 0, 0, 0, i FROM generate_series(64, 63 + $3::bigint) i`,
    [tenant, number, count],
  );
  await db.query(
    `INSERT INTO event_aside (sequence, tenant, state, since_ms) SELECT i, $1, 'waiting', 0 FROM generate_series(64, 63 + $2::bigint) i`,
    [tenant, count],
  );
  return Array.from({ length: count }, (_, at) => 64 + at);
}

describe("what waits, of two nodes", () => {
  it("is seen by the one that has its shard, and by the other once that has taken it over", async () => {
    await using at = await twoNodes();
    const { one, other, db } = at;
    const subscription = await subscriptionOf(one, "acme");
    const all = await left(db, subscription, 3 * shardCount);
    const [ofOne, ofOther] = [await seen(one, subscription), await seen(other, subscription)];
    assert.ok(ofOne.length > 0 && ofOther.length > 0);
    assert.deepEqual(
      [...ofOne, ...ofOther].sort((a, b) => a - b),
      all,
    );
    for (const [node, own] of [
      [one, ofOne],
      [other, ofOther],
    ] as const) {
      const { deliveries, aside } = node.store;
      assert.deepEqual(await deliveries.waiting({ max: 9 }), [{ subscription: subscription.number, dueMs: own[0] }]);
      assert.equal(await deliveries.nextDue(subscription.number, own[0] ?? 0), own[1]);
      const waits = await deliveries.waits(subscription.number, { after: { dueMs: 0, sequence: 0 }, max: 999 });
      assert.deepEqual(
        waits.map(({ sequence }) => sequence),
        own,
      );
      const listed = await aside.list({ tenant: "acme", state: "waiting" }, { max: 999 });
      assert.deepEqual(
        listed.map(({ event }) => event.sequence),
        own,
      );
      assert.deepEqual(await aside.tenants(), ["acme"]);
      // What is shown is all there is.
      const shown = await deliveries.list({ tenant: "acme", subscription: subscription.uuid }, { max: 999 });
      assert.equal(shown.deliveries.length, all.length);
    }
    await other[Symbol.asyncDispose]();
    await until("the one has all", async () => (await seen(one, subscription)).length === all.length);
    assert.deepEqual(await seen(one, subscription), all);
    assert.equal((await one.store.aside.list({ tenant: "acme", state: "waiting" }, { max: 999 })).length, all.length);
  });

  it("is counted exactly, whoever settles what of which tenant, and none waits for another in a circle", async () => {
    await using at = await twoNodes();
    const { one, other, db } = at;
    const tenants = ["acme", "globex", "initech", "umbrella"];
    const subscriptions: Subscription[] = [];
    for (const tenant of tenants) subscriptions.push(await subscriptionOf(one, tenant));
    const rounds = 500;
    const statuses = ["waiting", "dead", "waiting", "delivered"] as const;
    // Rows of what waits and of what does not are written by two statements: one node has in the first what the other has in the second.
    const settling = async (node: JoinedNode, own: readonly Subscription[]): Promise<void> => {
      const sequences = await Promise.all(own.map(async (subscription) => eventsOf(node, subscription, 5)));
      for (let round = 0; round < rounds; round += 1) {
        const records = own.map((subscription, at) =>
          aRecord(sequences[at]?.[round % 5] ?? 0, subscription, {
            status: statuses[(round + at) % statuses.length] ?? "waiting",
            attempts: 1 + Math.floor(round / 5),
          }),
        );
        await settle(node, records);
      }
    };
    await Promise.all([settling(one, subscriptions), settling(other, subscriptions.toReversed())]);

    const counted = await db.query(
      `SELECT tenant, count(*) FILTER (WHERE status = 0) AS waiting, count(*) FILTER (WHERE status = 2) AS dead
        FROM delivery GROUP BY tenant ORDER BY tenant`,
    );
    for (const node of [one, other]) {
      const open = await Promise.all(
        tenants.map(async (tenant) => ({ tenant, ...(await node.store.figures.open({ tenant }, 1_000)) })),
      );
      assert.deepEqual(open, counted.rows);
    }
    const found = await db.query(
      "SELECT (SELECT count(DISTINCT node) FROM open_count) AS nodes, deadlocks FROM pg_stat_database WHERE datname = current_database()",
    );
    assert.deepEqual(found.rows, [{ nodes: 2, deadlocks: 0 }]);

    // What one has counted more, the other has counted less.
    const { waiting, dead } = await one.store.deliveries.depth();
    for (const subscription of subscriptions) {
      await changed(other.store, { do: "delivery.clear", subscription: subscription.number });
    }
    assert.deepEqual(
      { ...(await one.store.deliveries.depth()), oldestWaitingMs: 0 },
      { waiting, dead: 0, oldestWaitingMs: 0 },
    );
    assert.ok(waiting > 0 && dead > 0);

    // Nodes that come and go leave no rows behind.
    await other[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
    await using next = await joinNode(at.url);
    const rows = await db.query("SELECT DISTINCT node FROM open_count");
    assert.deepEqual(rows.rows, [{ node: "" }]);
    assert.deepEqual(
      { ...(await next.store.deliveries.depth()), oldestWaitingMs: 0 },
      {
        waiting,
        dead: 0,
        oldestWaitingMs: 0,
      },
    );
  });
});

describe("a line whose deliveries lie in shards of two nodes", () => {
  /** What joins it. */
  const joins = (sequence: number, { number, tenant }: Subscription, line: string): DeliveryRecord => ({
    sequence,
    subscription: number,
    tenant,
    line,
    status: "waiting",
    attempts: 0,
    tries: 0,
    dueMs: noonMs,
    parked: true,
  });
  const due = async ({ store }: JoinedNode, { number }: Subscription): Promise<number[]> =>
    (await store.deliveries.due(number, noonMs, 999)).map(({ event }) => event.sequence);

  it("moves on from one to the other, who is told", async () => {
    await using at = await twoNodes();
    const { one, other } = at;
    const told: unknown[] = [];
    using _listening = other.hints.listen((hint) => void told.push(hint));
    const subscription = await subscriptionOf(one, "acme", true);
    const [first = 0] = await eventsOf(one, subscription, 1);
    const [second = 0] = await eventsOf(other, subscription, 1);
    await settle(one, [joins(first, subscription, "a")]);
    await settle(other, [joins(second, subscription, "a")]);
    assert.deepEqual([await due(one, subscription), await due(other, subscription)], [[first], []]);

    const over = { line: "a", releasedMs: noonMs } as const;
    await settle(one, [aRecord(first, subscription, { status: "dead", ...over })]);
    assert.deepEqual([await due(one, subscription), await due(other, subscription)], [[], [second]]);
    const hint = { about: "subscription", number: subscription.number };
    await until("the other is told", () => told.some((one) => JSON.stringify(one) === JSON.stringify(hint)));

    // What the other sends again stands behind what waits there.
    await changed(other.store, { do: "delivery.redrive", sequence: first, subscription: hint.number, dueMs: noonMs });
    assert.deepEqual([await due(one, subscription), await due(other, subscription)], [[], [second]]);
    await settle(other, [aRecord(second, subscription, { status: "delivered", ...over })]);
    assert.deepEqual([await due(one, subscription), await due(other, subscription)], [[first], []]);
  });

  it("is moved on by who leaves it or by who joins it meanwhile", async () => {
    await using at = await twoNodes();
    const { one, other, db } = at;
    const subscription = await subscriptionOf(one, "acme", true);
    const [first = 0] = await eventsOf(one, subscription, 1);
    const [second = 0] = await eventsOf(other, subscription, 1);
    await settle(one, [joins(first, subscription, "a")]);
    const waiting = async (): Promise<number> => {
      const { rows } = await db.query(
        `SELECT count(*) AS count FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name LIKE 'signalbox %'`,
      );
      return (rows[0] as { readonly count: number }).count;
    };
    // Holds up the first, which has moved the line on by then, before it is made.
    await db.query("BEGIN; LOCK TABLE attempt IN EXCLUSIVE MODE");
    const over = { line: "a", releasedMs: noonMs } as const;
    const leaving = settle(one, [aRecord(first, subscription, { status: "dead", ...over })]);
    await until("it is held up", async () => (await waiting()) === 1);
    let hasJoined = false;
    const joining = settle(other, [joins(second, subscription, "a")]).then(() => {
      hasJoined = true;
    });
    await until("the second has joined, or waits for the first", async () => hasJoined || (await waiting()) === 2);
    await db.query("COMMIT");
    await Promise.all([leaving, joining]);
    assert.deepEqual([await due(one, subscription), await due(other, subscription)], [[], [second]]);
  });

  it("lets one after the other be due, however both nodes join it and leave it at once", async () => {
    await using at = await twoNodes();
    const { one, other, db } = at;
    const subscription = await subscriptionOf(one, "acme", true);
    const lines = ["a", "b", "c"];
    const count = 60;
    const lineOf = (sequence: number): string => lines[(sequence >> 6) % lines.length] ?? "";
    const joining = async (node: JoinedNode, sequences: readonly number[]): Promise<void> => {
      for (const sequence of sequences) await settle(node, [joins(sequence, subscription, lineOf(sequence))]);
    };
    const leaving = async (node: JoinedNode, sequences: readonly number[]): Promise<void> => {
      const left = new Set(sequences);
      await until("all are done with", async () => {
        for (const sequence of await due(node, subscription)) {
          const over = { line: lineOf(sequence), releasedMs: noonMs };
          await settle(node, [aRecord(sequence, subscription, { status: "delivered", ...over })]);
          left.delete(sequence);
        }
        const { rows } = await db.query(
          "SELECT line FROM delivery WHERE status = 0 AND due_ms < $1 GROUP BY line HAVING count(*) > 1",
          [blockedMs],
        );
        assert.deepEqual(rows, []);
        return left.size === 0;
      });
    };
    const ofOne = await eventsOf(one, subscription, count);
    const ofOther = await eventsOf(other, subscription, count);
    await Promise.all([joining(one, ofOne), joining(other, ofOther), leaving(one, ofOne), leaving(other, ofOther)]);
    const { rows } = await db.query(
      `SELECT (SELECT count(*) FROM delivery WHERE status <> 1) AS left, (SELECT sum(waiting) FROM open_count) AS waiting,
        deadlocks FROM pg_stat_database WHERE datname = current_database()`,
    );
    assert.deepEqual(rows, [{ left: 0, waiting: 0, deadlocks: 0 }]);
  });
});
