/** A server on a disk of its own that is full, and what hears of its events. */
import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { bodyOf, httpListener } from "../support/listeners.ts";
import { failure } from "../support/s3.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { type SmallDisk, smallDisk } from "./small-disk.ts";

export const Bucket = "alpha";
export const rules = `/api/cloud/buckets/${Bucket}/notifications/`;
export const full = "507 InsufficientStorage";

export interface Scene extends AsyncDisposable {
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

export async function scene(): Promise<Scene> {
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

/** Of a folder without a reserve: not a byte is left for anything. */
export const bare = { SIGNALBOX_RESERVE_BYTES: "0" };

export async function withRule(server: ServerProcess, url: string): Promise<void> {
  await server.s3.send(new CreateBucketCommand({ Bucket }));
  await server.api("POST", rules, { url });
}

export function put({ s3 }: ServerProcess, Key: string, size: number): Promise<unknown> {
  return s3.send(new PutObjectCommand({ Bucket, Key, Body: bytesOf(Key, size) }));
}

export function bytesOf(key: string, size: number): Buffer {
  return Buffer.alloc(size, key);
}

/** Writes objects of that size until one is refused, which must be for the disk. Resolves with those acknowledged. */
export async function putUntilFull(server: ServerProcess, prefix: string, size: number): Promise<Map<string, number>> {
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
export async function fillUp({ disk }: Scene, server: ServerProcess): Promise<Map<string, number>> {
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

export async function health({ url }: ServerProcess): Promise<{ readonly status: number; readonly message: string }> {
  const answer = await fetch(`${url}/readyz`);
  const { message } = (await answer.json()) as { message: string };
  return { status: answer.status, message };
}

export async function isReadable({ s3 }: ServerProcess, objects: ReadonlyMap<string, number>): Promise<void> {
  for (const [Key, size] of objects) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    assert.ok(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(bytesOf(Key, size)), Key);
  }
}

export async function areHeard({ heard }: Scene, objects: ReadonlyMap<string, number>): Promise<void> {
  for (const key of objects.keys()) {
    await until(`${key} is heard of`, () => heard.has(key));
    assert.equal(heard.get(key)?.size, 1, `${key} has one id`);
  }
}
