/** What the document of the lifecycle face says of functions after an operation, and of who may publish, with functions that run. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Hooked, hooked, invocationsOf } from "../support/functions-api.ts";
import { serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { external } from "./external.ts";
import { asked, create, ended, type Lifecycle, lifecycle } from "./server.ts";

interface Made {
  readonly id: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const john = { username: "john_doe", email: "john@example.com" };

function succeeded(at: Lifecycle, fn: Hooked): Promise<void> {
  return until(`${fn.slug} has succeeded`, async () =>
    (await ended(at, fn, 1)).some(({ status }) => status === "succeeded"),
  );
}

describe("When to Use POST Events", () => {
  it("mail, a customer elsewhere, a log and a CRM: each by a function of its own, while the user is answered", async () => {
    const answered = Promise.withResolvers<void>();
    await using others = await external(
      {
        "/mail": [[200, {}]],
        "/customers": [
          [500, {}],
          [200, {}],
        ],
        "/log": [[200, {}]],
        "/crm": [[200, {}]],
      },
      answered.promise,
    );
    await using at = await lifecycle();
    const sends = (path: string, what: string) => `export default async ({ params }) => {
      const body = JSON.stringify(${what});
      const answer = await fetch("http://${others.host}${path}", { method: "POST", body });
      if (!answer.ok) throw new Error("answered " + answer.status);
    };`;
    const after = (name: string, code: string) =>
      hooked(at.server, "POST_USER_CREATE", code, {
        name,
        settings: { egress: [others.host] },
        subscription: { backoff: { schedule_ms: [0] } },
      });
    const functions = [
      await after("Send Welcome Email", sends("/mail", "{ to: params.email }")),
      await after("Create Customer", sends("/customers", "{ user: params.user_id }")),
      await after("Log To Analytics", sends("/log", "{ username: params.username }")),
      await after("Sync To CRM", sends("/crm", "params")),
    ];
    const { status, body } = await create<Made>(at, john);
    assert.equal(status, 201);
    answered.resolve();
    for (const fn of functions) await succeeded(at, fn);
    const { id } = body.data;
    const [synced, ...rest] = others.heard.toSorted();
    assert.deepEqual(rest, [
      `POST /customers {"user":${id}}`,
      `POST /customers {"user":${id}}`,
      'POST /log {"username":"john_doe"}',
      'POST /mail {"to":"john@example.com"}',
    ]);
    const complete = JSON.parse(synced?.slice("POST /crm ".length) ?? "") as Readonly<Record<string, unknown>>;
    assert.deepEqual([complete["user_id"], complete["username"], complete["email"]], [id, john.username, john.email]);
  });

  it("default settings, written by the function itself", async () => {
    await using at = await lifecycle();
    const code = `export default async ({ params }, { api }) => {
      const body = JSON.stringify({ attributes: { theme: "light" } });
      const answer = await api("/api/cloud/users/" + params.user_id + "/", { method: "PATCH", body, headers: { "content-type": "application/json" } });
      if (!answer.ok) throw new Error(await answer.text());
    };`;
    const fn = await hooked(at.server, "POST_USER_CREATE", code, { name: "Create Default Settings" });
    const { body } = await create<Made>(at, john);
    assert.deepEqual(body.data.attributes, {});
    await succeeded(at, fn);
    const { attributes } = await at.server.api<Made>("GET", `/api/cloud/users/${body.data.id}/`);
    assert.deepEqual(attributes, { theme: "light" });
  });
});

describe("Error Handling of POST events", () => {
  it("errors of POST functions are logged, and are dead letters once their retries are used up", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-documented-"));
    try {
      await using server = await serverProcess({ folder });
      const subscription = { max_retries: 1, backoff: { schedule_ms: [0] } };
      const code = "export default () => { throw new Error('no mail today'); };";
      const fn = await hooked(server, "POST_USER_CREATE", code, { name: "Send Welcome Email", subscription });
      const made = await server.api<{ readonly username: string }>("POST", "/api/cloud/users/", john);
      assert.equal(made.username, "john_doe", "the operation is done all the same");

      interface Deliveries {
        readonly deliveries: readonly { readonly id: string; readonly function_id: number }[];
      }
      const dead = () => server.api<Deliveries>("GET", "/api/cloud/deliveries/?status=dead");
      await until("it is a dead letter", async () => (await dead()).deliveries.length === 1);
      assert.equal((await dead()).deliveries[0]?.function_id, fn.id);
      const runs = await invocationsOf(server, fn);
      assert.deepEqual(
        runs.map((run) => [run.status, (run as unknown as { error: { message: string } }).error.message]),
        [
          ["failed", "no mail today"],
          ["failed", "no mail today"],
        ],
      );
      assert.equal(await server.stop(), 0);
      const lines = server.log.split("\n").filter((line) => line.includes("POST_USER_CREATE"));
      const told = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
      assert.ok(told.every(({ target }) => target === `function ${fn.id}`));
      assert.deepEqual(
        told.map(({ level, msg, event }) => [level, msg, event]),
        [
          [30, "an attempt failed", "POST_USER_CREATE"],
          [30, "an attempt failed", "POST_USER_CREATE"],
          [40, "a delivery is a dead letter", "POST_USER_CREATE"],
        ],
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("Internal Use Only", () => {
  it("no route publishes an event: those below events subscribe, unsubscribe and simulate", async () => {
    await using at = await lifecycle();
    const { paths } = (await (await fetch(`${at.server.url}/openapi.json`)).json()) as {
      readonly paths: Readonly<Record<string, object>>;
    };
    const writes = Object.entries(paths)
      .filter(([path]) => path.includes("/events/"))
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
      .filter((route) => !route.startsWith("get "));
    const below = "/api/cloud/events/{event}/";
    assert.deepEqual(writes.toSorted(), [
      `patch ${below}subscribers/{id}/`,
      `post ${below}simulate/`,
      `post ${below}subscribe/`,
      `post ${below}unsubscribe/`,
    ]);
  });

  it("what is tried out or sent by hand runs no function of others", async () => {
    await using at = await lifecycle();
    const fn = await hooked(at.server, "POST_USER_CREATE", "export default () => {};");
    const { data } = (await create<{ readonly uuid: string }>(at, john)).body;
    await succeeded(at, fn);
    const asking = {
      method: "POST",
      body: { associatedUuid: data.uuid, event: "*", url: "https://hooks.example.com/" },
    };
    const watch = await asked<undefined>(at, { ...asking, path: "/notifications/v2/" });
    const { id } = (watch.body as unknown as { readonly result: { readonly id: string } }).result;
    const body = { event: "POST_USER_CREATE" };
    const forced = await asked(at, { method: "POST", path: `/notifications/v2/${id}/attempts/`, body });
    assert.equal(forced.status, 200, "it is a trial, whatever it is called, and goes to this subscription alone");
    const simulate = { method: "POST", path: "/api/cloud/events/POST_USER_CREATE/simulate/", body: { params: john } };
    assert.equal((await asked(at, simulate)).status, 400);
    assert.equal((await invocationsOf(at.server, fn)).length, 1);
  });
});
