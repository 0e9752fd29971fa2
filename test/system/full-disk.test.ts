/** What a full disk refuses, what it leaves alone, and what is lost by it: nothing. Needs root, for a disk of its own. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DeleteObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { failure } from "../support/s3.ts";
import { adminToken, refusedServer, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { areHeard, Bucket, bare, fillUp, full, health, isReadable, put, rules, scene, withRule } from "./scene.ts";

describe("a full disk", () => {
  it("refuses writes clearly, goes on reading, and all is well again when there is space, without a restart", async () => {
    await using at = await scene();
    await using server = await serverProcess({ folder: at.folder, env: bare });
    await withRule(server, at.url);
    const kept = new Map([
      ["kept/small", 10],
      ["kept/large", 1_000_000],
    ]);
    for (const [key, size] of kept) await put(server, key, size);
    for (const [key, size] of await fillUp(at, server)) kept.set(key, size);

    assert.equal(await failure(put(server, "refused/one", 10)), full);
    assert.equal(await failure(put(server, "kept/small", 10)), full, "also an overwrite");
    assert.equal(await failure(server.s3.send(new DeleteObjectCommand({ Bucket, Key: "kept/small" }))), full);
    await assert.rejects(server.api("POST", rules, { url: at.url }), /507 .*storage_full/);
    const { status, message } = await health(server);
    assert.equal(status, 503);
    assert.match(message, /disk is full/);

    await isReadable(server, kept);
    const listed = await server.s3.send(new ListObjectsV2Command({ Bucket }));
    assert.deepEqual(listed.Contents?.map(({ Key }) => Key).toSorted(), [...kept.keys()].toSorted());
    assert.equal((await server.api<{ rules: unknown[] }>("GET", rules)).rules.length, 1);

    await at.disk.free("ballast");
    await until("it accepts work", async () => (await health(server)).status === 200);
    await put(server, "after", 200_000);
    kept.set("after", 200_000);
    await server.api("POST", rules, { url: `${at.url}/second` });
    await isReadable(server, kept);
    await areHeard(at, kept);
    assert.deepEqual([...at.heard.keys()].toSorted(), [...kept.keys()].toSorted(), "and of nothing that was refused");
    assert.equal(await server.stop(), 0);
  });

  it("does not lose what became of attempts: it is recorded when there is space, and nothing is sent again", async () => {
    await using at = await scene();
    await using server = await serverProcess({ folder: at.folder, env: bare });
    await withRule(server, at.url);
    const released = Promise.withResolvers<void>();
    at.before = () => released.promise;
    await put(server, "under way", 10);
    await until("it is under way", () => at.requests > 0);
    const written = await fillUp(at, server);
    released.resolve();
    await until("outcomes wait", () => server.log.includes("outcomes are not yet durable"));
    await at.disk.free("ballast");
    await areHeard(at, written);
    const list = "/api/cloud/deliveries/?status=delivered&limit=100";
    const delivered = async (): Promise<readonly { readonly attempt_count: number }[]> =>
      (await server.api<{ deliveries: { attempt_count: number }[] }>("GET", list)).deliveries;
    await until("all is recorded", async () => (await delivered()).length === written.size + 1);
    assert.ok((await delivered()).every(({ attempt_count }) => attempt_count === 1));
    assert.equal(at.requests, written.size + 1);
    assert.equal(await server.stop(), 0);
  });

  it("and kill -9 together lose nothing; a start without space says so, and one with space goes on", async () => {
    await using at = await scene();
    let written = new Map<string, number>();
    {
      await using server = await serverProcess({ folder: at.folder, env: bare });
      await withRule(server, at.url);
      at.before = () => new Promise(() => {});
      await put(server, "under way", 10);
      await until("it is under way", () => at.requests > 0);
      written = await fillUp(at, server);
      written.set("under way", 10);
      await server.kill();
    }
    at.heard.clear();
    at.before = () => Promise.resolve();
    const refused = await refusedServer({ folder: at.folder, env: bare });
    assert.equal(refused.ending, 1);
    assert.match(refused.log, /disk is full/);
    await at.disk.free("ballast");
    await using server = await serverProcess({ folder: at.folder, env: bare });
    await isReadable(server, written);
    await areHeard(at, written);
    const waiting = `${server.url}/api/cloud/deliveries/?status=waiting`;
    await until("nothing waits", async () => {
      const answer = await fetch(waiting, { headers: { authorization: `Bearer ${adminToken}` } });
      return ((await answer.json()) as { data: { deliveries: unknown[] } }).data.deliveries.length === 0;
    });
    assert.equal(await server.stop(), 0);
  });
});
