/** What happens on the connection: 100-continue, early answers, clients that go away. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { Bucket, withBucket } from "../support/s3.ts";
import { codeOf, head, raw, send } from "../support/sign.ts";

describe("Expect: 100-continue", () => {
  const put = {
    method: "PUT",
    path: `/${Bucket}/k`,
    headers: { "content-length": "5", expect: "100-continue" },
  };

  it("lets the client send once all that needs no body is judged", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const socket = connect(port, "127.0.0.1");
    socket.write(head(port, admin.credentials, put));
    const [first] = (await once(socket, "data")) as [Buffer];
    assert.match(first.toString(), /^HTTP\/1\.1 100 /);
    assert.deepEqual(await fixture.events(), []);
    socket.write("hello");
    const [second] = (await once(socket, "data")) as [Buffer];
    assert.match(second.toString(), /^HTTP\/1\.1 200 /);
    socket.destroy();
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT k"]);
  });

  it("spares the client a body that would be refused", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const bob = await fixture.someone("bob", "member");
    await admin.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
    const cases = [
      ["404 NoSuchBucket", head(port, admin.credentials, { ...put, path: "/nope/k" })],
      ["404 NoSuchBucket", head(port, bob.credentials, put)],
      ["403 SignatureDoesNotMatch", head(port, { ...admin.credentials, secretAccessKey: "no" }, put)],
      [
        "412 PreconditionFailed",
        head(port, admin.credentials, { ...put, headers: { ...put.headers, "if-none-match": "*" } }),
      ],
      ["400 KeyTooLongError", head(port, admin.credentials, { ...put, path: `/${Bucket}/${"k".repeat(1025)}` })],
      [
        "400 InvalidDigest",
        head(port, admin.credentials, { ...put, headers: { ...put.headers, "content-md5": "no" } }),
      ],
      [
        "400 EntityTooLarge",
        head(port, admin.credentials, { ...put, headers: { ...put.headers, "content-length": String(6 * 2 ** 30) } }),
      ],
      ["404 NoSuchUpload", head(port, admin.credentials, { ...put, query: { uploadId: "none", partNumber: "1" } })],
    ] as const;
    for (const [expected, request] of cases) {
      const [answer] = await raw(port, [request]);
      assert.ok(answer);
      assert.equal(`${answer.status} ${codeOf(answer)}`, expected);
      assert.doesNotMatch(answer.all, /100 Continue/i);
      assert.equal(answer.headers["connection"], "close");
    }
  });
});

describe("a refusal while the client still sends", () => {
  it("is read by it, and the connection goes on when little was left", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const body = Buffer.alloc(200_000, "x");
    const refused = { method: "PUT", path: "/nope/k", headers: { "content-length": String(body.length) } };
    const list = head(port, admin.credentials, { method: "GET", path: "/" });
    const answers = await raw(port, [head(port, admin.credentials, refused), body, list], { answers: 2 });
    assert.deepEqual(
      answers.map(({ status }) => status),
      [404, 200],
    );
  });

  it("is read by it although much was left", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const body = Buffer.alloc(20_000_000, "x");
    const answer = await send(port, admin.credentials, { method: "PUT", path: "/nope/k", body });
    assert.equal(`${answer.status} ${codeOf(answer)}`, "404 NoSuchBucket");
    assert.equal(answer.headers["connection"], "close");
  });

  it("in the middle of a body too", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const body = `4\r\nhello\r\n${"x".repeat(3_000_000)}`;
    const answer = await send(port, admin.credentials, {
      method: "PUT",
      path: `/${Bucket}/k`,
      payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      headers: {
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": "2500000",
        "content-length": String(body.length),
      },
      body,
    });
    assert.equal(answer.status, 400);
    assert.equal(await fixture.blobCount(), 0);
  });
});

describe("a client that goes away", () => {
  it("while sending leaves nothing behind", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const request = { method: "PUT", path: `/${Bucket}/k`, headers: { "content-length": "1000000" } };
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    await new Promise<void>((resolve) => {
      socket.write(head(port, admin.credentials, request));
      socket.write(Buffer.alloc(300_000), () => resolve());
    });
    socket.resetAndDestroy();
    // The server notices before it answers another on a new connection and writes it to disk.
    await admin.s3.send(new PutObjectCommand({ Bucket, Key: "other", Body: "x" }));
    await eventually(async () => (await fixture.blobCount()) === 1);
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT other"]);
    assert.deepEqual(fixture.logged, []);
  });

  it("while receiving lets go of what it read", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    await admin.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: Buffer.alloc(8_000_000) }));
    const socket = connect(port, "127.0.0.1");
    socket.write(head(port, admin.credentials, { method: "GET", path: `/${Bucket}/k` }));
    await once(socket, "data");
    socket.resetAndDestroy();
    await admin.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
    // The old bytes are deleted once nobody reads them any more.
    await eventually(async () => (await fixture.blobCount()) === 1);
    assert.deepEqual(fixture.logged, []);
  });
});

describe("stopping", () => {
  it("lets what is under way finish, and takes nothing new", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const request = { method: "PUT", path: `/${Bucket}/k`, headers: { "content-length": "10" } };
    const socket = connect(port, "127.0.0.1");
    socket.write(
      head(port, admin.credentials, { ...request, headers: { ...request.headers, expect: "100-continue" } }),
    );
    await once(socket, "data");
    socket.write("hello");
    const closed = fixture.close(new AbortController().signal);
    await assert.rejects(raw(port, ["GET / HTTP/1.1\r\n\r\n"]));
    socket.write("world");
    const [answer] = (await once(socket, "data")) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1\.1 200 /);
    assert.match(answer.toString(), /connection: close/i);
    await closed;
    await fixture.close(AbortSignal.abort());
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT k"]);
  });

  it("ends what does not finish in time, and nothing is left of it", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const headers = { "content-length": "10", expect: "100-continue" };
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(head(port, admin.credentials, { method: "PUT", path: `/${Bucket}/k`, headers }));
    await once(socket, "data");
    socket.write("hello");
    const grace = new AbortController();
    const closed = fixture.close(grace.signal);
    grace.abort();
    await closed;
    await eventually(async () => (await fixture.blobCount()) === 0);
    assert.deepEqual(await fixture.told(), []);
  });
});

describe("answers", () => {
  it("name themselves", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const ok = await send(port, admin.credentials, { method: "GET", path: "/" });
    const bad = await send(port, admin.credentials, { method: "GET", path: "/nope/some%20key" });
    for (const { headers } of [ok, bad]) {
      assert.match(headers["x-amz-request-id"] ?? "", /^[0-9A-F]{16}$/);
      assert.match(headers["x-amz-id-2"] ?? "", /^[0-9A-Za-z+/=]{32,}$/);
      assert.notEqual(headers["date"], undefined);
      assert.equal(headers["content-type"], "application/xml");
    }
    assert.match(bad.body, new RegExp(`<RequestId>${bad.headers["x-amz-request-id"]}</RequestId>`));
    assert.match(bad.body, /<Resource>\/nope\/some%20key<\/Resource>/);
  });

  it("say the file's uuid", async () => {
    await using fixture = await withBucket();
    const { port, admin, deps } = fixture;
    const put = await send(port, admin.credentials, { method: "PUT", path: `/${Bucket}/k`, body: "x" });
    const bucket = await deps.store.objects.bucket("default", Bucket);
    const uuid = bucket === undefined ? undefined : (await deps.store.objects.object(bucket.uuid, "k"))?.uuid;
    assert.equal(put.headers["x-signalbox-uuid"], uuid);
    const get = await send(port, admin.credentials, { method: "GET", path: `/${Bucket}/k` });
    assert.equal(get.headers["x-signalbox-uuid"], uuid);
    const removed = await send(port, admin.credentials, { method: "DELETE", path: `/${Bucket}/k` });
    assert.equal(removed.headers["x-signalbox-uuid"], uuid);
  });

  it("keep the connection", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const request = (method: string, body: string, path = `/${Bucket}/k`) => [
      head(port, admin.credentials, { method, path, headers: { "content-length": String(body.length) } }),
      body,
    ];
    const bytes = [...request("PUT", "hello"), ...request("GET", ""), ...request("DELETE", ""), ...request("GET", "")];
    const answers = await raw(port, bytes, { answers: 4 });
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 204, 404],
    );
    assert.equal(answers[1]?.body, "hello");
  });

  it("to a GET of the SDK are verified by it", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "hello", ChecksumAlgorithm: "SHA256" }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: "k", ChecksumMode: "ENABLED" }));
    assert.equal(await got.Body?.transformToString(), "hello");
    assert.equal(got.ChecksumSHA256, "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
  });
});

/** Looks again whenever the event loop has turned; a leak makes the test hang until the runner's limit. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}
