/** A node that stops in the middle of its work. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { httpListener } from "../support/listeners.ts";
import { nodesOn } from "../support/nodes.ts";
import { postgresServer } from "../support/postgres.ts";
import { until } from "../support/until.ts";

const Bucket = "photos";

it("a node that stops leaves an attempt that hangs to the other, though it may wait for long", async () => {
  let requests = 0;
  await using receiver = await httpListener((request, response) => {
    requests += 1;
    request.resume();
    // The first is never answered.
    if (requests > 1) response.end();
  });
  await using postgres = await postgresServer();
  await using on = await nodesOn(await postgres.database());
  await using one = await on.node("one", { SIGNALBOX_SHUTDOWN_GRACE_MS: "600000" });
  await using other = await on.node("other");
  await one.s3.send(new CreateBucketCommand({ Bucket }));
  const url = `http://127.0.0.1:${receiver.port}/`;
  await one.api("POST", `/api/cloud/buckets/${Bucket}/notifications/`, { url, timeout_ms: 30_000 });
  await one.s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "a" }));
  await until("it is under way", () => requests === 1);
  assert.equal(await one.stop(), 0);
  const path = "/api/cloud/deliveries/?status=delivered";
  const delivered = async () => (await other.api<{ deliveries: { attempt_count: number }[] }>("GET", path)).deliveries;
  await until("the other has made it", async () => (await delivered()).length === 1);
  // One that had run into its limit would count.
  assert.deepEqual([requests, (await delivered())[0]?.attempt_count], [2, 1]);
});
