import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Invocation } from "../../src/domain/invocation.ts";
import { type Answer, testApi } from "../support/api.ts";
import { allowing, apiWithFunction, makeApp, makeFunction } from "../support/functions.ts";

describe("a function that calls the platform", () => {
  const calling = (path: string): string =>
    `export default async (event, { api }) => { const answer = await api(${JSON.stringify(path)}, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }); return [answer.status, (await answer.json())]; };`;

  it("may invoke another function, but not one that has led to the call, itself above all", async () => {
    const { api, path } = await apiWithFunction({
      code: calling("/api/apps/user-management/functions/second/invoke/"),
    });
    await using _ = api;
    const second = await makeFunction(api, {
      name: "Second",
      code: "export default ({ origin, user }) => [origin, user];",
    });
    const first = await api.ask("POST", `${path}invoke/`, {});
    const [status, inner] = first.data["result"] as [number, Answer];
    assert.deepEqual([status, inner.data["status"]], [200, "succeeded"], first.text);
    const { uuid } = (await api.ask("GET", path)).data;
    assert.deepEqual(inner.data["result"], ["hook", { username: `function:${String(uuid)}`, role: "admin" }]);

    await api.ask("PATCH", second.path, { code: calling(`${path}invoke/`) });
    const circle = await api.ask("POST", `${path}invoke/`, {});
    const [, ofSecond] = circle.data["result"] as [number, Answer];
    const [refused, why] = ofSecond.data["result"] as [number, Answer];
    assert.deepEqual([refused, why.code], [409, "hook_recursion"]);
    await api.ask("PATCH", path, { code: calling(`${path}invoke/`) });
    const itself = (await api.ask("POST", `${path}invoke/`, {})).data["result"] as [number, Answer];
    assert.deepEqual([itself[0], itself[1].code], [409, "hook_recursion"]);
  });

  it("may not go deeper than three", async () => {
    const api = await testApi();
    await using _ = api;
    await makeApp(api);
    for (const n of [1, 2, 3, 4, 5, 6]) {
      const code = calling(`/api/apps/user-management/functions/f${n + 1}/invoke/`);
      await makeFunction(api, { name: `f${n}`, code });
    }
    await makeFunction(api, { name: "f7" });
    const answer = await api.ask("POST", "/api/apps/user-management/functions/f1/invoke/", {});
    assert.equal(api.sandbox.calls.length, 4);
    assert.match(answer.text, /functions may call each other 3 deep, no deeper/);
  });
});

describe("invocations", () => {
  it("are listed newest first, by status and trigger, page by page", async () => {
    const code = "export default ({ params }) => { if (params.n % 2) throw new Error('odd'); };";
    const { api, path } = await apiWithFunction({ code });
    await using _ = api;
    const ids: unknown[] = [];
    for (const n of [0, 1, 2, 3, 4]) ids.push((await api.ask("POST", `${path}invoke/`, { params: { n } })).data["id"]);
    const newest = ids.toReversed();
    const listed = async (query: string) => {
      const { data } = await api.ask("GET", `${path}invocations/${query}`);
      return (data["invocations"] as Answer["data"][]).map(({ id }) => id);
    };
    assert.deepEqual(await listed(""), newest);
    assert.deepEqual(await listed("?status=failed"), [newest[1], newest[3]]);
    assert.deepEqual(await listed("?status=succeeded&trigger=invoke"), [newest[0], newest[2], newest[4]]);
    assert.deepEqual(await listed("?trigger=pre"), []);
    const first = (await api.ask("GET", `${path}invocations/?limit=2`)).data;
    const cursor = String(first["next_cursor"]);
    assert.deepEqual(await listed(`?limit=2&cursor=${cursor}`), [newest[2], newest[3]]);
    for (const query of ["?status=done", "?trigger=cron", "?limit=0", "?cursor=AAAA", "?state=failed"]) {
      assert.equal((await api.ask("GET", `${path}invocations/${query}`)).status, 400, query);
    }
  });

  it("of hooks and deliveries show their verdict, their delivery and their attempt", async () => {
    const { api, id, path } = await apiWithFunction();
    await using _ = api;
    const { data } = await api.ask("POST", "/api/cloud/events/POST_USER_CREATE/subscribe/", { function_id: id });
    const common = {
      tenant: "default",
      function: id,
      version: 1,
      eventId: "e-1",
      operation: "o-1",
      logs: [],
      logsCut: true,
    };
    const hook: Invocation = {
      ...common,
      number: 5_001,
      trigger: "pre",
      eventType: "PRE_USER_CREATE",
      subscription: Number(data["id"]),
      attempt: 1,
      status: "succeeded",
      verdict: { decision: "deny", message: "no", code: "domain", fields: [{ path: "email", message: "not here" }] },
      createdMs: 1,
      startedMs: 2,
    };
    const waiting: Invocation = {
      ...common,
      number: 5_002,
      trigger: "post",
      eventType: "POST_USER_CREATE",
      subscription: Number(data["id"]),
      sequence: 7,
      attempt: 2,
      status: "pending",
      createdMs: 1,
    };
    await api.deps.store.commit({
      changes: [hook, waiting].map((invocation) => ({ do: "invocation.put", invocation })),
    });
    const shown = await api.ask("GET", "/api/cloud/invocations/5001/");
    assert.deepEqual(
      [shown.data["verdict"], shown.data["delivery_id"], shown.data["duration_ms"], shown.data["logs_cut"]],
      [hook.verdict, null, null, true],
    );
    const pending = (await api.ask("GET", "/api/cloud/invocations/5002/")).data;
    const delivery = `0000000000000007-${String(data["uuid"]).slice(0, -4)}-042`;
    assert.deepEqual(
      [pending["delivery_id"], pending["attempt"], pending["status"], pending["started_at"]],
      [delivery, 2, "pending", null],
    );
    assert.equal((await api.ask("GET", `${path}invocations/?trigger=post`)).text.includes(delivery), true);
  });

  it("outlive their function, and are found by nobody else", async () => {
    const { api, path } = await apiWithFunction({ code: allowing });
    await using _ = api;
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const { data } = await api.ask("POST", `${path}invoke/`, {});
    await api.ask("DELETE", path);
    const own = `/api/cloud/invocations/${String(data["id"])}/`;
    assert.deepEqual((await api.ask("GET", own)).data, data);
    const token = await api.tokenOf("admin", "eve", "acme");
    assert.equal((await api.ask("GET", own, undefined, { token })).status, 404);
    const member = await api.tokenOf("member");
    assert.equal((await api.ask("GET", own, undefined, { token: member })).status, 403);
    for (const id of ["0", "999", "-1", "1.0", "1e3", "__proto__", "99999999999999999999"]) {
      const { status, message } = await api.ask("GET", `/api/cloud/invocations/${id}/`);
      assert.deepEqual([status, message], [404, `invocation '${id}' does not exist`]);
    }
  });
});
