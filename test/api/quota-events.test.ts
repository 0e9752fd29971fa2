/** How many events a second a tenant may make. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import { Event, EventService } from "../../src/index.ts";
import { runServer } from "../support/in-process.ts";
import { ask, Bucket, give, outcome, put, quotaServer } from "../support/quotas.ts";

describe("events per second", () => {
  it("are refused beyond the limit by S3 and the API, and nothing is done", async () => {
    await using server = await quotaServer();
    const { s3 } = server;
    await s3.send(new CreateBucketCommand({ Bucket }));
    await put(s3, "there", "x");
    await give(server, { events_per_second: 0 });
    assert.equal(await outcome(put(s3, "k", "x")), "503 SlowDown");
    assert.equal(await outcome(s3.send(new DeleteObjectCommand({ Bucket, Key: "there" }))), "503 SlowDown");
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "there" }, { Key: "x" }] } }),
    );
    assert.deepEqual(
      Errors.map(({ Code }) => Code),
      ["SlowDown", "SlowDown"],
    );
    const user = await ask(server, "POST", "/api/cloud/users/", { username: "jo", email: "jo@example.com" });
    assert.deepEqual([user.status, user.code], [429, "too_many_requests"]);
    assert.deepEqual(user.data["quota"], "events_per_second");
    // What makes no event goes on.
    assert.equal(await outcome(s3.send(new ListObjectsV2Command({ Bucket }))), "200");
    await give(server, { events_per_second: null });
    assert.equal(await outcome(put(s3, "k", "x")), "200");
    assert.equal((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount, 2);
  });

  it("are not passed by many at once", async () => {
    await using server = await quotaServer({ SIGNALBOX_QUOTA_EVENTS_PER_SECOND: "1" });
    await give(server, { events_per_second: 1_000 });
    await server.s3.send(new CreateBucketCommand({ Bucket }));
    await give(server, { events_per_second: 1 });
    const startedMs = performance.now();
    const ends = await Promise.all(Array.from({ length: 60 }, (_, nth) => outcome(put(server.s3, `k${nth}`, "x"))));
    const made = ends.filter((end) => end === "200").length;
    const seconds = (performance.now() - startedMs) / 1_000;
    assert.ok(made >= 1 && made <= 2 + Math.ceil(seconds), `${made} in ${seconds} s`);
    assert.deepEqual([...new Set(ends)].sort(), ["200", "503 SlowDown"]);
  });

  it("are refused to the programs of a host, before anything is begun", async () => {
    await using server = await runServer();
    const { signalbox } = server;
    await give(server, { events_per_second: 0 });
    const service = new EventService({ tenant: "default" });
    for (const work of [
      () => service.publishEvent(new Event({ event_type: "POST_USER_CREATE", params: {} })),
      () => service.around("USER_CREATE", {}, () => assert.fail("it was begun")),
      () => signalbox.users("default").create({ username: "jo", email: "jo@example.com" }),
      () => signalbox.publish({ tenant: "default", resource: "0-101" as never, names: {}, owners: [], data: {} }),
    ]) {
      await assert.rejects(async () => work(), { code: "too_many_requests" });
    }
    assert.equal(
      await signalbox
        .users("default")
        .get(1)
        .catch(({ code }: { readonly code: string }) => code),
      "not_found",
    );
    await give(server, { events_per_second: null });
    await signalbox.users("default").create({ username: "jo", email: "jo@example.com" });
  });
});
