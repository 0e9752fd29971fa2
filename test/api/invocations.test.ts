import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Invocation } from "../../src/domain/invocation.ts";
import { type Answer, testApi } from "../support/api.ts";
import { allowing, apiWithFunction, makeApp, makeFunction } from "../support/functions.ts";
import { until } from "../support/until.ts";

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

  it("of all functions of the tenant are listed, by function, event type, status and trigger, in pages", async () => {
    const { api, id, path } = await apiWithFunction({ code: allowing });
    await using _ = api;
    const other = await makeFunction(api, { name: "Other", code: "export default () => { throw new Error('no') }" });
    await api.ask("POST", "/api/cloud/events/PRE_USER_CREATE/subscribe/", { function_id: id });
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const ids: unknown[] = [];
    for (const at of [path, other.path, path]) ids.unshift((await api.ask("POST", `${at}invoke/`, {})).data["id"]);
    await api.ask("POST", "/api/cloud/users/", { username: "ada" });
    const all = "/api/cloud/invocations/";
    const listed = async (query: string, asking = {}) => {
      const { data, status, text } = await api.ask("GET", all + query, undefined, asking);
      assert.equal(status, 200, text);
      return (data["invocations"] as Answer["data"][]).map((one) => one["id"]);
    };
    const [hook, ...rest] = await listed("");
    assert.deepEqual(rest, ids);
    assert.deepEqual(await listed("?trigger=pre"), [hook]);
    assert.deepEqual(await listed("?event_type=PRE_USER_CREATE"), [hook]);
    assert.deepEqual(await listed("?status=failed"), [ids[1]]);
    assert.deepEqual(await listed(`?function_id=${other.id}`), [ids[1]]);
    assert.deepEqual(await listed(`?function_id=${id}&event_type=INVOKE&status=succeeded`), [ids[0], ids[2]]);
    assert.deepEqual(await listed(`?event_type=POST_USER_CREATE`), []);
    const first = (await api.ask("GET", `${all}?limit=2`)).data;
    assert.deepEqual(await listed(`?limit=9&cursor=${String(first["next_cursor"])}`), ids.slice(1));
    assert.deepEqual(await listed("", { tenant: "acme" }), []);
    await api.ask("DELETE", other.path);
    assert.deepEqual(await listed("?status=failed"), [ids[1]], "they outlive their function");
    for (const query of ["?status=done", "?function_id=x", "?function=1", "?function_id=999"]) {
      assert.equal((await api.ask("GET", all + query)).status, 400, query);
    }
    const elsewhere = await api.ask("GET", `${all}?function_id=${id}`, undefined, { tenant: "acme" });
    assert.deepEqual([elsewhere.status, elsewhere.fields[0]?.path], [400, "function_id"]);
    assert.equal((await api.ask("GET", all, undefined, { token: await api.tokenOf("member") })).status, 403);
  });

  it("are looked through by app, version and time", async () => {
    const { api, path } = await apiWithFunction({ code: allowing });
    await using _ = api;
    await makeApp(api, { name: "Shop" });
    const inShop = await makeFunction(api, { code: allowing }, { app: "shop" });
    const ran = async (at: string, body = {}) => (await api.ask("POST", `${at}invoke/`, body)).data["id"];
    const first = await ran(path);
    api.clock.advance(60_000);
    await api.ask("PATCH", path, { code: "export default () => 2;" });
    const [second, third] = [await ran(path), await ran(inShop.path)];
    const tried = await ran(path, { code: "export default () => 3;" });
    const listed = async (query: string) => {
      const { data, status, text } = await api.ask("GET", query);
      assert.equal(status, 200, text);
      return (data["invocations"] as Answer["data"][]).map((one) => one["id"]);
    };
    const all = "/api/cloud/invocations/";
    assert.deepEqual(await listed(`${all}?app=shop`), [third]);
    assert.deepEqual(await listed(`${all}?version=1`), [third, first]);
    assert.deepEqual(await listed(`${path}invocations/?version=2`), [second]);
    assert.deepEqual(await listed(`${all}?since=2026-01-01T00:01:00Z`), [tried, third, second]);
    assert.deepEqual(await listed(`${all}?until=2026-01-01T00:01:00Z&trigger=invoke`), [first]);
    const { data } = await api.ask("GET", `${all}?app=user-management&limit=1`);
    assert.ok(typeof data["next_cursor"] === "string" && typeof data["searched_to"] === "string");
    for (const [query, field] of [
      ["app=none", "app"],
      ["since=soon", "since"],
      ["version=0", "version"],
    ]) {
      const answer = await api.ask("GET", `${all}?${query}`);
      assert.deepEqual([answer.status, answer.fields[0]?.path], [400, field]);
    }
  });

  it("that are under way are listed and shown before anything of them is recorded", async () => {
    const code = "export default () => new Promise((go) => { globalThis.letGo = go; })";
    const { api, path } = await apiWithFunction({ code });
    await using _ = api;
    const asked = api.ask("POST", `${path}invoke/`, {});
    await until("it has begun", () => "letGo" in globalThis);
    const all = "/api/cloud/invocations/";
    const of = async (at: string) => (await api.ask("GET", at)).data["invocations"] as Answer["data"][];
    for (const at of [all, `${all}?status=pending&event_type=INVOKE&trigger=invoke`, `${path}invocations/`]) {
      const [one, ...others] = await of(at);
      assert.deepEqual([one?.["status"], one?.["attempt"], others.length], ["pending", 1, 0], at);
      assert.match(String(one?.["started_at"]), /^2026-/);
      assert.deepEqual((await api.ask("GET", `${all}${String(one?.["id"])}/`)).data, one);
    }
    for (const none of ["?status=succeeded", "?trigger=post", "?event_type=PRE_USER_CREATE"]) {
      assert.deepEqual(await of(all + none), [], none);
    }
    const [{ id } = assert.fail("it is listed")] = await of(all);
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const foreign = await api.ask("GET", `${all}${String(id)}/`, undefined, { tenant: "acme" });
    assert.equal(foreign.status, 404);
    (globalThis as unknown as { letGo: (value: number) => void }).letGo(7);
    const { data } = await asked;
    assert.deepEqual([data["id"], data["status"]], [id, "succeeded"]);
    assert.deepEqual(
      (await of(all)).map((one) => [one["id"], one["status"]]),
      [[id, "succeeded"]],
    );
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
