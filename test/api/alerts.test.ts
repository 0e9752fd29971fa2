import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";

const alerts = "/api/cloud/alerts/";
const hook = { type: "webhook", url: "https://alerts.example/" };

describe("the setting of alerts", () => {
  it("is nobody at first, one target at a time, and gone when it is deleted", async () => {
    await using api = await testApi();
    assert.deepEqual((await api.ask("GET", alerts)).data, { subscription: null });
    assert.equal((await api.ask("DELETE", alerts)).status, 404);
    const first = await api.ask("PUT", alerts, { target: { ...hook, auth: { type: "bearer", token: "secret" } } });
    assert.equal(first.status, 200, first.text);
    assert.match(String(first.data["signing_secret"]), /^whsec_/);
    const second = await api.ask("PUT", alerts, { target: { type: "email", address: "ops@example.org" } });
    assert.deepEqual([second.status, second.data["status"]], [200, "unconfirmed"]);
    const shown = (await api.ask("GET", alerts)).data["subscription"] as Readonly<Record<string, unknown>>;
    assert.equal(shown["id"], second.data["id"]);
    assert.equal((await api.ask("GET", `/api/cloud/subscriptions/${String(first.data["id"])}/`)).status, 404);
    assert.equal((await api.ask("DELETE", alerts)).status, 200);
    assert.deepEqual((await api.ask("GET", alerts)).data, { subscription: null });
  });

  it("is each tenant's own, and for admins", async () => {
    await using api = await testApi();
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const admin = await api.tokenOf("admin", "ann", "acme");
    await api.ask("PUT", alerts, { target: hook });
    assert.deepEqual((await api.ask("GET", alerts, undefined, { token: admin })).data, { subscription: null });
    for (const role of ["member", "developer"] as const) {
      const token = await api.tokenOf(role);
      const answers = await Promise.all([
        api.ask("GET", alerts, undefined, { token }),
        api.ask("PUT", alerts, { target: hook }, { token }),
        api.ask("DELETE", alerts, undefined, { token }),
      ]);
      assert.deepEqual(
        answers.map(({ status }) => status),
        [403, 403, 403],
      );
    }
  });

  for (const [what, body, field] of [
    ["no target", {}, "target"],
    ["a function", { target: { type: "function", function_id: 1 } }, "target.type"],
    ["an address inside", { target: { ...hook, url: "http://127.0.0.1/" } }, "target.url"],
    ["no address", { target: { type: "email", address: "nobody" } }, "target.address"],
    ["a macro that no alert has", { target: { ...hook, url: "https://alerts.example/${path}" } }, "target.url"],
  ] as const) {
    it(`refuses ${what}, and keeps what there is`, async () => {
      await using api = await testApi();
      await api.ask("PUT", alerts, { target: hook });
      const { status, fields } = await api.ask("PUT", alerts, body);
      assert.deepEqual([status, fields[0]?.path], [400, field]);
      assert.notEqual((await api.ask("GET", alerts)).data["subscription"], null);
    });
  }
});
