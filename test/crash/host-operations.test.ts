/**
 * Kills the server, and a platform, around operations that the platform began over the host interface: nothing that was done goes
 * unannounced, and nothing is announced twice.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { askHost, type HostAnswer } from "../support/host-listener.ts";
import { bodyOf, httpListener } from "../support/listeners.ts";
import { adminToken, type ServerProcess, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";

const operations = "/host/v1/operations/";
const proposed = { event: "USER_CREATE", params: { username: "ada", email: "ada@example.com" }, intent: true };
const done = { params: { user_id: 7, username: "ada", email: "ada@example.com" } };

interface Running {
  readonly server: ServerProcess;
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<HostAnswer>;
}

/** A folder, and a platform: functions tell it what they receive (`/pre`, `/post`), and it is the resolver (`/resolve`). */
async function scene(answers: (path: string) => unknown = () => ({})) {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-crash-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const told: { readonly path: string; readonly body: string }[] = [];
  const cut: string[] = [];
  const listener = made.use(
    await httpListener((request, response) => {
      const [path = ""] = (request.url ?? "").split("?");
      response.once("close", () => {
        if (!response.writableFinished) cut.push(path);
      });
      void bodyOf(request).then(async (body) => {
        told.push({ path, body });
        const answer = await answers(path);
        response.end(JSON.stringify(answer));
      });
    }),
  );
  const at = `127.0.0.1:${listener.port}`;
  let token = "";
  const owned = made.move();
  return {
    at,
    /** Paths of requests that were given up before they were answered. */
    cut,
    /** Bodies of what came to a path. */
    told: (path: string): string[] => told.filter((one) => one.path === path).map(({ body }) => body),
    start: async (): Promise<Running & AsyncDisposable> => {
      const server = await serverProcess({ folder, env: { SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" } });
      if (token === "") {
        const asked = { principal: "platform", role: "host", all_tenants: true };
        ({ token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", asked));
      }
      return {
        server,
        ask: (method, path, body, headers = {}) => askHost(server.hostUrl, { method, path, token, body, headers }),
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Subscribes a function to an event of users. */
async function subscribed(server: ServerProcess, event: string, { code, egress }: { code: string; egress: string }) {
  await server.api("POST", "/api/apps/", { name: "People", slug: "people" }).catch(() => undefined);
  const slug = event.toLowerCase().replaceAll("_", "-");
  const body = { name: slug, slug, code, egress: [egress] };
  const { id } = await server.api<{ readonly id: number }>("POST", "/api/apps/people/functions/", body);
  const retries = event.startsWith("POST_") ? { backoff: { schedule_ms: [0, 100, 1_000] } } : {};
  await server.api("POST", `/api/cloud/events/${event}/subscribe/`, { function_id: id, ...retries });
}

const tells = (at: string, path: string): string =>
  `export default async (event) => { await (await fetch("http://${at}${path}", { method: "POST", body: event.operation_id })).text(); };`;

function dataOf({ status, json, text }: HostAnswer): Readonly<Record<string, unknown>> {
  assert.equal(status, 200, text);
  return json["data"] as Readonly<Record<string, unknown>>;
}

/** How many POST events there are of an operation: each is one row of the log, however often it is delivered. */
async function announced(server: ServerProcess, operation: string): Promise<number> {
  const { events } = await server.api<{ readonly events: readonly unknown[] }>(
    "GET",
    "/api/cloud/event-log/?event=POST_USER_CREATE",
  );
  return events.filter((event) => JSON.stringify(event).includes(operation)).length;
}

describe("operations of a platform", () => {
  it("the server is killed between `operations` and `commit`: the operation is still open, and its commit is told once", async () => {
    await using at = await scene();
    let id = "";
    {
      await using running = await at.start();
      await subscribed(running.server, "PRE_USER_CREATE", { code: tells(at.at, "/pre"), egress: at.at });
      await subscribed(running.server, "POST_USER_CREATE", { code: tells(at.at, "/post"), egress: at.at });
      const key = { "idempotency-key": "sign-up-1" };
      id = String(dataOf(await running.ask("POST", operations, proposed, key))["operation_id"]);
      await running.server.kill();
    }
    await using running = await at.start();
    const again = await running.ask("POST", operations, proposed, { "idempotency-key": "sign-up-1" });
    assert.equal(dataOf(again)["operation_id"], id);
    assert.deepEqual(at.told("/pre"), [id], "no hook is asked again");
    assert.equal(dataOf(await running.ask("GET", `${operations}${id}/`))["state"], "open");
    assert.deepEqual(at.told("/post"), []);
    const committed = dataOf(await running.ask("POST", `${operations}${id}/commit/`, done));
    assert.equal(committed["total_subscribers"], 1);
    assert.deepEqual(dataOf(await running.ask("POST", `${operations}${id}/commit/`, done)), committed);
    await until("the function is told", () => at.told("/post").length > 0);
    assert.deepEqual([...new Set(at.told("/post"))], [id]);
    assert.equal(await announced(running.server, id), 1);
  });

  it("the server is killed between `commit` and its answer: the same report is answered, and there is one event", async () => {
    let victim: ServerProcess | undefined;
    await using at = await scene(async (path) => {
      if (path === "/post" && victim !== undefined) {
        const server = victim;
        victim = undefined;
        await server.kill();
      }
      return {};
    });
    let id = "";
    {
      await using running = await at.start();
      await subscribed(running.server, "POST_USER_CREATE", { code: tells(at.at, "/post"), egress: at.at });
      id = String(dataOf(await running.ask("POST", operations, proposed))["operation_id"]);
      victim = running.server;
      // The function runs as soon as the commit is durable, and whether the answer came first does not matter.
      await running.ask("POST", `${operations}${id}/commit/`, done).catch(() => undefined);
      await running.server.ended;
    }
    await using running = await at.start();
    const committed = dataOf(await running.ask("POST", `${operations}${id}/commit/`, done));
    assert.deepEqual([committed["event"], committed["total_subscribers"]], ["POST_USER_CREATE", 1]);
    assert.equal((await running.ask("POST", `${operations}${id}/abort/`, {})).status, 409);
    await until("the function that was cut off is run again", () => at.told("/post").length > 1);
    assert.deepEqual([...new Set(at.told("/post"))], [id]);
    assert.equal(await announced(running.server, id), 1);
  });

  it("the platform is gone after its own commit: the resolver tells of it, also after the server was killed, and that is told once", async () => {
    let knows = false;
    await using at = await scene(() => (knows ? { outcome: "committed", ...done } : { outcome: "unknown" }));
    let id = "";
    {
      await using running = await at.start();
      dataOf(await running.ask("PUT", "/host/v1/resolve", { url: `http://${at.at}/resolve` }));
      const body = { ...proposed, report_within_ms: 1_000 };
      id = String(dataOf(await running.ask("POST", operations, body))["operation_id"]);
      await until("it is asked about when it is due", () => at.told("/resolve").length > 0);
      await running.server.kill();
    }
    knows = true;
    await using running = await at.start();
    const state = async (): Promise<unknown> => dataOf(await running.ask("GET", `${operations}${id}/`))["state"];
    await until("the resolver has told", async () => (await state()) === "committed");
    // The platform comes back, and reports what it remembers.
    assert.equal(dataOf(await running.ask("POST", `${operations}${id}/commit/`, done))["event"], "POST_USER_CREATE");
    assert.equal(await announced(running.server, id), 1);
    const metrics = await (await fetch(`${running.server.url}/metrics`)).text();
    for (const left of ["open", "unresolved"]) {
      assert.match(metrics, new RegExp(`signalbox_intents\\{state="${left}"\\} 0`));
    }
  });

  it("the server is killed between the commit of many events and its answer: the same request is answered, and each is there once", async () => {
    let victim: ServerProcess | undefined;
    await using at = await scene(async () => {
      const server = victim;
      victim = undefined;
      await server?.kill();
      return {};
    });
    const events = Array.from({ length: 300 }, (_, index) => ({
      event_type: "POST_USER_CREATE",
      params: { user_id: index, username: `u${index}`, email: `u${index}@example.com` },
    }));
    const publish = (running: Running) =>
      running.ask("POST", "/host/v1/events/", { events }, { "idempotency-key": "night-7" });
    {
      await using running = await at.start();
      await subscribed(running.server, "POST_USER_CREATE", { code: tells(at.at, "/post"), egress: at.at });
      await running.ask("POST", "/host/v1/events/", { events: events.slice(0, 1) });
      await until("its process is there", () => at.told("/post").length > 0);
      victim = running.server;
      // The next function mostly runs before the runs of all of them are written down, which the answer tells of.
      await publish(running).catch(() => undefined);
      await running.server.ended;
    }
    await using running = await at.start();
    const answer = await publish(running);
    assert.equal(answer.headers["idempotency-replayed"], "true");
    const { results } = dataOf(answer) as {
      readonly results: readonly { readonly task_ids: readonly { task_id: string }[] }[];
    };
    const tasks = results.map(({ task_ids }) => task_ids.map(({ task_id }) => task_id));
    assert.ok(tasks.every(({ length }) => length === 1));
    assert.equal(new Set(tasks.flat()).size, 300);
    assert.deepEqual(dataOf(await publish(running)), dataOf(answer));
    const log = "/api/cloud/event-log/?event=POST_USER_CREATE&limit=100";
    type Page = { readonly events: readonly unknown[]; readonly next_cursor?: string };
    let count = 0;
    for (let cursor: string | undefined = ""; cursor !== undefined; ) {
      const page: Page = await running.server.api<Page>("GET", `${log}${cursor === "" ? "" : `&cursor=${cursor}`}`);
      count += page.events.length;
      cursor = page.next_cursor;
    }
    assert.equal(count, 301);
    await running.server.kill();
  });

  it("are refused with the documented answer, and enriched, by hooks", async () => {
    await using at = await scene();
    await using running = await at.start();
    const { server } = running;
    const code = `export default ({ params }) => params.username === "mallory"
      ? { decision: "deny", message: "has not paid", fields: [{ path: "username", message: "is in debt" }] }
      : { decision: "allow", patch: { attributes: { plan: "free" } } };`;
    await subscribed(server, "PRE_USER_CREATE", { code, egress: at.at });
    const enriched = dataOf(await running.ask("POST", operations, proposed));
    assert.deepEqual((enriched["params"] as Record<string, unknown>)["attributes"], { plan: "free" });
    const mallory = { username: "mallory", email: "m@example.com" };
    const refused = await running.ask("POST", operations, { ...proposed, params: mallory });
    const created = await fetch(`${server.url}/api/cloud/users/`, {
      method: "POST",
      headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
      body: JSON.stringify(mallory),
    });
    // Word for word as the creation of a user is refused, but for which run it was.
    const told = (text: string): string => text.replaceAll(/"invocation_id":\d+/g, "");
    assert.deepEqual([refused.status, told(refused.text)], [created.status, told(await created.text())]);
    assert.match(refused.text, /Function 'pre-user-create' refused PRE_USER_CREATE: has not paid/);
  });

  it("are given up when the caller goes away: hooks are cancelled, and nothing is left", async () => {
    await using at = await scene((path) => (path === "/pre" ? new Promise(() => {}) : {}));
    await using running = await at.start();
    await subscribed(running.server, "PRE_USER_CREATE", { code: tells(at.at, "/pre"), egress: at.at });
    const { token } = await running.server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
      principal: "leaves",
      role: "host",
      all_tenants: true,
    });
    const gone = new AbortController();
    const asking = fetch(new URL(operations, running.server.hostUrl), {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(proposed),
      signal: gone.signal,
    });
    await until("the hook runs", () => at.told("/pre").length === 1);
    gone.abort();
    await assert.rejects(asking);
    await until("the hook is cut off", () => at.cut.includes("/pre"));
    assert.deepEqual(dataOf(await running.ask("GET", operations))["operations"], []);
  });
});
