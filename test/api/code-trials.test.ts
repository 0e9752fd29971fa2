import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type TestApi, testApi } from "../support/api.ts";
import { apiWithFunction, functionsPath, makeApp, makeFunction } from "../support/functions.ts";
import { shared } from "../support/shared.ts";

const saying = (text: string): string => `export default () => ${JSON.stringify(text)};`;
const telling = `export default async (event, { env, api, log }) => {
  log("env", env);
  const read = await api("/api/cloud/buckets/");
  const wrote = await api("/api/cloud/users/", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "trial" }),
  });
  return { dry: event.dry_run ?? false, user: event.user, read: read.status, wrote: wrote.status, said: await wrote.text() };
};`;

interface Told {
  readonly dry: boolean;
  readonly read: number;
  readonly wrote: number;
  readonly said: string;
}

describe("trying code of a function", () => {
  it("runs what was not kept, with the function's settings, and keeps the run alone", async () => {
    const { api, path, data } = await apiWithFunction({ code: saying("kept"), env: { WORD: "hi" } });
    await using _ = api;
    const code = "export default ({ params }, { env, log }) => { log(params.name); return env.WORD as string; };";
    const params = { name: "ada" };
    const ran = await api.ask("POST", `${path}invoke/`, { code, language: "typescript", params });
    const { version, trigger, status, result, logs } = ran.data;
    assert.deepEqual([ran.status, version, trigger, status, result], [200, null, "trial", "succeeded", "hi"]);
    assert.deepEqual(logs, [{ at_ms: 0, level: "info", message: "ada" }]);
    const kept = await api.ask("GET", `/api/cloud/invocations/${String(ran.data["id"])}/`);
    assert.deepEqual(kept.data, ran.data);
    const listed = async (trigger: string) =>
      (await api.ask("GET", `/api/cloud/invocations/?trigger=${trigger}`)).data["invocations"];
    assert.deepEqual([await listed("trial"), await listed("invoke")], [[ran.data], []]);
    assert.deepEqual((await api.ask("GET", path)).data, data);
    assert.equal((await api.all(`${path}versions/`, "versions", 9)).length, 1);
    assert.equal((await api.ask("POST", `${path}invoke/`, {})).data["result"], "kept");
  });

  it("runs any version", async () => {
    const { api, path } = await apiWithFunction({ code: saying("one") });
    await using _ = api;
    await api.ask("PATCH", path, { code: saying("two") });
    for (const [version, result] of [
      [1, "one"],
      [2, "two"],
    ] as const) {
      const { data } = await api.ask("POST", `${path}invoke/`, { version });
      assert.deepEqual([data["version"], data["trigger"], data["result"]], [version, "trial", result]);
    }
    assert.equal((await api.ask("POST", `${path}invoke/`, { version: 3 })).status, 404);
  });

  it("is a dry run, unless something else is asked for, by nobody's rights but the caller's", async () => {
    const { api, path } = await apiWithFunction();
    await using _ = api;
    const token = await api.tokenOf("developer", "dev");
    const run = async (body: object, asking = {}) =>
      (await api.ask("POST", `${path}invoke/`, { code: telling, ...body }, asking)).data["result"] as Told;
    const dry = await run({});
    assert.deepEqual([dry.dry, dry.read, dry.wrote], [true, 200, 403]);
    assert.match(dry.said, /dry run/);
    const event = { event_type: "PRE_USER_CREATE", params: { username: "ada", email: "a@example.com" } };
    assert.deepEqual((await run({ dry_run: false, event })).wrote, 403, "as a hook, which may only read");
    assert.deepEqual((await run({ dry_run: false }, { token })).wrote, 403, "as a developer, who makes no users");
    assert.deepEqual([(await run({ dry_run: false })).wrote], [201]);
  });

  it("shows what a hook would have said", async () => {
    const { api, path } = await apiWithFunction();
    await using _ = api;
    const event = { event_type: "PRE_USER_CREATE", params: { username: "ada", email: "a@example.com" }, user: null };
    const run = async (code: string) => (await api.ask("POST", `${path}invoke/`, { code, event })).data;
    const denied = await run('export default () => ({ decision: "deny", message: "not today" });');
    assert.deepEqual([denied["status"], denied["verdict"]], ["succeeded", { decision: "deny", message: "not today" }]);
    const patch = { first_name: "Ada" };
    const allowed = await run(`export default () => ({ decision: "allow", patch: ${JSON.stringify(patch)} });`);
    assert.deepEqual(allowed["verdict"], { decision: "allow", patch });
    const wrong = await run('export default () => ({ decision: "allow", patch: { is_superuser: true } });');
    const error = wrong["error"] as Record<string, unknown>;
    assert.deepEqual([wrong["status"], error["reason"], error["message"]], ["failed", "bad_output", "is_superuser"]);
  });

  it("is alone in its process, bounded, and never the same scope as what runs for events", async () => {
    const { api, path } = await apiWithFunction({ code: saying("x"), timeout_ms: 60_000 });
    await using _ = api;
    await api.ask("POST", `${path}invoke/`, {});
    for (const body of [
      { version: 1 },
      { code: saying("x") },
      { code: saying("y") },
      { code: saying("y"), timeout_ms: 50_000 },
    ])
      await api.ask("POST", `${path}invoke/`, body);
    const [plain, version, same, other, longer] = api.sandbox.calls;
    assert.deepEqual(
      [plain?.alone, version?.alone, plain?.timeoutMs, version?.timeoutMs],
      [false, true, 60_000, 30_000],
    );
    assert.equal(version?.code.id, same?.code.id);
    assert.notEqual(plain?.code.id, version?.code.id);
    assert.notEqual(same?.code.id, other?.code.id);
    assert.deepEqual([other?.code.id, longer?.timeoutMs], [longer?.code.id, 50_000]);
  });

  it("gives secrets to nobody's code whose role is below that of who gave them", async () => {
    const code = "export default (event, { env, log }) => { log(env.KEY); return env.KEY ?? null; };";
    const { api, path } = await apiWithFunction({ code, secrets: { KEY: "from-admin" } });
    await using _ = api;
    const token = await api.tokenOf("developer", "dev");
    const ran = await api.ask("POST", `${path}invoke/`, { code });
    assert.equal(ran.data["result"], "from-admin");
    assert.ok(!JSON.stringify(ran.data["logs"]).includes("from-admin"), ran.text);
    const below = await api.ask("POST", `${path}invoke/`, { code }, { token });
    assert.deepEqual([below.status, below.code], [403, "forbidden"]);
    assert.match(below.message, /KEY of function .* to try it without: "secrets": false$/);
    const without = await api.ask("POST", `${path}invoke/`, { code, secrets: false }, { token });
    assert.deepEqual([without.data["status"], without.data["result"]], ["succeeded", null]);
    const current = await api.ask("POST", `${path}invoke/`, { version: 1 }, { token });
    assert.equal(current.data["status"], "succeeded", "what runs anyway may be run by who may run it");
  });

  it("tells places in what was tried, whatever was tried before", async () => {
    const { api, path } = await apiWithFunction({ code: saying("x") });
    await using _ = api;
    for (const lines of [1, 3, 2]) {
      const code = `${"interface A {}\n".repeat(lines)}export default () => { throw new Error("no"); };`;
      const { data } = await api.ask("POST", `${path}invoke/`, { code, language: "typescript" });
      assert.match(
        String((data["error"] as Record<string, unknown>)["stack"]),
        new RegExp(`validate-user-data.ts:${lines + 1}:`),
      );
    }
  });

  const server = shared(apiWithFunction);
  const refused: readonly (readonly [what: string, body: object, path: string])[] = [
    ["code that does not compile", { code: "export default (" }, "code"],
    ["code and a version", { code: saying("x"), version: 1 }, "version"],
    ["a language alone", { language: "typescript" }, "language"],
    ["secrets of what runs", { secrets: false }, "secrets"],
    ["a dry run of what runs", { dry_run: true }, "dry_run"],
    ["params given twice", { code: saying("x"), params: {}, event: { params: {} } }, "params"],
  ];
  for (const [what, body, field] of refused) {
    it(`is refused with ${what}`, async () => {
      const { api, path } = server();
      const answer = await api.ask("POST", `${path}invoke/`, body);
      assert.deepEqual([answer.status, answer.code, answer.fields[0]?.path], [400, "invalid_request", field]);
    });
  }
});

describe("trying code of no function", () => {
  async function withApp(): Promise<TestApi> {
    const api = await testApi();
    await makeApp(api);
    return api;
  }
  const server = shared(withApp);

  it("runs it with the settings that are given, as a dry run, and keeps nothing", async () => {
    await using api = await withApp();
    const secrets = { KEY: "s3cret" };
    const user = { username: "ada" };
    const event = { event_type: "ORDER_PLACED", params: { total: 3 }, user };
    const body = { code: telling, slug: "orders", env: { WORD: "hi" }, secrets, event };
    const { status, data, text } = await api.ask("POST", `${functionsPath}run/`, body);
    assert.equal(status, 200, text);
    const result = data["result"] as Told & { readonly user: unknown };
    assert.deepEqual([result.dry, result.user, result.read, result.wrote], [true, user, 200, 403]);
    assert.deepEqual([data["status"], data["event_type"], data["verdict"]], ["succeeded", "ORDER_PLACED", null]);
    assert.match(JSON.stringify(data["logs"]), /WORD.*hi/);
    assert.ok(!JSON.stringify(data["logs"]).includes("s3cret"));
    assert.deepEqual(await api.all("/api/cloud/invocations/", "invocations", 9), []);
    assert.deepEqual(await api.all(functionsPath, "functions", 9), []);
    const [call] = api.sandbox.calls;
    assert.deepEqual([call?.alone, call?.timeoutMs], [true, 30_000]);
  });

  it("shows a verdict, and an error at its place", async () => {
    const api = server();
    const code = 'type A = 1;\nexport default (): never => { throw new TypeError("no"); };';
    const thrown = await api.ask("POST", `${functionsPath}run/`, { code, language: "typescript", slug: "orders" });
    const error = thrown.data["error"] as Record<string, unknown>;
    assert.deepEqual([thrown.data["status"], error["name"]], ["failed", "TypeError"]);
    assert.match(String(error["stack"]), /orders\.ts:2:\d+/);
    const event = { event_type: "PRE_USER_CREATE", params: { username: "ada" } };
    const denied = await api.ask("POST", `${functionsPath}run/`, { code: "export default () => false", event });
    assert.equal((denied.data["verdict"] as Record<string, unknown>)["decision"], "deny");
  });

  it("is refused with settings that a function could not have, code that does not compile, and no app", async () => {
    const api = server();
    const run = async (body: object, path = functionsPath) => {
      const { status, fields } = await api.ask("POST", `${path}run/`, { code: saying("x"), ...body });
      return [status, fields[0]?.path];
    };
    assert.deepEqual(await run({ env: { "bad name": "x" } }), [400, "env.bad name"]);
    assert.deepEqual(await run({ egress: ["https://x"] }), [400, "egress[0]"]);
    assert.deepEqual(await run({ code: "(" }), [400, "code"]);
    assert.deepEqual(await run({ writes: true }), [400, "writes"]);
    assert.deepEqual(await run({}, "/api/apps/none/functions/"), [404, undefined]);
  });

  it("stands beside functions that have its name", async () => {
    await using api = await withApp();
    for (const name of ["run", "check"]) {
      const { path } = await makeFunction(api, { name, code: saying(name) });
      assert.equal((await api.ask("POST", `${path}invoke/`, {})).data["result"], name);
      assert.equal((await api.ask("GET", path)).data["slug"], name);
    }
  });
});
