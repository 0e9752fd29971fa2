import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { postgresInbox } from "../../src/inbox/postgres/inbox.ts";
import { Event, SignalboxError } from "../../src/index.ts";
import { openShop, type Shop } from "../support/inboxes.ts";
import { type PostgresServer, postgresServer } from "../support/postgres.ts";
import { until } from "../support/until.ts";

const placed = (id: number, more: object = {}): Event =>
  new Event({ event_type: "POST_ORDER_PLACE", params: { id, ...more } });

describe("an event in the host's own transaction", () => {
  let postgres: PostgresServer;
  let shop: Shop;
  before(async () => {
    postgres = await postgresServer();
    shop = await openShop(postgres);
    await shop.sql("CREATE TABLE orders (id integer PRIMARY KEY, note text)");
  });
  after(async () => {
    await shop[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  it("is published once the transaction has committed, as publishEvent would", async () => {
    const tx = await shop.connect();
    await tx.query("BEGIN");
    await tx.query("INSERT INTO orders VALUES (1, 'a pen')");
    const pending = await shop.events.publishIn(tx, placed(1, { card: "4111", note: "nul \u0000, half \ud800" }), {
      user: { username: "ada", plan: "pro" },
      resource: "order-1-900",
    });
    const [row] = (await tx.query("SELECT params::text, actor::text FROM signalbox.inbox")).rows;
    assert.doesNotMatch(row.params, /4111/, "what is sensitive is not written at all");
    await tx.query("COMMIT");
    await pending.sent();
    const [event, ...others] = await shop.logged();
    assert.deepEqual(others, []);
    assert.equal(event?.id, pending.eventId);
    assert.equal(event.resource, "order-1-900");
    assert.equal(event.actor, "ada");
    assert.deepEqual(await shop.params(event), { id: 1, note: "nul \u0000, half \ud800" });
    assert.deepEqual(await shop.sql("SELECT * FROM signalbox.inbox"), []);
  });

  it("is none when the transaction is rolled back, and sent() says so", async () => {
    const before = await shop.logged();
    const tx = await shop.connect();
    await tx.query("BEGIN");
    const pending = await shop.events.publishIn(tx, placed(2));
    await assert.rejects(pending.sent({ timeoutMs: 0 }), { code: "timeout" });
    await tx.query("ROLLBACK");
    await assert.rejects(pending.sent(), { code: "conflict", message: /rolled back/ });
    await tx.query("BEGIN; SAVEPOINT a");
    const lost = await shop.events.publishIn(tx, placed(2));
    await tx.query("ROLLBACK TO a; COMMIT");
    await assert.rejects(lost.sent(), { code: "not_found", message: /savepoint/ });
    assert.deepEqual(await shop.logged(), before);
  });

  it("is looked for at once where the host notifies", async () => {
    await using inbox = postgresInbox(shop.url);
    let hints = 0;
    inbox.listen(() => {
      hints += 1;
    });
    await inbox.figures();
    await shop.sql("NOTIFY signalbox_inbox");
    await until("a hint", () => hints > 0);
  });

  it("is refused before any statement when it does not fit, so that the transaction can go on", async () => {
    const tx = await shop.connect();
    await tx.query("BEGIN");
    const refusedAs = async (code: string, event: Event, options = {}): Promise<void> => {
      await assert.rejects(shop.events.publishIn(tx, event, options), (thrown: unknown) => {
        assert.ok(thrown instanceof SignalboxError);
        assert.equal(thrown.code, code);
        return true;
      });
    };
    await refusedAs("invalid_request", new Event({ event_type: "POST_ORDER_PLACE", params: { id: "one" } }));
    await refusedAs("invalid_request", new Event({ event_type: "POST_ORDER_LACE", params: { id: 1 } }));
    await refusedAs("invalid_request", new Event({ event_type: "PRE_USER_CREATE", params: {} }));
    await refusedAs("invalid_request", placed(3), { resource: "no uuid" });
    await refusedAs("not_found", placed(3), { app: "none" });
    await assert.rejects(shop.events.publishIn({} as never, placed(3)), /query\(text, values\)/);
    await tx.query("INSERT INTO orders VALUES (3, 'still open')");
    await tx.query("COMMIT");
  });
});
