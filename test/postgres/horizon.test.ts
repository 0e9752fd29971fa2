import assert from "node:assert/strict";
import { after, it } from "node:test";
import { Client } from "pg";
import { silentLog } from "../../src/log.ts";
import { clientConfig, patience, queryRows } from "../../src/store/postgres/connection.ts";
import { postgresQuery } from "../../src/store/postgres/dialect.ts";
import { FollowHorizon } from "../../src/store/postgres/horizon.ts";
import { drawnNumbers, dropOldNumbers } from "../../src/store/postgres/news.ts";
import { PoolReads } from "../../src/store/postgres/reads.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { news } from "../../src/store/sql/news.ts";
import type { Reads } from "../../src/store/sql/step.ts";
import { noonMs } from "../conformance/store/given.ts";
import { fakeClock } from "../support/clock.ts";
import { postgresServer } from "../support/postgres.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());
const template = "template_of_horizons";
await server.run(`CREATE DATABASE ${template}`);
await (await openPostgresStore({ url: server.url(template), clock: fakeClock(noonMs), log: silentLog }))[
  Symbol.asyncDispose
]();

const acme = { tenants: new Set(["acme"]), max: 1_000 };

/** A database, with a connection for each of so many nodes. */
async function scene(nodes: number) {
  const url = await server.database(template);
  const connected = new AsyncDisposableStack();
  const reads = new PoolReads({ url, log: silentLog, patience });
  connected.defer(() => reads.close());
  const connection = async (name: string): Promise<Client> => {
    const client = new Client({ ...clientConfig(url), application_name: name });
    await client.connect();
    connected.defer(() => client.end());
    return client;
  };
  const clients = await Promise.all(Array.from({ length: nodes }, (_, node) => connection(`signalbox ${node}`)));
  return { reads, clients, connection, [Symbol.asyncDispose]: () => connected.disposeAsync() };
}

const mark = (node: number, number: number): string =>
  `INSERT INTO commit_mark (writer, number) VALUES ('node ${node}', ${number})`;
const add = (count = 1): string =>
  `INSERT INTO news (last, tenant, count, items) VALUES (next_news(${count}), 'acme', ${count},
    '${JSON.stringify(Array.from({ length: count }, (_, index) => [index]))}') RETURNING last`;

async function lastOf(client: Client, sql: string): Promise<number> {
  return Number((await client.query(sql)).rows[0]?.["last"]);
}

it("nothing is read behind what a transaction may still bring, and all of it afterwards", async () => {
  await using at = await scene(2);
  const [slow, quick] = at.clients as [Client, Client];
  const followed = news(at.reads, { horizon: new FollowHorizon(at.reads), ...drawnNumbers });
  await slow.query("BEGIN");
  await slow.query(mark(0, 1));
  const lower = await lastOf(slow, add());
  const higher = await lastOf(quick, add());
  assert.ok(lower < higher);
  assert.deepEqual((await followed.newsAfter(0, acme)).items, []);
  assert.equal(await followed.newestNews(), 0);
  await slow.query("COMMIT");
  const { items, upTo, lost } = await followed.newsAfter(0, acme);
  assert.deepEqual([items.map((item) => item.at), upTo, lost], [[lower, higher], higher, 0]);
  assert.equal(await followed.newestNews(), higher);
});

it("what was given out before the slow one began is read meanwhile", async () => {
  await using at = await scene(2);
  const [slow, quick] = at.clients as [Client, Client];
  const horizon = new FollowHorizon(at.reads);
  const followed = news(at.reads, { horizon, ...drawnNumbers });
  const first = await lastOf(quick, add());
  // Whoever follows has looked since.
  await followed.newsAfter(first, acme);
  await slow.query("BEGIN");
  await slow.query(mark(0, 1));
  await lastOf(quick, add());
  assert.deepEqual(
    (await followed.newsAfter(0, acme)).items.map((item) => item.at),
    [first],
  );
  await slow.query("ROLLBACK");
});

it("a number that came to nothing is not told as lost, and keeps no one waiting", async () => {
  await using at = await scene(1);
  const [client] = at.clients as [Client];
  const followed = news(at.reads, { horizon: new FollowHorizon(at.reads), ...drawnNumbers });
  await client.query(`BEGIN; ${mark(0, 1)}; ${add(5)}; ROLLBACK`);
  const last = await lastOf(client, add());
  const { items, lost } = await followed.newsAfter(0, acme);
  assert.deepEqual([items.map((item) => item.at), lost], [[last], 0]);
});

it("transactions of others are not looked at, however long they last", async () => {
  await using at = await scene(1);
  const [client] = at.clients as [Client];
  const host = await at.connection("shop");
  await host.query("BEGIN; CREATE TABLE public.orders (id bigint)");
  const horizon = new FollowHorizon(at.reads);
  const last = await lastOf(client, add());
  assert.ok((await horizon.now()).news >= last);
  await horizon.past();
  await host.query("ROLLBACK");
});

it("one waits until every transaction has ended that wrote before", async () => {
  await using at = await scene(2);
  const [slow, quick] = at.clients as [Client, Client];
  const horizon = new FollowHorizon(at.reads);
  await slow.query("BEGIN");
  await slow.query(mark(0, 1));
  const ended: string[] = [];
  const waiting = horizon.past().then(() => ended.push("past"));
  await horizon.now();
  await quick.query("BEGIN");
  ended.push("slow");
  await slow.query("COMMIT");
  await quick.query(mark(1, 1));
  await waiting;
  assert.deepEqual(ended, ["slow", "past"], "and not for those that came later");
  await quick.query("COMMIT");
});

it("many who follow cost few looks", async () => {
  await using at = await scene(1);
  const [client] = at.clients as [Client];
  let looks = 0;
  const counting: Pick<Reads, "get"> = {
    get: (...query) => {
      looks += 1;
      return at.reads.get(...query);
    },
  };
  const horizon = new FollowHorizon(counting);
  await lastOf(client, add());
  await Promise.all(Array.from({ length: 1_000 }, () => horizon.now()));
  assert.ok(looks <= 2, `${looks} looks`);
});

it("who has much to read has no need to look", async () => {
  await using at = await scene(1);
  const [client] = at.clients as [Client];
  const asked: string[] = [];
  const horizon = new FollowHorizon({
    get: (sql, ...params) => {
      asked.push(sql);
      return at.reads.get(sql, ...params);
    },
  });
  const followed = news(at.reads, { horizon, ...drawnNumbers });
  for (let count = 0; count < 5; count += 1) await lastOf(client, add());
  await horizon.now();
  for (let from = 0, page = 0; page < 5; page += 1) from = (await followed.newsAfter(from, { ...acme, max: 1 })).upTo;
  assert.equal(asked.length, 1);
});

it("who follows while several write misses nothing, and gets everything once", async () => {
  await using at = await scene(4);
  const followed = news(at.reads, { horizon: new FollowHorizon(at.reads), ...drawnNumbers });
  const commits = 150;
  const write = async (client: Client, node: number): Promise<number[]> => {
    const made: number[] = [];
    for (let number = 1; number <= commits; number += 1) {
      await client.query(`BEGIN; ${mark(node, number)}`);
      const count = 1 + (number % 3);
      const last = await lastOf(client, add(count));
      await client.query("SELECT pg_sleep(random() * 0.008)");
      const isMade = number % 7 !== 0;
      await client.query(isMade ? "COMMIT" : "ROLLBACK");
      if (isMade) for (let index = count - 1; index >= 0; index -= 1) made.push(last - index);
    }
    return made;
  };
  const writing = Promise.all(at.clients.map(write));
  let isOver = false;
  void writing.finally(() => {
    isOver = true;
  });
  const got: number[] = [];
  for (let from = 0, wasOver = false; ; ) {
    const { items, upTo } = await followed.newsAfter(from, { ...acme, max: 7 });
    got.push(...items.map((item) => item.at));
    if (wasOver && upTo === from) break;
    wasOver = isOver;
    from = upTo;
  }
  const made = (await writing).flat().toSorted((a, b) => a - b);
  assert.equal(new Set(made).size, made.length);
  assert.deepEqual(got, made);
});

it("what is dropped is told as lost, to who was behind it", async () => {
  await using at = await scene(1);
  const [client] = at.clients as [Client];
  const followed = news(at.reads, { horizon: new FollowHorizon(at.reads), ...drawnNumbers });
  const first = await lastOf(client, add(3));
  const second = await lastOf(client, add(2));
  await client.query("SELECT setval('news_number', last_value + 499_000) FROM news_number");
  const third = await lastOf(client, add());
  await queryRows(client, postgresQuery(dropOldNumbers));
  assert.equal((await followed.newsAfter(first, acme)).lost, 0, "so many are kept");
  await client.query("SELECT setval('news_number', last_value + 996) FROM news_number");
  await lastOf(client, add());
  await queryRows(client, postgresQuery(dropOldNumbers));
  const behind = await followed.newsAfter(0, acme);
  assert.deepEqual([behind.lost, behind.items.map((item) => item.at)[0]], [first / 1_024, second - 1]);
  assert.equal((await followed.newsAfter(second, acme)).items[0]?.at, third);
  assert.equal((await followed.newsAfter(first, acme)).lost, 0);
  // The next one begins where this one ended, and leaves nothing.
  await client.query("SELECT setval('news_number', last_value + 600_000) FROM news_number");
  const fourth = await lastOf(client, add());
  await queryRows(client, postgresQuery(dropOldNumbers));
  assert.deepEqual((await client.query("SELECT last::text FROM news")).rows, [{ last: String(fourth) }]);
});
