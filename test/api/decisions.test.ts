import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createUser } from "../../src/platform/users/create.ts";
import { testApi } from "../support/api.ts";
import { subscribed } from "../support/hooks.ts";

/** What is kept of what hooks decided, and what is not kept of anything. */

const users = "/api/cloud/users/";
const ada = { username: "ada", email: "ada@example.com" };
const keyed = { headers: { "idempotency-key": "k" } };
const allows = "export default () => {}";

describe("a decision", () => {
  it("shows who was asked, what each said, what was changed and where they disagreed", async () => {
    await using api = await testApi();
    const says = (level: number) =>
      `export default () => ({ decision: "allow", patch: { attributes: { level: ${level} } } })`;
    const first = await subscribed(api, "PRE_USER_CREATE", says(1), { priority: 1, name: "First" });
    const second = await subscribed(api, "PRE_USER_CREATE", says(2), { priority: 2, name: "Second" });
    const made = await api.ask("POST", users, ada);
    assert.deepEqual(made.data["attributes"], { level: 2 });
    const path = `/api/cloud/decisions/${String(made.data["operation_id"])}/`;
    const { status, data } = await api.ask("GET", path, undefined, { token: await api.tokenOf("developer") });
    assert.equal(status, 200);
    assert.deepEqual(
      [data["event"], data["outcome"], data["resource"], data["origin"]],
      ["PRE_USER_CREATE", "allowed", made.data["uuid"], "operator"],
    );
    const hooks = data["hooks"] as Readonly<Record<string, unknown>>[];
    assert.deepEqual(
      hooks.map((hook) => [hook["subscriber_id"], hook["function_id"], hook["function_name"], hook["verdict"]]),
      [
        [first.subscriber, first.fn, "First", { decision: "allow", patch: { attributes: { level: 1 } } }],
        [second.subscriber, second.fn, "Second", { decision: "allow", patch: { attributes: { level: 2 } } }],
      ],
    );
    assert.deepEqual(data["conflicts"], [
      { path: "attributes.level", subscriber_ids: [first.subscriber, second.subscriber] },
    ]);
    const invocation = await api.ask("GET", `/api/cloud/invocations/${String(hooks[0]?.["invocation_id"])}/`);
    assert.equal(invocation.data["operation_id"], made.data["operation_id"]);
  });

  it("is nothing to members, and of another tenant does not exist", async () => {
    await using api = await testApi();
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    await subscribed(api, "PRE_USER_CREATE", allows);
    const { data } = await api.ask("POST", users, ada);
    const path = `/api/cloud/decisions/${String(data["operation_id"])}/`;
    assert.equal((await api.ask("GET", path)).status, 200);
    assert.equal((await api.ask("GET", path, undefined, { tenant: "acme" })).status, 404);
    assert.equal((await api.ask("GET", path, undefined, { token: await api.tokenOf("member") })).status, 403);
    for (const id of ["nothing", "%00", "a".repeat(400)]) {
      assert.equal((await api.ask("GET", `/api/cloud/decisions/${id}/`)).status, 404);
    }
  });
});

describe("what is secret", () => {
  it("is in no record: neither a password that somebody sends, nor a function's secrets", async () => {
    await using api = await testApi();
    const [password, secret] = ["correct-horse-battery", "staple-of-the-crm"];
    const uses = `export default (event, { env }) => ({ decision: "allow", patch: { attributes: { has: env.CRM.length } } })`;
    await subscribed(api, "PRE_USER_CREATE", uses, { secrets: { CRM: secret } });
    const refused = await api.ask("POST", users, { ...ada, password });
    assert.deepEqual([refused.status, refused.fields[0]?.path], [400, "password"]);
    const { status, data } = await api.ask("POST", users, ada, keyed);
    assert.deepEqual([status, data["attributes"]], [201, { has: secret.length }]);
    const input = { username: "ben", password } as { username: string };
    const isRefused = /^SignalboxError: password: is not a known property/;
    await assert.rejects(createUser(api.deps, { tenant: "default", origin: "library" }, input), isRefused);
    assert.ok(!JSON.stringify(api.sandbox.calls.map(({ event }) => event)).includes(password), "no function sees it");
    const tells = `export default (event, { env }) => ({ decision: "deny", message: "no " + env.CRM, fields: [{ path: "username", message: env.CRM }] })`;
    await subscribed(api, "PRE_USER_CREATE", tells, { secrets: { CRM: secret }, name: "Tells" });
    const answer = await api.ask("POST", users, { ...ada, username: "eve" });
    assert.equal(answer.message, "Function 'Tells' refused PRE_USER_CREATE: no [redacted]");
    const kept = await api.ask("GET", `/api/cloud/invocations/${String(answer.data["invocation_id"])}/`);
    assert.deepEqual(kept.data["verdict"], {
      decision: "deny",
      message: "no [redacted]",
      fields: [{ path: "username", message: "[redacted]" }],
    });
    const files = (await readdir(api.folder, { withFileTypes: true, recursive: true })).filter((one) => one.isFile());
    for (const { parentPath, name } of files) {
      const bytes = await readFile(join(parentPath, name));
      for (const text of [password, secret]) assert.ok(!bytes.includes(text), `${text} in ${name}`);
    }
  });
});
