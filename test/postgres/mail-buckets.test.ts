import assert from "node:assert/strict";
import { after, it } from "node:test";
import { Client } from "pg";
import { silentLog } from "../../src/log.ts";
import { sharedAddressLimit } from "../../src/mail/address-limit.ts";
import { clientConfig, patience } from "../../src/store/postgres/connection.ts";
import { countedMails } from "../../src/store/postgres/counted-mails.ts";
import { PoolReads } from "../../src/store/postgres/reads.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { noonMs } from "../conformance/store/given.ts";
import { fakeClock } from "../support/clock.ts";
import { postgresServer } from "../support/postgres.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());
const url = await server.database();
await (await openPostgresStore({ url, clock: fakeClock(noonMs), log: silentLog }))[Symbol.asyncDispose]();

/** Nodes that send, and a way to make time pass. */
async function nodes(count: number) {
  const opened = new AsyncDisposableStack();
  const limits = Array.from({ length: count }, () => {
    const reads = new PoolReads({ url, log: silentLog, patience });
    opened.defer(() => reads.close());
    return sharedAddressLimit(countedMails(reads), { burst: 5, perHour: 60 });
  });
  const client = new Client(clientConfig(url));
  await client.connect();
  opened.defer(() => client.end());
  return {
    limits,
    client,
    /** As if that had begun earlier. */
    pass: (ms: number) =>
      client.query(`UPDATE mail_bucket SET at_ms = at_ms - ${ms}, promised_ms = promised_ms - ${ms}`),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

const minuteMs = 60_000;

it("nodes that send at once let no more through than one would", async () => {
  await using at = await nodes(3);
  const waits = await Promise.all(
    Array.from({ length: 30 }, async (_, index) => at.limits[index % 3]?.take(`ada+${index}@example.com`)),
  );
  assert.equal(waits.filter((waitMs) => waitMs === 0).length, 5);
  const promised = waits
    .filter((waitMs) => waitMs !== undefined && waitMs > 0)
    .map(Number)
    .toSorted((a, b) => a - b);
  assert.equal(promised.length, 25);
  for (const [index, waitMs] of promised.entries()) {
    const nth = (index + 1) * minuteMs;
    assert.ok(waitMs <= nth && waitMs > nth - minuteMs, `${index}: ${waitMs} ms`);
  }
  assert.equal(await at.limits[0]?.take("bob@example.com"), 0);
});

it("who waited gets through at its time, and nothing is put off for longer than an hour", async () => {
  await using at = await nodes(2);
  const [one, other] = at.limits;
  for (let count = 0; count < 5; count += 1) assert.equal(await one?.take("eve@example.com"), 0);
  const waits: number[] = [];
  for (let count = 0; count < 70; count += 1) waits.push(Number(await other?.take("eve@example.com")));
  assert.equal(Math.max(...waits), 60 * minuteMs);
  await at.pass(Number(waits[0]));
  assert.equal(await other?.take("eve@example.com"), 0);
  assert.notEqual(await one?.take("eve@example.com"), 0);
});

it("gives back what was not sent, and forgets who has been quiet", async () => {
  await using at = await nodes(1);
  const [limit] = at.limits;
  for (let count = 0; count < 5; count += 1) await limit?.take("kim@example.com");
  await limit?.giveBack("Kim@example.com");
  assert.equal(await limit?.take("kim@example.com"), 0);
  assert.notEqual(await limit?.take("kim@example.com"), 0);
  await limit?.giveBack("stranger@example.com");
  await at.pass(10 * minuteMs);
  for (let count = 0; count < 5; count += 1) await limit?.take("lee@example.com");
  const { rows } = await at.client.query("SELECT mailbox FROM mail_bucket");
  assert.deepEqual(
    rows.map((row: { mailbox?: string }) => row.mailbox),
    ["lee@example.com"],
  );
});
