import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { runServer } from "../support/in-process.ts";
import { httpListener } from "../support/listeners.ts";
import { until } from "../support/until.ts";

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly attempt_count: number;
  readonly rule: string;
  readonly event: { readonly key: string };
}

describe("deliveries whose first attempt is under way", () => {
  it("are listed and shown before anything of them is recorded, page by page with the others", async () => {
    const held: ServerResponse[] = [];
    await using receiver = await httpListener((_, response) => void held.push(response));
    await using server = await runServer();
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    const rule = await server.api<{ id: string }>("POST", "/api/cloud/buckets/photos/notifications/", {
      url: `http://127.0.0.1:${receiver.port}/`,
    });
    for (const Key of ["a", "b", "c"]) {
      await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key, Body: "x" }));
    }
    await until("all are under way", () => held.length === 3);
    const path = "/api/cloud/deliveries/";
    const list = (query: string) =>
      server.api<{ deliveries: Shown[]; next_cursor?: string }>("GET", `${path}?${query}`);
    const keys = async (query: string) => (await list(query)).deliveries.map(({ event: { key } }) => key);
    for (const query of ["", "status=waiting", "bucket=photos", `rule=${rule.id}`, "status=waiting&limit=3"]) {
      assert.deepEqual(await keys(query), ["c", "b", "a"], query);
    }
    for (const none of ["status=delivered", "until=2020-01-01T00:00:00Z"]) assert.deepEqual(await keys(none), [], none);
    const first = await list("limit=2");
    assert.deepEqual(await keys(`limit=2&cursor=${first.next_cursor}`), ["a"]);
    const [one = assert.fail("it is listed")] = first.deliveries;
    assert.deepEqual([one.status, one.attempt_count, one.rule], ["waiting", 0, rule.id]);
    assert.deepEqual(await server.api("GET", `${path}${one.id}/`), { ...one, attempts: [] });
    await assert.rejects(server.api("POST", `${path}${one.id}/redrive/`), /still waits/);

    for (const response of held) response.end();
    await until("all are recorded", async () => (await keys("status=delivered")).length === 3);
    assert.deepEqual(await keys(""), ["c", "b", "a"]);
  });
});
