/** What clients begin at one node and go on with at another, as a balancer has them do. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { hooked, invocationsOf } from "../support/functions-api.ts";
import { follow } from "../support/live.ts";
import { nodesOn } from "../support/nodes.ts";
import { postgresServer } from "../support/postgres.ts";
import { adminToken, type ServerProcess } from "../support/server-process.ts";
import { shared } from "../support/shared.ts";
import { until } from "../support/until.ts";

const Bucket = "photos";

interface Pair extends AsyncDisposable {
  readonly one: ServerProcess;
  readonly other: ServerProcess;
}

async function pairOn(url: string): Promise<Pair> {
  await using opened = new AsyncDisposableStack();
  const nodes = opened.use(await nodesOn(url));
  const one = opened.use(await nodes.node("one"));
  const other = opened.use(await nodes.node("other"));
  await one.s3.send(new CreateBucketCommand({ Bucket }));
  const owned = opened.move();
  return { one, other, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function eventsOf(server: ServerProcess, query: string): Promise<number> {
  const { events } = await server.api<{ readonly events: readonly unknown[] }>("GET", `/api/cloud/event-log/?${query}`);
  return events.length;
}

describe("two nodes", () => {
  const postgres = shared(() => postgresServer());
  const pair = shared(async () => pairOn(await postgres().database()));

  it("take parts of one upload in turn, and complete it once however often both are asked to", async () => {
    const { one, other } = pair();
    const Key = "parts";
    const { UploadId } = await one.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const bodies = ["a", "b", "c"].map((text) => Buffer.alloc(text === "c" ? 10 : 5 * 2 ** 20, text));
    const Parts = [];
    for (const [index, Body] of bodies.entries()) {
      const PartNumber = index + 1;
      const { s3 } = index % 2 === 0 ? other : one;
      const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
      Parts.push({ PartNumber, ETag });
    }
    const listed = await one.s3.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    assert.equal(listed.Parts?.length, 3);
    const complete = { Bucket, Key, UploadId, MultipartUpload: { Parts } };
    const ended = await Promise.allSettled(
      [one, other, one, other].map(({ s3 }) => s3.send(new CompleteMultipartUploadCommand(complete))),
    );
    assert.ok(ended.some(({ status }) => status === "fulfilled"));
    const { Body } = await other.s3.send(new GetObjectCommand({ Bucket, Key }));
    assert.ok(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(Buffer.concat(bodies)));
    assert.equal(await eventsOf(one, `face=objects&where=${encodeURIComponent(`key = "${Key}"`)}`), 1);
  });

  it("go on with each other's pages", async () => {
    const { one, other } = pair();
    const keys = Array.from({ length: 9 }, (_, index) => `list/${index}`);
    await Promise.all(
      keys.map((Key, index) =>
        (index % 2 === 0 ? one : other).s3.send(new PutObjectCommand({ Bucket, Key, Body: Key })),
      ),
    );
    const listed: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    for (let page = 0; page < 3; page += 1) {
      const asked = { Bucket, Prefix: "list/", MaxKeys: 3, ContinuationToken };
      const found = await (page % 2 === 0 ? one : other).s3.send(new ListObjectsV2Command(asked));
      listed.push(...(found.Contents ?? []).map(({ Key }) => Key));
      ContinuationToken = found.NextContinuationToken;
    }
    assert.deepEqual([listed, ContinuationToken], [keys, undefined]);
    const logged = new Set<string>();
    let cursor = "";
    for (let page = 0; page < 9; page += 1) {
      const server = page % 2 === 0 ? other : one;
      const query = `bucket=${Bucket}&limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`;
      const found = await server.api<{
        readonly events: readonly { readonly id: string }[];
        readonly next_cursor?: string;
      }>("GET", `/api/cloud/event-log/?${query}`);
      for (const { id } of found.events) logged.add(id);
      cursor = found.next_cursor ?? "";
    }
    assert.equal(logged.size, 9);
  });

  it("carry out once what both are asked for under one key, and answer both alike", async () => {
    const { one, other } = pair();
    const fn = await hooked(one, "PRE_USER_CREATE", "export default () => true;");
    const make = async (server: ServerProcess, name: string): Promise<readonly [number, string]> => {
      const answer = await fetch(`${server.url}/api/cloud/users/`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${adminToken}`,
          "content-type": "application/json",
          "idempotency-key": `key-${name}`,
        },
        body: JSON.stringify({ username: name, email: `${name}@example.com` }),
      });
      return [answer.status, await answer.text()];
    };
    for (const name of ["ada", "ben", "cai"]) {
      const answers = await Promise.all([one, other, one, other].map((server) => make(server, name)));
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
      assert.equal(answers[0]?.[0], 201, answers[0]?.[1]);
    }
    assert.equal(await eventsOf(other, "event=POST_USER_CREATE"), 3);
    assert.ok((await invocationsOf(other, fn)).length >= 3, "the one that loses may have asked its hooks too");
  });

  it("know at once a token that the other one has made, and that it is revoked", async () => {
    const { one, other } = pair();
    const made = await one.api<{ readonly id: string; readonly token: string }>("POST", "/api/cloud/tokens/", {
      principal: "mia",
      role: "member",
    });
    const asked = async ({ url }: ServerProcess): Promise<number> =>
      (await fetch(`${url}/api/cloud/subscriptions/`, { headers: { authorization: `Bearer ${made.token}` } })).status;
    assert.deepEqual([await asked(other), await asked(one)], [200, 200]);
    await one.api("DELETE", `/api/cloud/tokens/${made.id}/`);
    assert.deepEqual([await asked(one), await asked(other)], [401, 401]);
  });

  it("go on with a stream that the other one began, without a gap or a double", async () => {
    const { one, other } = pair();
    const put = (server: ServerProcess, Key: string) =>
      server.s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
    const query = { topics: "events", bucket: Bucket };
    const names: string[] = [];
    let lastId = "";
    {
      await using live = await follow({ url: one.url, token: adminToken, query });
      await live.until("open", 1);
      await put(other, "live/0");
      await put(one, "live/1");
      await live.until("event", 2);
      names.push(...live.of("event").map(({ data }) => data.key));
      lastId = live.lastId();
    }
    await put(one, "live/2");
    await put(other, "live/3");
    await using live = await follow({ url: other.url, token: adminToken, query, headers: { "last-event-id": lastId } });
    await live.until("event", 2);
    await put(one, "live/4");
    await live.until("event", 3);
    names.push(...live.of("event").map(({ data }) => data.key));
    assert.deepEqual(
      names.toSorted(),
      [0, 1, 2, 3, 4].map((n) => `live/${n}`),
    );
  });

  it("delete what the other one reads, and let it read to its end", async () => {
    const { one, other } = pair();
    const bytes = Buffer.alloc(24 * 2 ** 20, "x");
    await one.s3.send(new PutObjectCommand({ Bucket, Key: "read", Body: bytes }));
    const { Body } = await one.s3.send(new GetObjectCommand({ Bucket, Key: "read" }));
    await other.s3.send(new PutObjectCommand({ Bucket, Key: "read", Body: "overwritten" }));
    assert.ok(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(bytes));
    await until("both have the new one", async () => {
      const heads = await Promise.all(
        [one, other].map(({ s3 }) => s3.send(new HeadObjectCommand({ Bucket, Key: "read" }))),
      );
      return heads.every(({ ContentLength }) => ContentLength === 11);
    });
  });
});
