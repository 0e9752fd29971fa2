import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { connected, openShop } from "../support/inboxes.ts";
import { postgresServer } from "../support/postgres.ts";
import { shared } from "../support/shared.ts";
import { until } from "../support/until.ts";

interface Inbox {
  readonly inbox?: { readonly state: string; readonly problem?: string; readonly name: string };
  readonly events: readonly { readonly id: string; readonly reason: string; readonly event_type: string }[];
}

describe("the relay of the inbox", () => {
  const postgres = shared(() => postgresServer());

  it("publishes what a trigger writes, under the host's own order of one resource", async () => {
    await using shop = await openShop(postgres());
    await shop.sql(`
      CREATE TABLE orders (id integer PRIMARY KEY, version integer NOT NULL DEFAULT 1);
      CREATE FUNCTION order_changed() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM signalbox.publish('POST_ORDER_PLACE', jsonb_build_object('id', NEW.version, 'note', 'order ' || NEW.id),
          actor => 'ada', resource => 'order-' || NEW.id || '-900');
        RETURN NULL;
      END $$;
      CREATE TRIGGER order_changed AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION order_changed();
      INSERT INTO orders SELECT generate_series(1, 20);`);
    // Four writers change the same orders, each in long transactions: the one that changes an order second waits for the first.
    await Promise.all(
      [0, 1, 2, 3].map(async () => {
        const client = await shop.connect();
        for (let round = 0; round < 10; round++) {
          await client.query("BEGIN");
          for (let id = 1; id <= 20; id++) {
            await client.query("UPDATE orders SET version = version + 1 WHERE id = $1", [id]);
          }
          await client.query(round % 5 === 4 ? "ROLLBACK" : "COMMIT");
        }
      }),
    );
    await shop.drained();
    const logged = await shop.logged();
    assert.equal(logged.length, 20 + 4 * 8 * 20);
    assert.equal(logged[0]?.actor, "ada");
    const versions = await Promise.all(
      logged.filter(({ resource }) => resource === "order-7-900").map((event) => shop.params(event)),
    );
    assert.deepEqual(
      versions,
      Array.from({ length: 33 }, (_, index) => ({ id: index + 1, note: "order 7" })),
    );
  });

  it("loses nothing of a transaction that commits after others with greater ids", async () => {
    await using shop = await openShop(postgres());
    const slow = await shop.connect();
    await slow.query("BEGIN");
    await slow.query(`SELECT signalbox.publish('POST_ORDER_PLACE', '{"id": 1}')`);
    for (let id = 2; id <= 12; id++) {
      await shop.sql("SELECT signalbox.publish('POST_ORDER_PLACE', jsonb_build_object('id', $1::int))", [id]);
    }
    await shop.drained();
    assert.equal((await shop.logged()).length, 11);
    await slow.query("COMMIT");
    await shop.drained();
    const logged = await shop.logged();
    assert.equal(logged.length, 12);
    assert.deepEqual(await shop.params(logged.at(-1)), { id: 1 });
  });

  it("sets aside what cannot be published, with the reason, and keeps no other back; it can be retried or dropped", async () => {
    await using shop = await openShop(postgres());
    const bad = [
      ["POST_ORDER_LACE", '{"id": 1}', "no event type"],
      ["PRE_USER_CREATE", '{"id": 1}', "PRE event"],
      ["POST_ORDER_PLACE", '{"id": "one"}', "params.id"],
      ["POST_ORDER_PLACE", "[1]", "must be a JSON object"],
      ["POST_ORDER_PLACE", "null", "must be a JSON object"],
      ["POST_ORDER_PLACE", '{"__proto__": {}, "id": 1}', "__proto__"],
      ["POST_ORDER_PLACE", `{"id": 1, "note": "${"x".repeat(300_000)}"}`, "262144"],
      ["POST_ORDER_PLACE", `{"id": 1, "note": ${"[".repeat(60)}${"]".repeat(60)}}`, "too deep"],
      ["not a type at all", '{"id": 1e400}', "no event type"],
    ] as const;
    for (const [type, params] of bad) {
      await shop.sql("INSERT INTO signalbox.inbox (type, params) VALUES ($1, $2::text::json)", [type, params]);
    }
    await shop.sql(
      `INSERT INTO signalbox.inbox (type, params, tenant) VALUES ('POST_ORDER_PLACE', '{"id": 1}', 'nobody')`,
    );
    await shop.sql(
      `INSERT INTO signalbox.inbox (type, params, app) VALUES ('POST_ORDER_PLACE', '{"id": 1}', 'no-app')`,
    );
    await shop.sql(`INSERT INTO signalbox.inbox (type, params, actor) VALUES ('POST_ORDER_PLACE', '{"id": 1}', '7')`);
    await shop.sql(
      `INSERT INTO signalbox.inbox (type, params, resource) VALUES ('POST_ORDER_PLACE', '{"id": 1}', 'x')`,
    );
    await shop.sql(
      `INSERT INTO signalbox.inbox (type, params, resource) VALUES ('POST_ORDER_PLACE', '{"id": 7, "note": "\\u0000"}', 'order-7-900')`,
    );
    await shop.drained();
    const reasons = [...bad.map(([, , reason]) => reason), "tenant 'nobody'", "app 'no-app'", "actor", "resource"];
    const { events, inbox } = await shop.server.api<Inbox>("GET", "/api/cloud/inbox/");
    assert.deepEqual([inbox?.state, inbox?.problem], ["relaying", undefined]);
    assert.match(inbox?.name ?? "", /^127\.0\.0\.1:\d+\/test_\d+$/);
    for (const [index, reason] of reasons.entries()) {
      assert.ok(events[index]?.reason.includes(reason), `${events[index]?.reason} has ${reason}`);
    }
    assert.equal(events.length, reasons.length);
    assert.deepEqual(
      (await shop.logged()).map(({ resource }) => resource),
      ["order-7-900"],
    );

    const [lace, pre] = events;
    await shop.sql("UPDATE signalbox.inbox SET type = 'POST_ORDER_PLACE' WHERE event = $1", [lace?.id]);
    await shop.server.api("POST", `/api/cloud/inbox/${lace?.id}/retry/`);
    await shop.server.api("DELETE", `/api/cloud/inbox/${pre?.id}/`);
    await assert.rejects(shop.server.api("DELETE", `/api/cloud/inbox/${pre?.id}/`), /404/);
    await assert.rejects(shop.server.api("POST", "/api/cloud/inbox/none/retry/"), /404/);
    await shop.drained();
    assert.equal((await shop.logged()).length, 2);
    const after = await shop.server.api<Inbox>("GET", "/api/cloud/inbox/?limit=2");
    assert.equal(after.events[0]?.id, events[2]?.id);
    const metrics = await (await fetch(`${shop.server.url}/metrics`)).text();
    assert.match(metrics, /signalbox_inbox_relaying 1\n/);
    assert.match(metrics, /signalbox_inbox_events_total 2\n/);
  });

  it("refuses in the host's own statement what is far too large, or no type", async () => {
    await using shop = await openShop(postgres());
    const huge = JSON.stringify({ id: 1, note: "x".repeat(600_000) });
    await assert.rejects(
      shop.sql("INSERT INTO signalbox.inbox (type, params) VALUES ('POST_ORDER_PLACE', $1::text::json)", [huge]),
      /inbox_params_too_large/,
    );
    const publish = "SELECT signalbox.publish($1, $2::text::jsonb)";
    await assert.rejects(shop.sql(publish, ["POST_ORDER_PLACE", huge]), /may have 262144 bytes/);
    await assert.rejects(shop.sql(publish, ["post_order_place", "{}"]), /type must be/);
    await assert.rejects(shop.sql(publish, ["POST_ORDER_PLACE", "[]"]), /params must be a JSON object/);
    await assert.rejects(shop.sql(publish, ["POST_ORDER_PLACE", null]), /params must be a JSON object/);
  });

  it("publishes a row once, however often it is there", async () => {
    await using shop = await openShop(postgres());
    const event = "01a21f2d-9975-742c-9a9d-edcd78bb61e5";
    const insert = `INSERT INTO signalbox.inbox (event, type, params) VALUES ($1, 'POST_ORDER_PLACE', '{"id": 1}')`;
    await shop.sql(`${insert}, ($1, 'POST_ORDER_PLACE', '{"id": 1}')`, [event]);
    await shop.drained();
    // As a server leaves it that dies between its commit and the deletion.
    await shop.sql(insert, [event]);
    await shop.drained();
    assert.deepEqual(
      (await shop.logged()).map(({ id }) => id),
      [event],
    );
  });

  it("takes turns: a tenant over its rate keeps no other back, and comes in order", async () => {
    await using shop = await openShop(postgres());
    await shop.server.api("POST", "/api/cloud/tenants/", { id: "busy" });
    await shop.server.api("PATCH", "/api/cloud/tenants/busy/", { quotas: { events_per_second: 100 } });
    await shop.sql(`INSERT INTO signalbox.inbox (type, params, tenant)
      SELECT 'POST_ORDER_PLACE', json_build_object('id', n), 'busy' FROM generate_series(1, 700) n`);
    await shop.sql("SELECT signalbox.publish('POST_ORDER_PLACE', '{\"id\": 1}', tenant => 'default')");
    await until("the other tenant's event", async () => (await shop.logged()).length === 1);
    const [{ left } = { left: 0 }] = await shop.sql<{ left: number }>(
      "SELECT count(*)::int AS left FROM signalbox.inbox",
    );
    assert.ok(left > 0, "the busy one still waits");
    await shop.server.api("PATCH", "/api/cloud/tenants/busy/", { quotas: { events_per_second: 100_000 } });
    await shop.drained();
  });

  it("moves more than goes into a batch, in order, while its connection is ended again and again", async () => {
    await using shop = await openShop(postgres());
    const rows = 450;
    const large = "x".repeat(100_000);
    let ended = 0;
    await shop.sql(
      `INSERT INTO signalbox.inbox (type, params, resource) SELECT 'POST_ORDER_PLACE',
         json_build_object('id', n, 'note', CASE WHEN n % 10 = 0 THEN $1 ELSE '' END), 'order-' || n || '-900' FROM generate_series(1, $2::int) n`,
      [large, rows],
    );
    await until("all are moved", async () => {
      if (ended < 4) {
        const [row] = await shop.sql<{ ended: number }>(`SELECT count(pg_terminate_backend(pid))::int AS ended
          FROM pg_stat_activity WHERE application_name LIKE 'signalbox%' AND datname = current_database()`);
        ended += row?.ended ?? 0;
      }
      const [row] = await shop.sql<{ left: number }>("SELECT count(*)::int AS left FROM signalbox.inbox");
      return row?.left === 0;
    });
    assert.ok(ended > 0);
    assert.deepEqual(
      (await shop.logged()).map(({ resource }) => resource),
      Array.from({ length: rows }, (_, index) => `order-${index + 1}-900`),
    );
  });

  it("waits while the database is gone, says so, and goes on", async () => {
    await using own = await postgresServer();
    await using shop = await openShop(own);
    await shop.sql("SELECT signalbox.publish('POST_ORDER_PLACE', '{\"id\": 1}')");
    await shop.drained();
    await own.kill();
    const health = async (): Promise<unknown> => (await fetch(`${shop.server.url}/healthz`)).json();
    await until("it is noticed", async () => JSON.stringify(await health()).includes('"inbox":"failing"'));
    assert.deepEqual(await health(), { success: true, message: "Ready", data: { status: "ok", inbox: "failing" } });
    assert.match(await (await fetch(`${shop.server.url}/metrics`)).text(), /signalbox_inbox_relaying 0\n/);
    await assert.rejects(shop.server.api("GET", "/api/cloud/inbox/"), /503.*cannot be reached/);
    await own.start();
    const client = await connected(shop.url);
    await client.query("SELECT signalbox.publish('POST_ORDER_PLACE', '{\"id\": 2}')");
    await client.end();
    await until("the next event", async () => (await shop.logged()).length === 2);
  });
});
