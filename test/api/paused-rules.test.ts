import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseUuid } from "../../src/domain/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

const rules = "/api/cloud/buckets/photos/notifications/";
const url = "https://receiver.example/hook";

async function made(api: TestApi): Promise<string> {
  const { status, data, text } = await api.ask("POST", rules, { url });
  assert.equal(status, 201, text);
  return String(data["id"]);
}

describe("a paused rule", () => {
  it("is shown as such, and goes on when it is resumed", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const id = await made(api);
    const uuid = parseUuid(id);
    assert.ok(uuid);
    const resume = `${rules}${id}/resume/`;
    const refused = await api.ask("POST", resume);
    assert.deepEqual([refused.status, refused.code], [409, "conflict"]);
    const paused = { reason: "gone", sinceMs: api.clock.now() } as const;
    await api.deps.store.commit({ changes: [{ do: "subscription.change", uuid, patch: { paused }, atMs: 1 }] });
    const shown = (await api.ask("GET", `${rules}${id}/`)).data["paused"];
    assert.deepEqual(shown, { reason: "gone", since: "2026-01-01T00:00:00.000Z" });
    const resumed = await api.ask("POST", resume);
    assert.deepEqual([resumed.status, resumed.data["paused"], api.woken.length], [200, null, 1]);
    assert.equal((await api.ask("POST", resume)).status, 409);
  });

  it("goes on when it is enabled, but not when something else of it is changed", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const id = await made(api);
    const uuid = parseUuid(id);
    assert.ok(uuid);
    for (const reason of ["gone", "filter"] as const) {
      const patch = { paused: { reason, sinceMs: 1 } };
      await api.deps.store.commit({ changes: [{ do: "subscription.change", uuid, patch, atMs: 1 }] });
      const changed = await api.ask("PATCH", `${rules}${id}/`, { max_retries: 5 });
      assert.equal((changed.data["paused"] as { reason: string }).reason, reason);
      const woken = api.woken.length;
      const { status, data } = await api.ask("PATCH", `${rules}${id}/`, { enabled: true });
      assert.deepEqual([status, data["paused"], api.woken.length - woken], [200, null, 1]);
    }
    const patch = { paused: { reason: "owner_ended", sinceMs: 1 } } as const;
    await api.deps.store.commit({ changes: [{ do: "subscription.change", uuid, patch, atMs: 1 }] });
    const refused = await api.ask("PATCH", `${rules}${id}/`, { enabled: true });
    assert.deepEqual([refused.status, refused.code], [409, "conflict"]);
    assert.match(refused.message, /resume\//);
  });
});
