/** A process that comes to work on a database that others work on: it joins, or is refused with what to do. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type Nodes, nodesOn } from "../support/nodes.ts";
import { postgresServer } from "../support/postgres.ts";
import { secretKey } from "../support/postgres-server.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { shared } from "../support/shared.ts";
import { until } from "../support/until.ts";

const Bucket = "photos";

interface ShownNode {
  readonly id: string;
  readonly address: string;
  readonly version: string;
  readonly shards: number;
  readonly self: boolean;
}

async function nodesOf(server: ServerProcess): Promise<readonly ShownNode[]> {
  return (await server.api<{ readonly nodes: readonly ShownNode[] }>("GET", "/api/cloud/nodes/")).nodes;
}

async function put({ s3 }: ServerProcess, Key: string, Body: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
}

async function get({ s3 }: ServerProcess, Key: string): Promise<string | undefined> {
  return (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
}

describe("a process on a database that others work on", () => {
  const postgres = shared(() => postgresServer());
  const nodes = async (): Promise<Nodes> => nodesOn(await postgres().database());

  it("joins them with an empty folder of its own, though they start at once", async () => {
    await using on = await nodes();
    const [one, other] = await Promise.all([on.node("a"), on.node("b")]);
    await using _one = one;
    await using _other = other;
    await one.s3.send(new CreateBucketCommand({ Bucket }));
    await put(one, "a", "bytes of a");
    await put(other, "b", "bytes of b");
    assert.deepEqual([await get(other, "a"), await get(one, "b")], ["bytes of a", "bytes of b"]);
    await until("each has its share", async () => (await nodesOf(one)).every(({ shards }) => shards === 32));
    const [seen, seenByOther] = [await nodesOf(one), await nodesOf(other)];
    assert.deepEqual(seen.map(({ address }) => address).toSorted(), [one.url, other.url].toSorted());
    assert.deepEqual(
      [seen, seenByOther].map((all) => all.find(({ self }) => self)?.address),
      [one.url, other.url],
    );
    assert.match(await (await fetch(`${one.url}/metrics`)).text(), /^signalbox_nodes 2$/m);
    assert.equal(await other.stop(), 0);
    await until("the one that stays has all", async () => (await nodesOf(one))[0]?.shards === 64);
    assert.equal((await nodesOf(one)).length, 1);
    assert.doesNotMatch(`${one.log}${other.log}`, /settings differ|older than|does not have|not only, this server/);
  });

  it("is refused without a bucket, whichever of them has none", async () => {
    await using on = await nodes();
    {
      await using _one = await on.node("a");
      const { ending, log } = await on.refused("b", {
        SIGNALBOX_BLOBS: "",
        SIGNALBOX_BLOBS_ACCESS_KEY_ID: "",
        SIGNALBOX_BLOBS_SECRET_ACCESS_KEY: "",
      });
      assert.equal(ending, 1);
      assert.match(log, /SIGNALBOX_BLOBS/);
    }
    await using alone = await nodesOn(await postgres().database());
    const bare = { SIGNALBOX_BLOBS: "", SIGNALBOX_BLOBS_ACCESS_KEY_ID: "", SIGNALBOX_BLOBS_SECRET_ACCESS_KEY: "" };
    await using _first = await alone.node("a", bare);
    const { log } = await alone.refused("b", bare);
    assert.match(log, /SIGNALBOX_BLOBS/);
  });

  it("is refused where it, or another, has no public URL", async () => {
    await using on = await nodes();
    {
      await using one = await on.node("a");
      const { log } = await on.refused("b", { SIGNALBOX_PUBLIC_URL: "" });
      assert.match(log, /SIGNALBOX_PUBLIC_URL is missing here: set it to the address of all of them/);
      assert.equal(await one.stop(), 0);
    }
    await using one = await on.node("a", { SIGNALBOX_PUBLIC_URL: "" });
    assert.match(one.log, /SIGNALBOX_PUBLIC_URL is not set: no other node can work on the database/);
    const { log } = await on.refused("b");
    assert.match(log, new RegExp(`SIGNALBOX_PUBLIC_URL is missing on ${one.url}`));
    await until("the one without is told", () => one.log.includes("another node could not join"));
  });

  it("is refused with another key, and with a bucket of another database's", async () => {
    await using on = await nodes();
    await using _one = await on.node("a");
    const other = await on.refused("b", { SIGNALBOX_SECRET_KEY: randomBytes(32).toString("base64") });
    assert.match(other.log, /sealed with another key/);
    const elsewhere = await on.refused("c", { SIGNALBOX_STORE: await postgres().database() });
    assert.match(elsewhere.log, /has the bytes of another Signalbox/);
  });

  it("says which of its settings are not the others'", async () => {
    await using on = await nodes();
    await using _one = await on.node("a");
    await using other = await on.node("b", { SIGNALBOX_RETENTION_DAYS: "7", SIGNALBOX_QUOTA_OBJECTS: "5" });
    assert.match(
      other.log,
      /"settings":\["SIGNALBOX_RETENTION_DAYS","SIGNALBOX_QUOTA_OBJECTS"\],"msg":"settings differ from another node's/,
    );
  });

  it("changes the key with them, one after the other, while each reads what the others seal", async () => {
    await using on = await nodes();
    const next = randomBytes(32).toString("base64");
    const known = { SIGNALBOX_SECRET_KEY: secretKey, SIGNALBOX_SECRET_KEY_PREVIOUS: next };
    const changed = { SIGNALBOX_SECRET_KEY: next, SIGNALBOX_SECRET_KEY_PREVIOUS: secretKey };
    const keyOf = async (server: ServerProcess, id: string): Promise<void> => {
      const { access_key_id: made } = await server.api<{ access_key_id: string }>("POST", "/api/cloud/access-keys/", {
        principal: id,
      });
      assert.ok(made);
    };
    await using stack = new AsyncDisposableStack();
    const start = async (name: string, env = {}): Promise<ServerProcess> => stack.use(await on.node(name, env));
    let [a, b] = [await start("a"), await start("b")];
    await a.s3.send(new CreateBucketCommand({ Bucket }));
    const { log } = await on.refused("c", changed);
    assert.match(
      log,
      /could not be opened by .*: start each node with its key as it was and the new one as SIGNALBOX_SECRET_KEY_PREVIOUS/,
    );
    await a.stop();
    a = await start("a", known);
    await b.stop();
    b = await start("b", known);
    // Before the ones of before have ended, as where pods are replaced.
    const a2 = await start("a2", changed);
    assert.match(a2.log, /the key is being changed: other nodes seal with the one before/);
    // What signs requests to S3 is sealed: each node opens what the new one has sealed, and the new one what they seal.
    await put(b, "x", "by the old key");
    await put(a2, "y", "by the new key");
    await keyOf(b, "admin");
    await a.stop();
    const b2 = await start("b2", changed);
    await b.stop();
    await until("the change is finished", () => /"the key is changed/.test(a2.log + b2.log));
    await a2.stop();
    await using c = await on.node("c", { SIGNALBOX_SECRET_KEY: next });
    assert.equal(await get(c, "x"), "by the old key");
    await b2.stop();
  });
});
