/** What a full disk refuses, what it leaves alone, and what is lost by it: nothing. Needs root, for a disk of its own. */
import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { bodyOf, httpListener } from "../support/listeners.ts";
import { failure } from "../support/s3.ts";
import { adminToken, refusedServer, type ServerProcess, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { type SmallDisk, smallDisk } from "./small-disk.ts";

const Bucket = "alpha";
const rules = `/api/cloud/buckets/${Bucket}/notifications/`;
const full = "507 InsufficientStorage";

interface Scene extends AsyncDisposable {
  readonly disk: SmallDisk;
  readonly folder: string;
  readonly url: string;
  /** `webhook-id`s by key: what arrived. */
  readonly heard: Map<string, Set<string>>;
  /** How many requests came, those included that were never answered. */
  requests: number;
  /** Called for each request before it is acknowledged. */
  before: () => Promise<void>;
}

async function scene(): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  const disk = opened.use(await smallDisk(24));
  const heard = new Map<string, Set<string>>();
  const hear = async (request: IncomingMessage): Promise<void> => {
    self.requests += 1;
    const [event] = (JSON.parse(await bodyOf(request)) as { events: [{ object: { key: string } }] }).events;
    const ids = heard.get(event.object.key) ?? new Set();
    heard.set(event.object.key, ids.add(String(request.headers["webhook-id"])));
    await self.before();
  };
  const listener = opened.use(
    await httpListener((request, response) => {
      void hear(request).then(
        () => response.end(),
        () => response.destroy(),
      );
    }),
  );
  const owned = opened.move();
  const self: Scene = {
    disk,
    folder: join(disk.path, "data"),
    url: `http://127.0.0.1:${listener.port}/hook`,
    heard,
    requests: 0,
    before: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
  return self;
}

async function withRule(server: ServerProcess, url: string): Promise<void> {
  await server.s3.send(new CreateBucketCommand({ Bucket }));
  await server.api("POST", rules, { url });
}

function put({ s3 }: ServerProcess, Key: string, size: number): Promise<unknown> {
  return s3.send(new PutObjectCommand({ Bucket, Key, Body: bytesOf(Key, size) }));
}

function bytesOf(key: string, size: number): Buffer {
  return Buffer.alloc(size, key);
}

/** Writes objects of that size until one is refused, which must be for the disk. Resolves with those acknowledged. */
async function putUntilFull(server: ServerProcess, prefix: string, size: number): Promise<Map<string, number>> {
  const acknowledged = new Map<string, number>();
  for (let count = 0; count < 5_000; count++) {
    const key = `${prefix}${count}`;
    const answer = await failure(put(server, key, size));
    if (answer === full) return acknowledged;
    assert.equal(answer, "ok");
    acknowledged.set(key, size);
  }
  return assert.fail("the disk does not fill");
}

/** Not a byte is left, neither in files nor for a commit. */
async function fillUp({ disk }: Scene, server: ServerProcess): Promise<Map<string, number>> {
  await disk.fill("ballast", 1_500_000);
  const acknowledged = await putUntilFull(server, "filling/", 100_000);
  await disk.fill("crumbs");
  // Commits go on as long as the database's own files have room inside.
  for (let count = 0; count < 5_000; count++) {
    const refused = await failure(server.s3.send(new CreateBucketCommand({ Bucket: `another-bucket-${count}` })));
    if (refused === full) return acknowledged;
    assert.equal(refused, "ok");
  }
  return assert.fail("commits can be made without end");
}

async function health({ url }: ServerProcess): Promise<{ readonly status: number; readonly message: string }> {
  const answer = await fetch(`${url}/healthz`);
  const { message } = (await answer.json()) as { message: string };
  return { status: answer.status, message };
}

async function isReadable({ s3 }: ServerProcess, objects: ReadonlyMap<string, number>): Promise<void> {
  for (const [Key, size] of objects) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    assert.ok(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(bytesOf(Key, size)), Key);
  }
}

async function areHeard({ heard }: Scene, objects: ReadonlyMap<string, number>): Promise<void> {
  for (const key of objects.keys()) {
    await until(`${key} is heard of`, () => heard.has(key));
    assert.equal(heard.get(key)?.size, 1, `${key} has one id`);
  }
}

describe("a full disk", () => {
  it("refuses writes clearly, goes on reading, and all is well again when there is space, without a restart", async () => {
    await using at = await scene();
    await using server = await serverProcess({ folder: at.folder });
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
    await using server = await serverProcess({ folder: at.folder });
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
      await using server = await serverProcess({ folder: at.folder });
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
    const refused = await refusedServer({ folder: at.folder });
    assert.equal(refused.ending, 1);
    assert.match(refused.log, /disk is full/);
    await at.disk.free("ballast");
    await using server = await serverProcess({ folder: at.folder });
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
