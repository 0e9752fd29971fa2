/** The host program of `examples/orders`, as a process of its own, and killed at the steps where something could be lost. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { hooked } from "../support/functions-api.ts";
import { bodyOf, httpListener } from "../support/listeners.ts";
import { blocksOf, read } from "../support/markdown.ts";
import { processEnv } from "../support/process-env.ts";
import { until } from "../support/until.ts";

const main = new URL("../../examples/orders/main.ts", import.meta.url).pathname;
const dies = new URL("./orders-die.fixture.ts", import.meta.url).pathname;
const token = "operator-token-of-a-test";

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A folder, and a receiver that is told by functions what they heard. */
async function scene() {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-orders-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const heard: Told[] = [];
  const listener = made.use(
    await httpListener((request, response) => {
      void bodyOf(request).then((body) => {
        heard.push(JSON.parse(body) as Told);
        response.end();
      });
    }),
  );
  const owned = made.move();
  const egress = `127.0.0.1:${listener.port}`;
  return { folder, heard, egress, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

interface Told {
  readonly event_type: string;
  readonly operation_id: string;
  readonly origin: string;
  readonly user: unknown;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Starts a program that serves orders. */
async function running(program: readonly string[], folder: string) {
  const child = spawn(process.execPath, program, {
    env: {
      ...processEnv,
      ORDERS_DATA: folder,
      ORDERS_PORT: "0",
      SIGNALBOX_PORT: "0",
      SIGNALBOX_S3_PORT: "0",
      SIGNALBOX_ADMIN_TOKEN: token,
      SIGNALBOX_EGRESS_ALLOW: "127.0.0.1",
      SIGNALBOX_LOG_LEVEL: "warn",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const [, orders = "", signalbox = ""] =
    /ready orders=(\S+) signalbox=(\S+)/.exec(String((await lines.next()).value)) ?? [];
  const ask = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(
      new URL(path, orders),
      body === undefined ? { method } : { method, body: JSON.stringify(body) },
    );
    return { status: response.status, body: (await response.json()) as Answer["body"] };
  };
  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(new URL(path, signalbox), {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { readonly success: boolean; readonly message: string; readonly data: T };
    if (!answer.success) throw new Error(`${method} ${path}: ${answer.message}`);
    return answer.data;
  };
  return {
    ask,
    api,
    orders: new URL("/", orders).href,
    signalbox,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

const order = { customer: "ada", item: "pen", quantity: 2, price_cents: 150, card_number: "4111 1111" };

/** A function that tells all that it is told. */
async function tells(at: Awaited<ReturnType<typeof running>>, event: string, egress: string): Promise<void> {
  const code = `export default async (event) => { await fetch("http://${egress}/", { method: "POST", body: JSON.stringify(event) }); };`;
  await hooked(at, event, code, { name: `Tell of ${event}`, settings: { egress: [egress] } });
}

describe("examples/orders", () => {
  it("hooks refuse and enrich orders, functions are told of them, and no function sees a card", async () => {
    await using at = await scene();
    await using service = await running([main], at.folder);
    const credit = `export default ({ params }) => params.customer === "mallory"
      ? { decision: "deny", message: "has not paid", fields: [{ path: "customer", message: "is in debt" }] } : true;`;
    await hooked(service, "PRE_ORDER_CREATE", credit, { name: "Credit check" });
    const rebate =
      "export default ({ params }) => ({ decision: 'allow', patch: params.quantity >= 10 ? { discount: 10 } : {} });";
    await hooked(service, "PRE_ORDER_CREATE", rebate, { name: "Rebate" });
    for (const event of ["PRE_ORDER_CREATE", "POST_ORDER_CREATE", "POST_ORDER_CANCEL"])
      await tells(service, event, at.egress);

    assert.deepEqual(await service.ask("POST", "/orders", { ...order, customer: "mallory" }), {
      status: 400,
      body: {
        error: "Function 'Credit check' refused PRE_ORDER_CREATE: has not paid",
        code: "hook_denied",
        fields: [{ path: "customer", message: "is in debt" }],
      },
    });
    const made = await service.ask("POST", "/orders", { ...order, quantity: 10 });
    const total = { customer: "ada", item: "pen", quantity: 10, price_cents: 150, discount: 10, total_cents: 1350 };
    assert.deepEqual(made, { status: 201, body: { id: 1, ...total, status: "open" } });
    const misfit = await service.ask("POST", "/orders", { ...order, quantity: "many", customer: 5 });
    assert.deepEqual(
      [misfit.status, misfit.body["code"], (misfit.body["fields"] as Told[]).length],
      [400, "invalid_request", 2],
    );
    assert.deepEqual((await service.ask("DELETE", "/orders/1")).body["status"], "cancelled");
    assert.equal((await service.ask("DELETE", "/orders/1")).status, 404);
    assert.equal((await service.ask("GET", "/orders/1")).body["status"], "cancelled");

    const post = (type: string) => at.heard.filter(({ event_type }) => event_type === type);
    await until("both are told", () => post("POST_ORDER_CREATE").length + post("POST_ORDER_CANCEL").length === 2);
    const [created] = post("POST_ORDER_CREATE");
    assert.deepEqual(
      [created?.params, created?.user, created?.origin],
      [{ id: 1, ...total }, { username: "ada" }, "library"],
    );
    assert.deepEqual(post("POST_ORDER_CANCEL")[0]?.params, { id: 1 });
    // What the hooks decided joins what came of it.
    const before = post("PRE_ORDER_CREATE").map(({ operation_id }) => operation_id);
    assert.ok(before.includes(created?.operation_id ?? "none"));
    assert.equal(JSON.stringify(at.heard).includes("4111"), false);
  });

  it("is ordered from as its README says", async () => {
    await using at = await scene();
    await using service = await running([main], at.folder);
    const [block] = blocksOf(read("examples/orders/README.md")).filter(({ info }) => info === "sh");
    const command = block?.text.replace("http://127.0.0.1:3001/", service.orders) ?? assert.fail("there is a command");
    const { stdout } = await promisify(execFile)("bash", ["-c", command]);
    assert.deepEqual(JSON.parse(stdout), (await service.ask("GET", "/orders/1")).body);
  });

  for (const point of ["before", "after"] as const) {
    it(`killed just ${point} its own commit: an order is ${point === "before" ? "neither made nor told" : "made, and told once"}`, async () => {
      await using at = await scene();
      {
        await using service = await running([main], at.folder);
        await tells(service, "POST_ORDER_CREATE", at.egress);
      }
      {
        await using service = await running([dies, at.folder, point], at.folder);
        await assert.rejects(service.ask("POST", "/orders", { ...order, item: "the victim" }));
        assert.deepEqual(await service.ended, [null, "SIGKILL"]);
      }
      assert.equal(at.heard.length, 0);
      await using service = await running([main], at.folder);
      // What comes after it shows that nothing more was on its way.
      assert.equal((await service.ask("POST", "/orders", { ...order, item: "the last" })).status, 201);
      await until("the last is told", () => at.heard.some(({ params }) => params["item"] === "the last"));
      const made = madeBy(at.folder);
      assert.deepEqual(
        made.map(({ item }) => item),
        point === "before" ? ["the last"] : ["the victim", "the last"],
      );
      await until("all are told", () => at.heard.length >= made.length);
      const told = at.heard.map(({ params, operation_id }) => `${String(params["item"])} ${operation_id}`);
      assert.deepEqual(told.toSorted(), made.map(({ item, made_by }) => `${item} ${made_by}`).toSorted());
      const metrics = await (await fetch(new URL("/metrics", service.signalbox))).text();
      for (const state of ["open", "unresolved"]) {
        assert.match(metrics, new RegExp(`signalbox_intents\\{state="${state}"\\} 0`));
      }
    });
  }
});

/** What the program's own database says. */
function madeBy(folder: string): readonly { readonly item: string; readonly made_by: string }[] {
  using db = new DatabaseSync(join(folder, "orders.db"), { readOnly: true });
  const rows = db.prepare("SELECT item, made_by FROM orders ORDER BY id").all();
  return rows.map((row) => ({ item: String(row["item"]), made_by: String(row["made_by"]) }));
}
