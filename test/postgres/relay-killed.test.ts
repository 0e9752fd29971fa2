import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Client } from "pg";
import { installInbox } from "../../src/inbox/postgres/install.ts";
import { connected, loggedEvents } from "../support/inboxes.ts";
import { type PostgresServer, postgresServer } from "../support/postgres.ts";
import { type ServerProcess, serverProcess } from "../support/server-process.ts";
import { shared } from "../support/shared.ts";
import { until } from "../support/until.ts";

interface Scene extends AsyncDisposable {
  readonly url: string;
  readonly host: Client;
  start(): Promise<ServerProcess>;
}

async function scene(postgres: PostgresServer): Promise<Scene> {
  await using made = new AsyncDisposableStack();
  const url = await postgres.database();
  await installInbox({ url, grants: [] });
  const folder = await mkdtemp(join(tmpdir(), "signalbox-inbox-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const host = await connected(url);
  made.defer(() => host.end());
  const owned = made.move();
  return {
    url,
    host,
    start: () => serverProcess({ folder, env: { SIGNALBOX_INBOX: url } }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const publish = `SELECT signalbox.publish('POST_USER_CREATE',
  jsonb_build_object('user_id', $1::int, 'username', 'u' || $1, 'email', 'u@example.com'), resource => 'user-' || $1 || '-001')`;

async function usersOf(server: ServerProcess): Promise<string[]> {
  return (await loggedEvents((method, path) => server.api(method, path), "limit=100&event=POST_USER_CREATE")).map(
    ({ resource }) => resource,
  );
}

/** Resolves once a statement of the server waits for what the host holds. */
async function isHeldUp(host: Client, statement: string): Promise<void> {
  await until(`the server waits in ${statement}`, async () => {
    // Within a transaction it would be shown as it was at first.
    await host.query("SELECT pg_stat_clear_snapshot()");
    const { rows } = await host.query(
      "SELECT FROM pg_stat_activity WHERE application_name LIKE 'signalbox%' AND wait_event_type = 'Lock' AND query LIKE $1",
      [`%${statement}%`],
    );
    return rows.length > 0;
  });
}

/** The statement of a server that is gone would be carried out otherwise, once it waits no more. */
async function endSessions(host: Client): Promise<void> {
  await host.query(
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name LIKE 'signalbox%'",
  );
}

/** Has every such statement on the inbox wait for as long as the host holds the lock 42. */
async function holdUp(host: Client, statement: "DELETE" | "UPDATE"): Promise<void> {
  await host.query(`CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END $$`);
  await host.query(`CREATE TRIGGER wait BEFORE ${statement} ON signalbox.inbox EXECUTE FUNCTION public.wait()`);
  await host.query("SELECT pg_advisory_lock(42)");
}

async function isDone(host: Client): Promise<void> {
  await until("nothing waits", async () => {
    const { rows } = await host.query("SELECT FROM signalbox.inbox WHERE aside_at IS NULL LIMIT 1");
    return rows.length === 0;
  });
}

describe("a server that is killed while it moves events of the inbox", () => {
  const postgres = shared(() => postgresServer());

  it("as it reads them: the next one publishes them", async () => {
    await using at = await scene(postgres());
    {
      await using server = await at.start();
      await at.host.query("BEGIN");
      await at.host.query(publish, [1]);
      await at.host.query("LOCK TABLE signalbox.inbox IN ACCESS EXCLUSIVE MODE");
      await isHeldUp(at.host, "ORDER BY id LIMIT");
      await server.kill();
      await at.host.query("COMMIT");
    }
    await using again = await at.start();
    await isDone(at.host);
    assert.deepEqual(await usersOf(again), ["user-1-001"]);
  });

  it("between its commit and the deletion of the rows: the next one only deletes them", async () => {
    await using at = await scene(postgres());
    await holdUp(at.host, "DELETE");
    {
      await using server = await at.start();
      await at.host.query("BEGIN");
      await at.host.query(publish, [1]);
      await at.host.query(publish, [2]);
      await at.host.query("COMMIT");
      await isHeldUp(at.host, "DELETE FROM signalbox.inbox");
      assert.deepEqual(await usersOf(server), ["user-1-001", "user-2-001"]);
      await server.kill();
      await endSessions(at.host);
      await at.host.query("SELECT pg_advisory_unlock(42)");
    }
    assert.equal((await at.host.query("SELECT FROM signalbox.inbox")).rows.length, 2);
    await using again = await at.start();
    await at.host.query(publish, [3]);
    await isDone(at.host);
    assert.deepEqual(await usersOf(again), ["user-1-001", "user-2-001", "user-3-001"]);
    assert.match(await (await fetch(`${again.url}/metrics`)).text(), /signalbox_inbox_duplicates_total 2\n/);
  });

  it("as it sets one aside: the next one does", async () => {
    await using at = await scene(postgres());
    await holdUp(at.host, "UPDATE");
    {
      await using server = await at.start();
      await at.host.query("SELECT signalbox.publish('POST_NOBODY_KNOWS', '{}')");
      await isHeldUp(at.host, "UPDATE signalbox.inbox");
      await server.kill();
      await endSessions(at.host);
      await at.host.query("SELECT pg_advisory_unlock(42)");
    }
    await using again = await at.start();
    await at.host.query(publish, [1]);
    await isDone(at.host);
    assert.deepEqual(await usersOf(again), ["user-1-001"]);
    const { rows } = await at.host.query("SELECT reason FROM signalbox.inbox");
    assert.match(String(rows[0]?.reason), /POST_NOBODY_KNOWS/);
  });

  it("at any moment, again and again, under writers whose transactions are long or rolled back", async () => {
    await using at = await scene(postgres());
    const kills = 6;
    const committed: number[] = [];
    const stop = new AbortController();
    const write = async (writer: number): Promise<void> => {
      const client = await connected(at.url);
      for (let round = 0; !stop.signal.aborted; round++) {
        const ids = [0, 1, 2].map((nth) => writer * 1_000_000 + round * 3 + nth);
        await client.query("BEGIN");
        for (const id of ids) await client.query(publish, [id]);
        const isLost = round % 4 === 3;
        await client.query(isLost ? "ROLLBACK" : "COMMIT");
        if (!isLost) committed.push(...ids);
      }
      await client.end();
    };
    const writers = [1, 2, 3, 4].map(write);
    for (let round = 0; round < kills; round++) {
      await using server = await at.start();
      const before = await (await fetch(`${server.url}/metrics`)).text();
      assert.match(before, /signalbox_inbox_/);
      await until("it moves events", async () =>
        /inbox_events_total [1-9]/.test(await (await fetch(`${server.url}/metrics`)).text()),
      );
      await server.kill();
    }
    stop.abort();
    await Promise.all(writers);
    await using last = await at.start();
    await isDone(at.host);
    const users = await usersOf(last);
    assert.equal(new Set(users).size, users.length, "none is published twice");
    assert.deepEqual(users.toSorted(), committed.map((id) => `user-${id}-001`).toSorted());
  });
});
