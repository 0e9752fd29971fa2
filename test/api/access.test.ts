import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { roleReaches, roles } from "../../src/domain/access.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { tokenHash } from "../../src/platform/access/token-secrets.ts";
import { anObject } from "../conformance/store/given.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { allowing, functionsPath, makeApp, makeFunction } from "../support/functions.ts";

/** One of everything in the tenant, so that every path has something to name. */
async function furnish(api: TestApi, tenant: string, owner: string) {
  const bucket = await api.bucket("photos", owner, tenant);
  const file = anObject(bucket.uuid, "a.jpg");
  await api.deps.store.commit({ changes: [{ do: "object.put", object: file }] });
  const asking = { tenant };
  const url = "https://receiver.example/hook";
  const rule = await api.ask("POST", "/api/cloud/buckets/photos/notifications/", { url }, asking);
  const token = await api.ask("POST", "/api/cloud/tokens/", { principal: "other", role: "member" }, asking);
  const key = await api.ask("POST", "/api/cloud/access-keys/", { principal: "other" }, asking);
  const job = await api.ask("POST", "/api/cloud/deliveries/redrive/", {}, asking);
  const user = await api.ask("POST", "/api/cloud/users/", { username: "somebody" }, asking);
  for (const { status, text } of [rule, token, key, job, user]) assert.ok(status < 300, text);
  await makeApp(api, undefined, asking);
  const { id: fn, path } = await makeFunction(api, {}, asking);
  const subscribed = "/api/cloud/events/PRE_USER_CREATE/subscribe/";
  const subscriber = await api.ask("POST", subscribed, { function_id: fn, enabled: false }, asking);
  const invocation = await api.ask("POST", `${path}invoke/`, {}, asking);
  for (const { status, text } of [subscriber, invocation]) assert.equal(status, 200, text);
  assert.equal(path, `${functionsPath}validate-user-data/`);
  return {
    ":app": "user-management",
    ":fn": "validate-user-data",
    ":version": "1",
    ":event": "PRE_USER_CREATE",
    "subscribers/:id": `subscribers/${String(subscriber.data["id"])}`,
    "functions/:id": `functions/${String(fn)}`,
    "invocations/:id": `invocations/${String(invocation.data["id"])}`,
    ":bucket": "photos",
    "files/:uuid": `files/${file.uuid}`,
    ":uuid": bucket.uuid,
    ":username": "other",
    "principals/:name": "principals/other",
    "notifications/:id": `notifications/${String(rule.data["id"])}`,
    // Rules are subscriptions.
    "subscriptions/:id": `subscriptions/${String(rule.data["id"])}`,
    ":name": "nothing.eml",
    "tokens/:id": `tokens/${String(token.data["id"])}`,
    "access-keys/:id": `access-keys/${String(key.data["access_key_id"])}`,
    "redrive/:id": `redrive/${String(job.data["id"])}`,
    "deliveries/:id": `deliveries/0000000000000001-${String(rule.data["id"]).slice(0, -4)}-042`,
    "tenants/:id": `tenants/${tenant}`,
    "users/:id": `users/${String(user.data["id"])}`,
  };
}

function filled(path: string, names: Readonly<Record<string, string>>): string {
  const query = path.endsWith("/objects/") ? "?key=cat.jpg" : path === "/api/cloud/live/" ? "?until=now" : "";
  const whole = `${path}${query}`;
  return Object.entries(names).reduce((text, [name, value]) => text.replace(name, value), whole);
}

/** A body that the route takes, so that nothing but access decides. */
const bodies: Readonly<Record<string, unknown>> = {
  "POST /api/cloud/buckets/:bucket/notifications/": { url: "https://receiver.example/" },
  "PATCH /api/cloud/buckets/:bucket/notifications/:id/": { enabled: true },
  "POST /api/cloud/buckets/:bucket/notifications/check/": { filter: 'key = "a"' },
  "POST /api/cloud/subscriptions/": {
    event: "*",
    resource: "0-101",
    target: { type: "webhook", url: "https://receiver.example/" },
  },
  "PATCH /api/cloud/subscriptions/:id/": { enabled: true },
  "POST /api/cloud/destinations/": {
    name: "orders",
    target: { type: "webhook", url: "https://receiver.example/" },
  },
  "PATCH /api/cloud/destinations/:name/": { alerts: false },
  "POST /api/cloud/deliveries/redrive/": {},
  "POST /api/cloud/event-log/:id/send/": { subscription: "0-011" },
  "PUT /api/cloud/resources/:uuid/pems/:username/": { permission: "read" },
  "POST /api/cloud/files/:uuid/rename/": { key: "b.jpg", overwrite: true },
  "POST /api/cloud/tenants/": { id: "new" },
  "POST /api/cloud/tokens/": { principal: "someone", role: "member" },
  "POST /api/cloud/access-keys/": {},
  "PATCH /api/cloud/principals/:name/": { role: "member" },
  "PUT /api/cloud/principals/:name/issuer/": { issuer: "https://login.example", subject: "1" },
  "POST /api/cloud/users/": { username: "another" },
  "PATCH /api/cloud/users/:id/": { first_name: "Somebody" },
  "PUT /api/cloud/users/schema/": { schema: { type: "object" } },
  "POST /api/cloud/events/:event/subscribe/": { function_id: 1 },
  "POST /api/cloud/events/:event/unsubscribe/": { function_id: 1 },
  "PATCH /api/cloud/events/:event/subscribers/:id/": { enabled: true },
  "POST /api/cloud/events/:event/simulate/": { params: { username: "another", email: "" } },
  "POST /api/apps/": { name: "Another" },
  "PATCH /api/apps/:app/": { name: "Another" },
  "POST /api/apps/:app/functions/": { name: "Another", code: allowing },
  "POST /api/apps/:app/functions/check/": { code: allowing },
  "POST /api/apps/:app/functions/run/": { code: allowing },
  "POST /api/apps/:app/functions/:fn/versions/": { code: allowing },
  "PATCH /api/apps/:app/functions/:fn/": { name: "Another" },
  "POST /api/apps/:app/functions/:fn/invoke/": {},
};

/** Event types are the platform's own: what these answer tells nothing of another tenant. */
const everybodys: Readonly<Record<string, number>> = {
  "GET /api/cloud/events/:event/": 200,
  "GET /api/cloud/events/:event/types/": 200,
  "POST /api/cloud/events/:event/subscribe/": 400,
  "POST /api/cloud/events/:event/unsubscribe/": 404,
  "POST /api/cloud/events/:event/simulate/": 200,
};

describe("route × role × other tenant", () => {
  it("is walked: without a token 401, below the role 403, above it never either", async () => {
    await using api = await testApi();
    await api.deps.store.commit({
      changes: [{ do: "tenant.add", tenant: { id: "acme", name: "Acme", createdMs: 0 } }],
    });
    const names = await furnish(api, "acme", "a-member");
    const tokens = new Map<(typeof roles)[number], string>([["operator", api.operator]]);
    for (const role of roles.slice(1)) tokens.set(role, await api.tokenOf(role, `a-${role}`, "acme"));
    // Deletions last: they take away what the others name.
    const ordered = api.routes.toSorted((a, b) => Number(a.method === "DELETE") - Number(b.method === "DELETE"));
    for (const route of ordered) {
      const name = `${route.method} ${route.path}`;
      const path = filled(route.path, names);
      const body = bodies[name];
      const anonymous = await api.ask(route.method, path, body, { token: "" });
      assert.deepEqual(
        [anonymous.status, anonymous.headers["www-authenticate"]],
        [401, 'Bearer realm="signalbox"'],
        name,
      );
      for (const [role, token] of tokens) {
        const allowed = roleReaches(role, route.role);
        const { status, text } = await api.ask(route.method, path, body, {
          token,
          ...(role === "operator" ? { tenant: "acme" } : {}),
        });
        if (allowed)
          assert.ok(status !== 401 && status !== 403 && status < 500, `${name} as ${role}: ${status} ${text}`);
        else assert.equal(status, 403, `${name} as ${role}: ${text}`);
      }
    }
  });

  it("is walked: another tenant's things do not exist, for nobody", async () => {
    await using api = await testApi();
    for (const id of ["acme", "other"]) {
      await api.deps.store.commit({ changes: [{ do: "tenant.add", tenant: { id, name: id, createdMs: 0 } }] });
    }
    const names = await furnish(api, "acme", "a-member");
    for (const role of ["admin", "developer", "member"] as const) {
      const token = await api.tokenOf(role, "a-member", "other");
      for (const route of api.routes) {
        const name = `${route.method} ${route.path}`;
        const body = bodies[name];
        const named = route.path.includes(":");
        const reached = await api.ask(route.method, filled(route.path, names), body, { token });
        const mine = roleReaches(role, route.role);
        const found = everybodys[name] ?? 404;
        if (named) assert.equal(reached.status, mine ? found : 403, `${name} as ${role}: ${reached.text}`);
        else assert.doesNotMatch(reached.text, /photos|acme|validate/, name);
        if (name in everybodys) assert.doesNotMatch(reached.text, /validate|management/i, name);
        const chosen = await api.ask(route.method, filled(route.path, names), body, { token, tenant: "acme" });
        assert.equal(chosen.status, 404, `${name} as ${role} in acme: ${chosen.text}`);
      }
    }
  });

  it("an operator with no tenant chosen acts in the default one, and one that does not exist is 404", async () => {
    await using api = await testApi();
    await api.bucket("mine");
    assert.match((await api.ask("GET", "/api/cloud/buckets/")).text, /mine/);
    for (const tenant of ["nobody", "", "../default", "default,default"]) {
      const { status, code } = await api.ask("GET", "/api/cloud/buckets/", undefined, { tenant });
      assert.deepEqual([status, code], [404, "not_found"], tenant);
    }
  });

  it("a member's own tenant may be named", async () => {
    await using api = await testApi();
    const token = await api.tokenOf("member");
    const { status } = await api.ask("GET", "/api/cloud/buckets/", undefined, { token, tenant: "default" });
    assert.equal(status, 200);
  });
});

describe("members", () => {
  it("reach their own buckets' rules; a grant shows a bucket and its deliveries, but not its rules", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos", "ann");
    const [ann, ben] = [await api.tokenOf("member", "ann"), await api.tokenOf("member", "ben")];
    const rules = "/api/cloud/buckets/photos/notifications/";
    assert.equal((await api.ask("GET", rules, undefined, { token: ann })).status, 200);
    assert.equal((await api.ask("GET", rules, undefined, { token: ben })).status, 404);
    const list = async (token: string) => (await api.ask("GET", "/api/cloud/buckets/", undefined, { token })).text;
    assert.doesNotMatch(await list(ben), /photos/);

    const grant = `/api/cloud/resources/${bucket.uuid}/pems/ben/`;
    assert.equal((await api.ask("PUT", grant, { permission: "write" }, { token: ben })).status, 404);
    assert.equal((await api.ask("PUT", grant, { permission: "read" }, { token: ann })).status, 200);
    assert.match(await list(ben), /photos/);
    const deliveries = "/api/cloud/deliveries/?bucket=photos";
    assert.equal((await api.ask("GET", deliveries, undefined, { token: ben })).status, 200);
    const answer = await api.ask("GET", rules, undefined, { token: ben });
    assert.deepEqual(
      [answer.status, answer.message],
      [404, "a bucket 'photos' whose rules you may manage does not exist"],
    );
    assert.equal((await api.ask("POST", rules, { url: "https://a.example" }, { token: ben })).status, 404);

    assert.equal((await api.ask("DELETE", grant, undefined, { token: ben })).status, 404, "not even one's own");
    assert.equal((await api.ask("DELETE", grant, undefined, { token: ann })).status, 200);
    assert.equal((await api.ask("DELETE", grant, undefined, { token: ann })).status, 404);
    assert.doesNotMatch(await list(ben), /photos/);
  });

  it("are granted to only when they exist, what exists, and with what is known", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    await api.tokenOf("member", "ann");
    const of = (uuid: string, user: string): string => `/api/cloud/resources/${uuid}/pems/${user}/`;
    assert.equal((await api.ask("PUT", of(bucket.uuid, "nobody"), { permission: "read" })).status, 404);
    assert.equal((await api.ask("PUT", of("b-101", "ann"), { permission: "read" })).status, 404);
    assert.equal((await api.ask("PUT", of("not a uuid", "ann"), { permission: "read" })).status, 404);
    const { status, message } = await api.ask("PUT", of(bucket.uuid, "ann"), { permission: "rite" });
    assert.deepEqual([status, message], [400, 'permission: must be one of "read", "write". Did you mean "write"?']);
    await api.ask("PUT", of(bucket.uuid, "ann"), { permission: "read" });
    await api.ask("PUT", of(bucket.uuid, "ann"), { permission: "write" });
    const { data } = await api.ask("GET", `/api/cloud/resources/${bucket.uuid}/pems/`);
    assert.deepEqual(data["permissions"], [{ username: "ann", permission: "write" }]);
  });
});

describe("tokens that are not good", () => {
  const cases = [
    ["of another scheme", "Basic YTpi"],
    ["without a token", "Bearer"],
    ["with blanks only", "Bearer   "],
    ["unknown", "Bearer sbx_unknown"],
    ["with a quote", "Bearer ' OR 1=1 --"],
  ] as const;
  for (const [what, authorization] of cases) {
    it(`are refused: ${what}`, async () => {
      await using api = await testApi();
      const { status, code, headers } = await api.ask("GET", "/api/cloud/buckets/", undefined, {
        token: "",
        headers: { authorization },
      });
      assert.deepEqual([status, code], [401, "unauthenticated"]);
      assert.match(
        String(headers["www-authenticate"]),
        /^Bearer realm="signalbox", error="invalid_token", error_description="[^"]+"$/,
      );
    });
  }

  it("are refused from the instant that they expire, and once revoked", async () => {
    await using api = await testApi();
    const { data } = await api.ask("POST", "/api/cloud/tokens/", {
      principal: "ann",
      role: "member",
      expires_in_s: 60,
    });
    const token = String(data["token"]);
    const ask = async () => (await api.ask("GET", "/api/cloud/buckets/", undefined, { token })).status;
    assert.equal(await ask(), 200);
    api.clock.advance(59_999);
    assert.equal(await ask(), 200);
    api.clock.advance(1);
    assert.equal(await ask(), 401);
    const second = await api.ask("POST", "/api/cloud/tokens/", { principal: "ann" });
    assert.equal((await api.ask("DELETE", `/api/cloud/tokens/${String(second.data["id"])}/`)).status, 200);
    const revoked = await api.ask("GET", "/api/cloud/buckets/", undefined, { token: String(second.data["token"]) });
    assert.equal(revoked.status, 401);
  });

  it("may hold any letters: what is compared is their UTF-8 bytes", async () => {
    await using api = await testApi();
    const text = "ein längerer Satz";
    const uuid = newUuid("token", { nowMs: 1, bytes: api.clock.bytes(10) });
    const token = { uuid, tenant: "default", principal: "admin", hash: tokenHash(text), label: "", createdMs: 1 };
    await api.deps.store.commit({ changes: [{ do: "token.put", token }] });
    const authorization = Buffer.from(`Bearer ${text}`, "utf8").toString("latin1");
    const { status } = await api.ask("GET", "/api/cloud/buckets/", undefined, {
      token: "",
      headers: { authorization },
    });
    assert.equal(status, 200);
  });
});
