import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, describe, it } from "node:test";
import { type Log, silentLog } from "../../src/log.ts";
import { connect } from "../../src/store/postgres/connection.ts";
import { Partitions } from "../../src/store/postgres/partitions.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import {
  anEvent,
  aRecord,
  aSubscription,
  changed,
  committed,
  givenBucket,
  givenSubscription,
  noonMs,
} from "../conformance/store/given.ts";
import { anInvocation } from "../conformance/store/given-functions.ts";
import { type FakeClock, fakeClock } from "../support/clock.ts";
import { postgresServer } from "../support/postgres.ts";
import { assertAlike, lookAt, partitionNumbers } from "../support/postgres-partitions.ts";
import { type Mishap, postgresProxy } from "../support/postgres-proxy.ts";
import { until } from "../support/until.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const keptMs = 16 * dayMs;
/** Any rows are enough for a partition. */
const partitioned = { leastBytes: 1, mostBytes: 2 ** 30, lockTries: 100 };

async function aStore(url: string, { log = silentLog, nowMs = noonMs }: { log?: Log; nowMs?: number } = {}) {
  const clock = fakeClock(nowMs);
  const opened = await openPostgresStore({ url, clock, log, partitioned });
  const { store, feed } = opened;
  /** All that is due of retention. */
  const prune = async (keepDeadMs = keptMs): Promise<number> => {
    let dropped = 0;
    for (let more = true; more; ) {
      const now = clock.now();
      const done = await store.upkeep.prune({ beforeMs: now - keptMs, deadBeforeMs: now - keepDeadMs, max: 100 });
      dropped += done.dropped;
      more = done.more;
    }
    return dropped;
  };
  /** Dispatched, with an outcome each. */
  const settle = async (records: ReturnType<typeof aRecord>[], sequences: readonly number[]): Promise<void> => {
    const signal = new AbortController().signal;
    for (let fed = 0; fed < sequences.length; ) fed += (await feed.next(100, signal)).length;
    await feed.settle({ records, done: [...sequences] });
  };
  return { ...opened, clock, prune, settle };
}

describe("the log in partitions", () => {
  it("gets another ahead of what is written, loses the oldest as a whole, and keeps what has to stay", async () => {
    const url = await server.database();
    await using at = await aStore(url);
    await using database = await lookAt(url);
    const bucket = await givenBucket(at.store);
    const subscription = await givenSubscription(at.store, aSubscription(bucket.uuid));
    const first = await committed(at.store, { events: Array.from({ length: 6 }, () => anEvent(bucket.uuid)) });
    const [a = 0, b = 0, c = 0, d = 0] = first;
    await at.settle(
      [
        aRecord(a, subscription, { status: "delivered" }),
        aRecord(b, subscription, { status: "dead" }),
        aRecord(c, subscription, { status: "waiting", dueMs: noonMs + 100 * dayMs }),
        aRecord(d, subscription, { status: "delivered" }),
      ],
      first,
    );
    assert.deepEqual(await database.numbers(partitionNumbers), [1]);
    assert.equal(await at.prune(), 0);
    assert.deepEqual(await database.numbers(partitionNumbers), [1, 2, 3]);
    await assertAlike(database);
    // What is written from now on is in the second, and once half of its time has passed there is one behind it.
    const second = await committed(at.store, { events: [anEvent(bucket.uuid)] });
    assert.ok((second[0] ?? 0) > (first.at(-1) ?? 0));
    assert.deepEqual(await database.numbers("SELECT sequence AS n FROM event_p2"), second);
    await at.settle([], second);
    await at.prune();
    assert.deepEqual(await database.numbers(partitionNumbers), [1, 2, 3]);
    at.clock.advance(15 * dayMs);
    await at.prune();
    assert.deepEqual(await database.numbers(partitionNumbers), [1, 2, 3, 4, 5]);
    assert.deepEqual(await at.store.deliveries.depth(), { waiting: 1, dead: 1, oldestWaitingMs: noonMs });
    // Past its time, but not all of its partition by far enough: nothing goes by itself.
    at.clock.advance(dayMs + 500);
    assert.equal(await at.prune(40 * dayMs), 0);
    assert.deepEqual(await database.numbers("SELECT count(*) AS n FROM event_p1"), [6]);
    at.clock.advance(hourMs);
    await at.prune(40 * dayMs);
    const [rest] = await database.numbers("SELECT number AS n FROM partition WHERE rest");
    assert.deepEqual(await database.numbers(partitionNumbers), [rest, 2, 3, 4, 5]);
    await assertAlike(database);
    assert.deepEqual(await database.numbers(`SELECT sequence AS n FROM event_p${rest} ORDER BY sequence`), [b, c]);
    assert.deepEqual(await database.numbers("SELECT sequence AS n FROM delivery ORDER BY sequence"), [b, c]);
    assert.deepEqual(await database.numbers("SELECT sequence AS n FROM attempt ORDER BY sequence"), [b, c]);
    assert.deepEqual(await at.store.deliveries.depth(), { waiting: 1, dead: 1, oldestWaitingMs: noonMs });
    // The dead letter in time, in steps.
    at.clock.advance(30 * dayMs);
    await at.prune(40 * dayMs);
    assert.deepEqual(await at.store.deliveries.depth(), { waiting: 1, dead: 0, oldestWaitingMs: noonMs });
    // What waits is delivered, and goes.
    await at.feed.settle({ records: [aRecord(c, subscription, { status: "delivered", attempts: 2 })], done: [] });
    await at.prune(40 * dayMs);
    assert.deepEqual(await database.numbers("SELECT count(*) AS n FROM event WHERE sequence < 1 + " + String(c)), [0]);
    assert.deepEqual(await at.store.deliveries.depth(), { waiting: 0, dead: 0 });
    await assertAlike(database);
  });

  it("changes beside two nodes that write, each of which has all of retention to do: none of their events is lost, or given out twice", async () => {
    const url = await server.database();
    const clocks = [fakeClock(noonMs), fakeClock(noonMs)].map(
      (clock): FakeClock => ({ ...clock, bytes: (length) => randomBytes(length) }),
    );
    const opening = clocks.map((clock) =>
      openPostgresStore({ url, clock, log: silentLog, nodes: "several", partitioned }),
    );
    const nodes = await Promise.all(opening);
    try {
      await using database = await lookAt(url);
      const [one] = nodes;
      assert.ok(one !== undefined);
      const bucket = await givenBucket(one.store);
      const subscription = await givenSubscription(one.store, aSubscription(bucket.uuid));
      await until("each has a home", () => nodes.every(({ cluster }) => cluster.isReady));
      const fed: number[] = [];
      const sent: number[] = [];
      const rounds = 40;
      const work = async ({ store, feed }: (typeof nodes)[number]): Promise<void> => {
        for (let round = 0; round < rounds; round += 1) {
          sent.push(...(await committed(store, { events: [anEvent(bucket.uuid), anEvent(bucket.uuid)] })));
          feed.wake();
        }
      };
      const ended = new AbortController();
      const all = nodes.length * rounds * 2;
      const dispatch = async ({ feed }: (typeof nodes)[number]): Promise<void> => {
        while (fed.length < all && !ended.signal.aborted) {
          const sequences = (await feed.next(10, ended.signal)).map(({ event }) => event.sequence);
          fed.push(...sequences);
          if (fed.length >= all) ended.abort();
          // One of seven waits for ever.
          const status = (sequence: number): "waiting" | "delivered" =>
            Math.floor(sequence / 64) % 7 === 0 ? "waiting" : "delivered";
          const records = sequences.map((sequence) => aRecord(sequence, subscription, { status: status(sequence) }));
          await feed.settle({ records, done: sequences });
        }
      };
      const over = new AbortController();
      const working = Promise.all([...nodes.map(work), ...nodes.map(dispatch)]).finally(() => over.abort());
      const pruning = async (): Promise<void> => {
        for (const clock of clocks) clock.advance(dayMs);
        const step = (clock: FakeClock) => ({ beforeMs: clock.now() - keptMs, deadBeforeMs: 0, max: 50 });
        await Promise.all(nodes.map(({ store }, at) => store.upkeep.prune(step(clocks[at] ?? fakeClock()))));
      };
      while (!over.signal.aborted) await pruning();
      await working;
      for (let day = 0; day < 40; day += 1) await pruning();
      assert.equal(new Set(sent).size, all);
      assert.equal(fed.length, all);
      assert.deepEqual(new Set(fed), new Set(sent));
      const waiting = sent.filter((sequence) => Math.floor(sequence / 64) % 7 === 0).length;
      assert.deepEqual(await database.numbers("SELECT count(*) AS n FROM delivery WHERE status = 0"), [waiting]);
      assert.equal((await one.store.deliveries.depth()).waiting, waiting);
      assert.ok((await database.numbers("SELECT count(*) AS n FROM event")).every((count) => count === waiting));
      await assertAlike(database);
    } finally {
      for (const node of nodes) await node[Symbol.asyncDispose]();
    }
  });

  it("counts what dead letters went with a partition, and loses the runs of its events behind it", async () => {
    const url = await server.database();
    await using at = await aStore(url);
    await using database = await lookAt(url);
    const bucket = await givenBucket(at.store);
    const subscription = await givenSubscription(at.store, aSubscription(bucket.uuid));
    const sequences = await committed(at.store, { events: Array.from({ length: 5 }, () => anEvent(bucket.uuid)) });
    await at.settle(
      sequences.map((sequence) => aRecord(sequence, subscription, { status: "dead" })),
      sequences,
    );
    const runs = await at.store.invocations.reserveInvocations(6);
    const [first = 0] = sequences;
    for (const [index, sequence] of [...sequences, undefined].entries()) {
      const of = sequence === undefined ? {} : { sequence, subscription: subscription.number };
      await changed(at.store, {
        do: "invocation.put",
        invocation: anInvocation(runs + index, { createdMs: noonMs + keptMs, ...of }),
      });
    }
    await at.feed.settle({
      records: [aRecord(first, subscription, { status: "waiting", attempts: 2, dueMs: noonMs + 100 * dayMs })],
      done: [],
    });
    await at.prune();
    await at.settle([], await committed(at.store, { events: [anEvent(bucket.uuid)] }));
    assert.equal((await at.store.deliveries.depth()).dead, 4);
    at.clock.advance(keptMs + hourMs);
    await at.prune();
    assert.deepEqual(await database.numbers("SELECT sequence AS n FROM delivery"), [first]);
    assert.deepEqual(await database.numbers("SELECT number AS n FROM invocation ORDER BY number"), [runs, runs + 5]);
    assert.equal((await at.store.deliveries.depth()).dead, 0);
  });

  it("drops nothing that is not dispatched, and goes by events where too much has to stay or no lock is to be had", async () => {
    const url = await server.database();
    const warned: unknown[] = [];
    const log: Log = { ...silentLog, warn: (fields) => void warned.push(fields) };
    const clock = fakeClock(noonMs);
    await using at = await openPostgresStore({ url, clock, log, partitioned: { ...partitioned, lockTries: 1 } });
    await using database = await lookAt(url);
    const bucket = await givenBucket(at.store);
    const made = await committed(at.store, { events: [anEvent(bucket.uuid), anEvent(bucket.uuid)] });
    await database.client.query("BEGIN; SELECT 1 FROM event");
    const prune = (): ReturnType<typeof at.store.upkeep.prune> =>
      at.store.upkeep.prune({ beforeMs: clock.now() - keptMs, deadBeforeMs: 0, max: 10 });
    await prune();
    assert.deepEqual(await database.numbers(partitionNumbers), [1]);
    assert.equal(warned.length, 1);
    // Within two minutes it is not tried again.
    await prune();
    assert.equal(warned.length, 1);
    await database.client.query("COMMIT");
    clock.advance(2 * keptMs);
    assert.equal((await prune()).dropped, 0);
    await at.feed.next(10, new AbortController().signal);
    await at.feed.settle({ records: [], done: made });
    assert.equal((await prune()).dropped, 2);
  });

  it("is changed once by two who try it, and wholly or not at all where a connection is lost", async () => {
    const url = await server.database();
    await using proxy = await postgresProxy(server.port);
    await using database = await lookAt(url);
    {
      await using at = await aStore(url);
      const bucket = await givenBucket(at.store);
      await at.settle([], await committed(at.store, { events: [anEvent(bucket.uuid)] }));
    }
    const keep = async (nowMs: number): Promise<boolean> => {
      const connection = await connect(proxy.url(url), silentLog);
      const partitions = new Partitions({ log: silentLog, ...partitioned });
      const step = { beforeMs: nowMs - keptMs, deadBeforeMs: nowMs - keptMs, max: 10, nowMs };
      try {
        return (await partitions.keep(connection.client, step)).changed;
      } finally {
        await connection.end();
      }
    };
    const lost = async (mishap: Mishap, nowMs: number): Promise<void> => {
      const met = proxy.next(mishap);
      await assert.rejects(keep(nowMs));
      await met;
      await assertAlike(database);
    };
    const laterMs = noonMs + keptMs + hourMs;
    for (const mishap of ["cut in the middle", "cut before commit"] as const) await lost(mishap, noonMs);
    assert.deepEqual(await database.numbers(partitionNumbers), [1]);
    const tried = await Promise.all([keep(noonMs), keep(noonMs), keep(noonMs)]);
    assert.equal(tried.filter((changed) => changed).length, 1);
    assert.deepEqual(await database.numbers(partitionNumbers), [1, 2, 3]);
    await database.client.query(
      "SELECT setval('event_number', last_value + 100) FROM event_number; UPDATE shard SET watermark = 9007199254740991",
    );
    for (const mishap of ["cut in the middle", "cut before commit"] as const) await lost(mishap, laterMs);
    assert.deepEqual(await database.numbers("SELECT count(*) AS n FROM event_p1"), [1]);
    await lost("cut after commit", laterMs);
    assert.deepEqual(await database.numbers("SELECT count(*) AS n FROM event"), [0]);
    // The next one, ahead of what comes then.
    await lost("cut after commit", laterMs);
    assert.equal(await keep(laterMs), false);
    assert.deepEqual(await database.numbers(partitionNumbers), [4, 2, 3, 5]);
  });
});
