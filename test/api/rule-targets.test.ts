import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseUuid } from "../../src/domain/ids.ts";
import { sendsToWebhook } from "../../src/domain/subscription.ts";
import { testApi } from "../support/api.ts";
import { made, rules, secretsOf, url } from "../support/photo-rules.ts";
import { stored } from "../support/stored.ts";

describe("what a rule says to its receiver", () => {
  const noSecrets = [
    [
      { type: "basic", username: "", password: "" },
      { type: "basic", username: "" },
    ],
    [
      { type: "basic", username: "u", password: "" },
      { type: "basic", username: "u" },
    ],
    [
      { type: "basic", username: "", password: "hush" },
      { type: "basic", username: "" },
    ],
    [{ type: "header", value: "Splunk hush-0123" }, { type: "header" }],
  ] as const;

  it("is Basic with an empty name or password, or any other scheme, and never shown", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    for (const [auth, shown] of noSecrets) {
      const created = await api.ask("POST", rules, { url, auth });
      assert.equal(created.status, 201, created.text);
      const id = String(created.data["id"]);
      const read = await api.ask("GET", `${rules}${id}/`);
      assert.deepEqual([created.data["auth"], read.data["auth"]], [shown, shown]);
      assert.doesNotMatch(created.text + read.text, /hush/);
      assert.deepEqual((await secretsOf(api, id)).auth, auth);
      const moved = await api.ask("PATCH", `${rules}${id}/`, { url: "https://evil.example/" });
      assert.deepEqual([moved.status, moved.fields[0]?.path], [400, "auth"]);
    }
  });

  it("may go to a URL with macros, which stay as they were written", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const template = "https://receiver.example/${EVENT}?key=${PATH}&u=${UUID}";
    const id = await made(api, { url: template, auth: noSecrets[3][0] });
    const one = `${rules}${id}/`;
    assert.equal((await api.ask("GET", one)).data["url"], template);
    const same = await api.ask("PATCH", one, { url: "https://receiver.example/${TIME}" });
    assert.equal(same.status, 200, same.text);
    assert.equal((await api.ask("PATCH", one, { url: "https://other.example/${TIME}" })).fields[0]?.path, "auth");
  });

  it("may be mended where an older version took a URL that is no template", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const id = await made(api);
    const uuid = parseUuid(id);
    assert.ok(uuid);
    const before = await api.deps.store.subscriptions.get(uuid);
    assert.ok(before !== undefined && sendsToWebhook(before));
    const patch = { target: { ...before.target, url: stored("https://receiver.example/?u=${unclosed") } };
    await api.deps.store.commit({ changes: [{ do: "subscription.change", uuid, patch, atMs: 1 }] });
    const mended = await api.ask("PATCH", `${rules}${id}/`, { url: "https://receiver.example/?u=${UUID}" });
    assert.equal(mended.status, 200, mended.text);
  });
});
