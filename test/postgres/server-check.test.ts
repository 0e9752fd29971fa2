/** What is asked of a server of PostgreSQL before anything is written. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { SignalboxError } from "../../src/errors.ts";
import { silentLog } from "../../src/log.ts";
import { checkServer } from "../../src/store/postgres/server-check.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { fakeClock } from "../support/clock.ts";
import { postgresServer } from "../support/postgres.ts";

interface Asking {
  readonly acceptLoss?: boolean;
  readonly aheadMs?: number;
}

/** Resolves with what a start is told; empty when it is let through. */
async function told(url: string, { acceptLoss = true, aheadMs = 0 }: Asking = {}): Promise<string> {
  const warned: string[] = [];
  const log = { ...silentLog, warn: (_: object, text: string) => void warned.push(text) };
  const clock = { now: () => Date.now() + aheadMs };
  try {
    const opened = await openPostgresStore({
      url,
      clock: fakeClock(),
      log: silentLog,
      check: (client) => checkServer(client, { acceptLoss, clock, log }),
    });
    await opened[Symbol.asyncDispose]();
    return warned.join();
  } catch (error) {
    assert.ok(error instanceof SignalboxError, String(error));
    return error.message;
  }
}

it("is a standby, unless its loss is accepted, a clock that goes right, and UTF-8", async () => {
  await using server = await postgresServer();
  const url = await server.database();
  assert.equal(await told(url), "");
  assert.match(await told(url, { acceptLoss: false }), /no synchronous standby.*SIGNALBOX_STORE_ASYNC=accept-loss/);
  assert.match(await told(url, { aheadMs: 60_000 }), /60 s apart.*NTP/);
  assert.match(await told(url, { aheadMs: -2_500 }), /clocks of this machine and of PostgreSQL are apart/);
  await server.run("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  assert.match(await told(server.url("latin")), /LATIN1.*ENCODING 'UTF8'/);
});

it("is that it keeps what it says it has written", async () => {
  await using server = await postgresServer({ settings: { fsync: "off" } });
  assert.match(await told(await server.database()), /fsync is off.*set fsync = on/);
});
