/** Quotas of what the API makes, and how operators give them. */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CreateBucketCommand, DeleteBucketCommand } from "@aws-sdk/client-s3";
import { ask, Bucket, give, outcome, quotaServer, type Shown, tenantPath } from "../support/quotas.ts";
import { serverProcess } from "../support/server-process.ts";

describe("quotas of what the API makes", () => {
  it("are refused with the quota, its limit, what there is and the remedy", async () => {
    await using server = await quotaServer({ SIGNALBOX_QUOTA_BUCKETS: "1", SIGNALBOX_QUOTA_FUNCTIONS: "1" });
    const { s3, api } = server;
    assert.equal(await outcome(s3.send(new CreateBucketCommand({ Bucket }))), "200");
    assert.equal(await outcome(s3.send(new CreateBucketCommand({ Bucket: "beta" }))), "400 TooManyBuckets");
    await s3.send(new DeleteBucketCommand({ Bucket }));
    assert.equal(await outcome(s3.send(new CreateBucketCommand({ Bucket }))), "200");

    await give(server, { principals: 2, subscriptions: 1 });
    await api("POST", "/api/cloud/tokens/", { principal: "ann", role: "member" });
    await api("POST", "/api/cloud/tokens/", { principal: "ann" });
    const third = await ask(server, "POST", "/api/cloud/tokens/", { principal: "ben", role: "member" });
    assert.deepEqual([third.status, third.code], [409, "quota_exceeded"]);
    assert.deepEqual(third.data, { quota: "principals", limit: 2, used: 2, wanted: 3 });
    assert.match(third.message, /may have 2 principals, has 2.*ask the operator for a larger quota/);

    const subscription = { event: "*", bucket: Bucket, target: { type: "webhook", url: "https://example.com/" } };
    const rule = { url: "https://example.com/" };
    await api("POST", "/api/cloud/subscriptions/", subscription);
    const more = [
      ["/api/cloud/subscriptions/", subscription],
      [`/api/cloud/buckets/${Bucket}/notifications/`, rule],
    ] as const;
    for (const [path, body] of more) {
      const refused = await ask(server, "POST", path, body);
      assert.deepEqual(
        [refused.status, refused.code, refused.data["quota"]],
        [409, "quota_exceeded", "subscriptions"],
        path,
      );
    }
    await api("POST", "/api/apps/", { name: "An app", slug: "the-app" });
    const fn = { name: "A", code: "export default () => 1;" };
    await api("POST", "/api/apps/the-app/functions/", fn);
    const second = await ask(server, "POST", "/api/apps/the-app/functions/", { ...fn, name: "B" });
    assert.deepEqual([second.code, second.data["quota"], second.data["limit"]], ["quota_exceeded", "functions", 1]);
    await api("DELETE", "/api/apps/the-app/functions/a/");
    await api("POST", "/api/apps/the-app/functions/", { ...fn, name: "B" });
  });

  it("are an operator's to give, hold at once and for one tenant, and outlast the process", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-quotas-"));
    await using made = new AsyncDisposableStack();
    made.defer(() => rm(folder, { recursive: true, force: true }));
    {
      await using server = await serverProcess({ folder });
      await server.api("POST", "/api/cloud/tenants/", { id: "other" });
      await server.api("PATCH", "/api/cloud/tenants/other/", { quotas: { buckets: 5, events_per_second: 3 } });
      const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
        principal: "ann",
        role: "admin",
      });
      const asAdmin = await ask({ ...server, token }, "PATCH", tenantPath, { quotas: { buckets: 5 } });
      assert.equal(asAdmin.status, 403);
      for (const [wrong, path] of [
        [{ bucket: 1 }, "quotas.bucket"],
        [{ buckets: -1 }, "quotas.buckets"],
        [{ buckets: 1.5 }, "quotas.buckets"],
        [{ buckets: "1" }, "quotas.buckets"],
      ] as const) {
        const refused = await ask(server, "PATCH", tenantPath, { quotas: wrong });
        assert.equal(refused.status, 400);
        assert.ok(refused.message.includes(path), refused.message);
      }
      assert.equal((await ask(server, "PATCH", "/api/cloud/tenants/none/", { quotas: { buckets: 1 } })).status, 404);
    }
    await using again = await serverProcess({ folder });
    const { tenants } = await again.api<{
      readonly tenants: readonly { readonly id: string; readonly quotas: readonly Shown[] }[];
    }>("GET", "/api/cloud/tenants/");
    const shown = tenants.map(({ id, quotas: of }) => [
      id,
      ...of.filter(({ source }) => source === "tenant").map(({ name, limit }) => `${name} ${limit}`),
    ]);
    assert.deepEqual(shown, [["default"], ["other", "buckets 5", "events_per_second 3"]]);
  });
});
