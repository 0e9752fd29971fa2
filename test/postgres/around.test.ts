import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { installInbox } from "../../src/inbox/postgres/install.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { connected, loggedEvents, openShop, orderPlaced } from "../support/inboxes.ts";
import { postgresServer } from "../support/postgres.ts";
import { processEnv } from "../support/process-env.ts";
import { shared } from "../support/shared.ts";
import { until } from "../support/until.ts";

const fixture = new URL("around-dies.fixture.ts", import.meta.url).pathname;
const orders = "CREATE TABLE public.orders (id integer PRIMARY KEY, operation uuid)";

/** `order-1-900`, … */
async function placed(server: RunningServer): Promise<string[]> {
  const all = await loggedEvents((method, path) => server.api(method, path), "limit=100&event=POST_ORDER_PLACE");
  return all.map(({ resource }) => resource);
}

describe("an operation that is done around a transaction", () => {
  const postgres = shared(() => postgresServer({ settings: { max_prepared_transactions: "10" } }));

  it("is announced by its transaction, and resolves when that is durable", async () => {
    await using shop = await openShop(postgres());
    await shop.sql(orders);
    const tx = await shop.connect();
    const returned = await shop.events.around("ORDER_PLACE", { id: 1 }, async ({ id }, context) => {
      await tx.query("BEGIN");
      await tx.query("INSERT INTO public.orders VALUES ($1, $2)", [id, context.operationId]);
      await assert.rejects(context.done(tx, { id: "one" }), /params.id/, "before any statement");
      await context.done(tx, { id: 1, card: "4111" }, { resource: "order-1-900" });
      await tx.query("COMMIT");
      return "placed";
    });
    assert.equal(returned, "placed");
    const [event, ...others] = await shop.logged();
    assert.deepEqual(others, []);
    assert.equal(event?.resource, "order-1-900");
    assert.deepEqual(await shop.params(event), { id: 1 });
    assert.deepEqual(await shop.signalbox.intents(), []);
  });

  it("is told as not done when the operation returns, and had been rolled back", async () => {
    await using shop = await openShop(postgres());
    const tx = await shop.connect();
    const around = shop.events.around("ORDER_PLACE", { id: 1 }, async (_, context) => {
      await tx.query("BEGIN");
      await context.done(tx, { id: 1 });
      await tx.query("ROLLBACK");
    });
    await assert.rejects(around, { code: "conflict", message: /ORDER_PLACE was not done: .*rolled back/ });
    assert.deepEqual(await shop.logged(), []);
    assert.deepEqual(await shop.signalbox.intents(), []);
  });

  it("is announced although the operation threw, when its transaction had committed, and not when it had not", async () => {
    await using shop = await openShop(postgres());
    const tx = await shop.connect();
    const lost = new Error("the connection was lost in the COMMIT");
    const place = (end: string): Promise<void> =>
      shop.events.around("ORDER_PLACE", { id: 1 }, async (_, context) => {
        await tx.query("BEGIN");
        await context.done(tx, { id: 1 });
        await tx.query(end);
        throw lost;
      });
    await assert.rejects(place("COMMIT"), lost);
    await until("it is announced", async () => (await shop.logged()).length === 1);
    await assert.rejects(place("ROLLBACK"), lost);
    await until("both have ended", async () => (await shop.signalbox.intents()).length === 0);
    assert.equal((await shop.logged()).length, 1);
  });

  it("counts the transaction that was tried last", async () => {
    await using shop = await openShop(postgres());
    const tx = await shop.connect();
    await shop.events.around("ORDER_PLACE", { id: 1 }, async (_, context) => {
      for (const end of ["ROLLBACK", "COMMIT"]) {
        await tx.query("BEGIN");
        await context.begin(tx);
        await context.done(tx, { id: 1 });
        await tx.query(end);
      }
    });
    assert.equal((await shop.logged()).length, 1);
  });

  it("may be within a transaction that commits later", async () => {
    await using shop = await openShop(postgres());
    const tx = await shop.connect();
    await tx.query("BEGIN");
    await shop.events.around("ORDER_PLACE", { id: 1 }, (_, context) => context.done(tx, { id: 1 }));
    assert.equal((await shop.signalbox.intents()).length, 1);
    await tx.query("COMMIT");
    await until("it is announced", async () => (await shop.signalbox.intents()).length === 0);
    assert.equal((await shop.logged()).length, 1);
  });

  it("needs an inbox", async () => {
    await using server = await runServer({}, { events: [orderPlaced] });
    const { EventService } = await import("../../src/index.ts");
    const events = new EventService({ signalbox: server.signalbox });
    const tx = { query: () => assert.fail("no statement is run") };
    await assert.rejects(
      events.around("ORDER_PLACE", { id: 1 }, (_, context) => context.done(tx, { id: 1 })),
      { code: "unavailable", message: /SIGNALBOX_INBOX/ },
    );
  });

  for (const [point, isDone] of [
    ["begun", false],
    ["noted", false],
    ["written", false],
    ["committed", true],
    ["returned", true],
    ["prepared", true],
    ["prepared", false],
  ] as const) {
    it(`killed when it was ${point}: the next start knows that it was ${isDone ? "" : "not "}done`, async () => {
      await using made = new AsyncDisposableStack();
      const url = await postgres().database();
      await installInbox({ url, grants: [] });
      const folder = await mkdtemp(join(tmpdir(), "signalbox-around-"));
      made.defer(() => rm(folder, { recursive: true, force: true }));
      const host = await connected(url);
      made.defer(() => host.end());
      await host.query(orders);
      const settings = {
        SIGNALBOX_DATA: folder,
        SIGNALBOX_INBOX: url,
        SIGNALBOX_ADMIN_TOKEN: "operator-token-of-a-test",
      };
      const ports = { SIGNALBOX_PORT: "0", SIGNALBOX_S3_PORT: "0", SIGNALBOX_LOG_LEVEL: "error" };
      const env = { ...processEnv, ...settings, ...ports };
      const child = spawn(process.execPath, [fixture, point, url], { env, stdio: ["ignore", "ignore", "inherit"] });
      const [, signal] = (await once(child, "exit")) as [number | null, string | null];
      assert.equal(signal, "SIGKILL");

      const server = made.use(await runServer(settings, { events: [orderPlaced] }));
      if (point === "prepared") {
        const [open] = await server.signalbox.intents();
        assert.equal(open?.unresolved, undefined, "time tells");
        assert.deepEqual(await placed(server), []);
        await host.query(isDone ? "COMMIT PREPARED 'placed'" : "ROLLBACK PREPARED 'placed'");
      }
      await until("it has ended", async () => (await server.signalbox.intents()).length === 0);
      assert.deepEqual(await placed(server), isDone ? ["order-1-900"] : []);
      assert.equal((await host.query("SELECT FROM public.orders")).rows.length, isDone ? 1 : 0);
      assert.deepEqual((await host.query("SELECT FROM signalbox.inbox")).rows, []);
    });
  }
});
