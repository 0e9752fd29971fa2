/** Runs of several nodes: one that goes on is not ended by the start of another, and one that is over has ended with all that it committed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { nodesOn } from "../support/nodes.ts";
import { postgresServer } from "../support/postgres.ts";
import { joinNode } from "../support/postgres-nodes.ts";
import { until } from "../support/until.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());

const Bucket = "photos";

describe("the run of a node", () => {
  it("goes on while others start, and has ended when it is over", async () => {
    const url = await server.database();
    await using on = await nodesOn(url);
    const [first, second] = [await on.node("a"), await on.node("b")];
    await using _first = first;
    await using _second = second;
    await using seen = await joinNode(url);
    const { cluster, store } = seen;
    const nodes = await cluster.nodes();
    const idOf = ({ url: address }: { readonly url: string }): string =>
      nodes.find((node) => node.address === address)?.id ?? "";
    const [a, b] = [idOf(first), idOf(second)];
    assert.deepEqual(await store.upkeep.completeRuns([a, b]), new Set());
    await second.kill();
    await until("it is over", () => cluster.isGone(b));
    assert.deepEqual(await store.upkeep.completeRuns([a, b]), new Set([b]));
    await using _again = await on.node("b");
    assert.deepEqual(await store.upkeep.completeRuns([a, b]), new Set([b]));
  });

  it("has not ended well where its folder knows of an event that the database has lost, though others have gone on", async () => {
    const url = await server.database();
    await using on = await nodesOn(url);
    await using other = await on.node("b");
    await using node = await on.node("a");
    await node.s3.send(new CreateBucketCommand({ Bucket }));
    await node.s3.send(new PutObjectCommand({ Bucket, Key: "lost", Body: "bytes" }));
    await node.kill();
    const [, , run = "", sequence = ""] = readFileSync(join(on.folder("a"), "blobs", "commits.mark"), "utf8")
      .trim()
      .split(" ");
    await other.s3.send(new PutObjectCommand({ Bucket, Key: "later", Body: "bytes" }));
    await server.run(
      `DELETE FROM signalbox.event WHERE sequence = ${Number(sequence)}`,
      new URL(url).pathname.slice(1),
    );
    await using again = await on.node("a");
    assert.match(again.log, /the database is older than the bytes of the objects/);
    await using seen = await joinNode(url);
    assert.deepEqual(await seen.store.upkeep.completeRuns([run]), new Set());
  });
});
