/** `capture`, of rules and of subscriptions of every face. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";
import { makeApp, makeFunction } from "../support/functions.ts";

const url = "https://receiver.example/hook";
const target = { type: "webhook", url };
const rules = "/api/cloud/buckets/photos/notifications/";
const subscriptions = "/api/cloud/subscriptions/";
const subscribers = "/api/cloud/events/POST_USER_CREATE/";

describe("what is captured of attempts", () => {
  it("is said when a subscription to a webhook is made or changed, and shown, on every face", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    for (const [at, body] of [
      [rules, { url }],
      [subscriptions, { event: "*", bucket: "photos", target }],
      [subscriptions, { event: "POST_USER_CREATE", target }],
      [subscriptions, { event: "CREATED", resource: "*", target }],
    ] as const) {
      assert.equal((await api.ask("POST", at, body)).data["capture"], "failures", "by default");
      const made = await api.ask("POST", at, { ...body, capture: "all" });
      assert.equal(made.data["capture"], "all", made.text);
      const here = `${at}${String(made.data["id"])}/`;
      assert.equal((await api.ask("PATCH", here, { enabled: false })).data["capture"], "all", "it stays");
      assert.equal((await api.ask("GET", here)).data["capture"], "all");
      assert.equal((await api.ask("PATCH", here, { capture: "failures" })).data["capture"], "failures");
      assert.equal((await api.ask("PATCH", here, { capture: "all" })).data["capture"], "all");
      for (const wrong of ["none", null, true]) {
        const { status, fields } = await api.ask("PATCH", here, { capture: wrong });
        assert.deepEqual([status, fields[0]?.path], [400, "capture"]);
      }
    }
  });

  it("is nothing more of functions and mails, which says why", async () => {
    await using api = await testApi();
    await makeApp(api);
    const fn = await makeFunction(api);
    const mail = { event: "CREATED", resource: "*", target: { type: "email", address: "a@b.example" } };
    for (const [at, to, body, why] of [
      [subscriptions, subscriptions, mail, /mail server/],
      [`${subscribers}subscribe/`, `${subscribers}subscribers/`, { function_id: fn.id }, /invocation/],
    ] as const) {
      const refused = await api.ask("POST", at, { ...body, capture: "all" });
      assert.deepEqual([refused.status, refused.fields[0]?.path], [400, "capture"]);
      assert.match(refused.message, why);
      const made = await api.ask("POST", at, { ...body, capture: "failures" });
      assert.equal(made.data["capture"], "failures", made.text);
      const changed = await api.ask("PATCH", `${to}${String(made.data["id"])}/`, { capture: "all" });
      assert.deepEqual([changed.status, changed.fields[0]?.path], [400, "capture"]);
    }
  });

  it("ends with a webhook whose place another target takes", async () => {
    await using api = await testApi();
    const made = await api.ask("POST", subscriptions, { event: "CREATED", resource: "*", target, capture: "all" });
    const id = String(made.data["id"]);
    const path = `/notifications/v2/${id}/`;
    const moved = await api.ask("POST", path, { associatedUuid: "*", event: "CREATED", url: "a@b.example" });
    assert.equal(moved.status, 200, moved.text);
    const shown = await api.ask("GET", `${subscriptions}${id}/`);
    assert.deepEqual([shown.data["capture"], (shown.data["target"] as { type: string }).type], ["failures", "email"]);
  });
});
