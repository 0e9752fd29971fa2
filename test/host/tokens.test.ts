import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";
import { orderEvents } from "../support/library.ts";

const tokens = "/api/cloud/tokens/";
const host = { principal: "billing", role: "host" };

describe("tokens of hosts", () => {
  it("are made with what they are restricted to, and shown with it", async () => {
    await using api = await testApi({ events: orderEvents });
    const body = { ...host, all_tenants: true, event_types: ["POST_ORDER_*"], kinds: ["job"] };
    const made = await api.ask("POST", tokens, body);
    assert.equal(made.status, 201, made.text);
    const { id, role, all_tenants, event_types, kinds } = made.data;
    assert.deepEqual([role, all_tenants, event_types, kinds], ["host", true, ["POST_ORDER_*"], ["job"]]);
    const plain = await api.ask("POST", tokens, { principal: "billing" });
    assert.deepEqual(
      [plain.data["role"], plain.data["all_tenants"], plain.data["event_types"], plain.data["kinds"]],
      ["host", false, null, null],
    );
    const token = String(made.data["token"]);
    const event = { event_type: "POST_ORDER_CREATE", params: { id: 7, item: "a pen" } };
    assert.equal((await api.askHost("POST", "/host/v1/events/", event, { token })).status, 200);
    assert.equal((await api.ask("DELETE", `${tokens}${String(id)}/`)).status, 200);
    const ended = await api.askHost("POST", "/host/v1/events/", event, { token });
    assert.deepEqual([ended.status, ended.code], [401, "unauthenticated"]);
  });

  it("are made by admins for their own tenant, and of all tenants by operators only", async () => {
    await using api = await testApi();
    await api.deps.store.commit({ changes: [{ do: "tenant.add", tenant: { id: "acme", name: "A", createdMs: 0 } }] });
    const admin = await api.tokenOf("admin", "boss", "acme");
    assert.equal((await api.ask("POST", tokens, host, { token: admin })).status, 201);
    const cases = [
      [{ ...host, all_tenants: true }, { token: admin }],
      [{ ...host, all_tenants: true }, { tenant: "acme" }],
      [{ ...host, all_tenants: true }, { token: await api.tokenOf("admin", "default-boss") }],
    ] as const;
    for (const [body, asking] of cases) {
      const refused = await api.ask("POST", tokens, body, asking);
      assert.deepEqual([refused.status, refused.fields[0]?.path], [400, "all_tenants"], refused.text);
    }
    for (const role of ["developer", "member"] as const) {
      assert.equal((await api.ask("POST", tokens, host, { token: await api.tokenOf(role) })).status, 403);
    }
  });

  it("of all tenants are not an admin's to see or end", async () => {
    await using api = await testApi();
    const made = await api.ask("POST", tokens, { ...host, all_tenants: true });
    const admin = await api.tokenOf("admin", "boss");
    const seen = await api.ask("GET", tokens, undefined, { token: admin });
    assert.ok(!seen.text.includes(String(made.data["id"])));
    const ended = await api.ask("DELETE", `${tokens}${String(made.data["id"])}/`, undefined, { token: admin });
    assert.equal(ended.status, 404);
    assert.ok((await api.ask("GET", tokens)).text.includes(String(made.data["id"])));
  });

  it("are refused with restrictions that cannot be", async () => {
    await using api = await testApi();
    const cases: readonly (readonly [object, string])[] = [
      [{ ...host, role: "admin", all_tenants: true }, "all_tenants"],
      [{ ...host, role: "admin", kinds: ["job"] }, "kinds"],
      [{ ...host, role: "admin", event_types: ["POST_*"] }, "event_types"],
      [{ ...host, event_types: [] }, "event_types"],
      [{ ...host, event_types: ["*_CREATE"] }, "event_types[0]"],
      [{ ...host, event_types: ["post_order"] }, "event_types[0]"],
      [{ ...host, kinds: ["Job"] }, "kinds[0]"],
      [{ ...host, kinds: Array.from({ length: 101 }, (_, at) => `k${at}`) }, "kinds"],
      [{ ...host, principal: "host:billing" }, "principal"],
    ];
    for (const [body, field] of cases) {
      const refused = await api.ask("POST", tokens, body);
      assert.deepEqual([refused.status, refused.fields[0]?.path], [400, field], refused.text);
    }
  });

  it("belong to principals that have nothing else: no S3 keys, no logins, no other role", async () => {
    await using api = await testApi();
    await api.ask("POST", tokens, host);
    await api.ask("POST", tokens, { principal: "max", role: "member" });
    for (const [method, path, body, status] of [
      ["POST", "/api/cloud/access-keys/", { principal: "billing" }, 409],
      ["POST", "/api/cloud/login-links/", { principal: "billing" }, 409],
      ["PATCH", "/api/cloud/principals/billing/", { role: "admin" }, 409],
      ["PATCH", "/api/cloud/principals/max/", { role: "host" }, 400],
      ["POST", tokens, { principal: "max", role: "host" }, 409],
      ["POST", tokens, { principal: "billing", role: "member" }, 409],
    ] as const) {
      const answer = await api.ask(method, path, body);
      assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    }
  });
});

describe("every credential works on its own listener only", () => {
  it("and the answer says where", async () => {
    await using api = await testApi({ events: orderEvents });
    const event = { event_type: "POST_ORDER_CREATE", params: { id: 7, item: "a pen" } };
    for (const role of ["operator", "admin", "developer", "member"] as const) {
      const token = await api.tokenOf(role);
      const answer = await api.askHost("POST", "/host/v1/events/", event, { token });
      assert.deepEqual([answer.status, answer.code], [401, "unauthenticated"]);
      assert.match(answer.message, new RegExp(`role ${role}: it works on the API and not here`));
    }
    for (const scope of [{}, { allTenants: true }]) {
      const token = await api.hostToken(scope, `host-${String("allTenants" in scope)}`);
      const answer = await api.ask("GET", "/api/cloud/buckets/", undefined, { token });
      assert.deepEqual([answer.status, answer.code], [401, "unauthenticated"]);
      assert.match(answer.message, /token of a host: it works on the host interface \(SIGNALBOX_HOST_LISTEN\)/);
    }
    const none = await api.askHost("POST", "/host/v1/events/", event, { token: "" });
    assert.deepEqual([none.status, none.headers["www-authenticate"]], [401, 'Bearer realm="signalbox"']);
    assert.deepEqual(await api.deps.store.events.after(0, 10), []);
  });
});
