/** Buckets in the host: `http://bucket.s3.example.com/key`. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { CreateBucketCommand, GetObjectCommand, ListBucketsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { runServer } from "../support/in-process.ts";
import { Bucket, failure, type S3Fixture, withBucket } from "../support/s3.ts";
import { codeOf, type RawAnswer, raw, send, sign, type ToSign } from "../support/sign.ts";

const told = (answer: RawAnswer): string => `${answer.status} ${codeOf(answer) ?? ""}`.trim();
const domains = ["localhost", "s3.example.com", "example.com"];

async function withVictim(options: Parameters<typeof withBucket>[0] = {}): Promise<S3Fixture> {
  const fixture = await withBucket(options);
  await fixture.admin.s3.send(new CreateBucketCommand({ Bucket: "victim" }));
  return fixture;
}

async function buckets({ admin }: S3Fixture): Promise<(string | undefined)[]> {
  return ((await admin.s3.send(new ListBucketsCommand({}))).Buckets ?? []).map(({ Name }) => Name);
}

async function body({ admin }: S3Fixture, Key: string): Promise<string> {
  const { Body } = await admin.s3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToString()) ?? "";
}

describe("a bucket in the host", () => {
  it("is what the path belongs to", async () => {
    await using fixture = await withVictim({ domains });
    const { port, admin } = fixture;
    const ask = (request: ToSign & { readonly body?: string }): Promise<RawAnswer> =>
      send(port, admin.credentials, request);
    for (const host of [
      `${Bucket}.localhost:${port}`,
      `${Bucket}.localhost`,
      `${Bucket}.LOCALHOST:9000`,
      `${Bucket}.localhost.:9000`,
      `${Bucket}.s3.example.com`,
      `${Bucket}.example.com:443`,
    ]) {
      assert.equal(told(await ask({ method: "PUT", path: "/victim", host, body: host })), "200");
      assert.equal(await body(fixture, "victim"), host);
      const got = await ask({ method: "GET", path: "/victim", host });
      assert.equal(got.body, host);
      const listed = await ask({ method: "GET", path: "/", query: { "list-type": "2" }, host });
      assert.match(listed.body, new RegExp(`<Name>${Bucket}</Name>.*<Key>victim</Key>`));
      assert.equal(told(await ask({ method: "DELETE", path: "/victim", host })), "204");
      assert.deepEqual(await buckets(fixture), [Bucket, "victim"]);
      assert.equal(told(await ask({ method: "PUT", path: "/victim/k%20%C3%A9//x", host, body: "x" })), "200");
      assert.equal(await body(fixture, "victim/k é//x"), "x");
    }
  });

  it("is made and removed by it", async () => {
    await using fixture = await withVictim({ domains });
    const { port, admin } = fixture;
    for (const name of ["beta", "dotted.name", "s3x"]) {
      const host = `${name}.s3.example.com`;
      assert.equal(told(await send(port, admin.credentials, { method: "PUT", path: "/", host })), "200", name);
      assert.ok((await buckets(fixture)).includes(name));
      assert.equal((await send(port, admin.credentials, { method: "HEAD", path: "/", host })).status, 200);
      assert.equal(told(await send(port, admin.credentials, { method: "DELETE", path: "/", host })), "204");
    }
    const bad = { method: "PUT", path: "/", host: "no_bucket.localhost" };
    assert.equal(told(await send(port, admin.credentials, bad)), "400 InvalidBucketName");
  });

  it("that is not there is NoSuchBucket, and named with the key", async () => {
    await using fixture = await withVictim({ domains });
    const { port, admin } = fixture;
    for (const method of ["GET", "PUT", "DELETE"]) {
      const answer = await send(port, admin.credentials, { method, path: "/victim", host: "gone.localhost" });
      assert.equal(told(answer), "404 NoSuchBucket");
      assert.match(answer.body, /<Resource>\/gone\/victim<\/Resource>/);
    }
    assert.deepEqual(await buckets(fixture), [Bucket, "victim"]);
  });

  it("is told by the absolute form too", async () => {
    await using fixture = await withVictim({ domains });
    const { port, admin } = fixture;
    const host = `${Bucket}.localhost:${port}`;
    await admin.s3.send(new PutObjectCommand({ Bucket, Key: "victim", Body: "x" }));
    const lines = signedLines(fixture, { method: "DELETE", path: "/victim", host });
    const [answer] = await raw(port, [`DELETE http://${host}/victim HTTP/1.1\r\n${lines}\r\n`]);
    assert.equal(answer?.status, 204);
    const [alone] = await raw(port, [`DELETE http://x.nowhere.example/victim HTTP/1.0\r\n\r\n`]);
    assert.equal(alone === undefined ? "" : told(alone), "400 InvalidRequest");
    assert.deepEqual(await buckets(fixture), [Bucket, "victim"]);
  });

  it("is part of what Version 2 signs, and no other bucket is reached by it", async () => {
    await using fixture = await withVictim({ domains });
    const { port, admin } = fixture;
    await admin.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "hello" }));
    await admin.s3.send(new PutObjectCommand({ Bucket: "victim", Key: "k", Body: "other" }));
    const url = version2(admin.credentials, `/${Bucket}/k`);
    const get = async (target: string, host: string): Promise<RawAnswer | undefined> =>
      (await raw(port, [`GET ${target} HTTP/1.1\r\nhost: ${host}\r\n\r\n`]))[0];
    assert.equal((await get(`/k?${url}`, `${Bucket}.localhost`))?.body, "hello");
    assert.equal((await get(`/${Bucket}/k?${url}`, "localhost"))?.body, "hello");
    assert.equal((await get(`/k?${url}`, "victim.localhost"))?.status, 403);
    assert.equal((await get(`/${Bucket}/k?${url}`, "victim.localhost"))?.status, 403);
  });
});

describe("SIGNALBOX_S3_DOMAIN", () => {
  it("names the endpoint, instead of localhost", async () => {
    await using server = await runServer({ SIGNALBOX_S3_DOMAIN: "S3.Example.com, box.internal" });
    const port = Number(new URL(server.s3Url).port);
    const asked = async (host: string, path: string, method = "GET"): Promise<string> =>
      told(await send(port, server.credentials, { method, path, host }));
    assert.equal(await asked("alpha.s3.example.com", "/", "PUT"), "200");
    assert.equal(await asked("alpha.box.internal:9000", "/k"), "404 NoSuchKey");
    assert.equal(await asked("s3.example.com", "/alpha/k"), "404 NoSuchKey");
    assert.equal(await asked("localhost", "/alpha/k"), "404 NoSuchKey");
    assert.equal(await asked("alpha.localhost", "/k"), "400 InvalidRequest");
  });
});

describe("a host without a bucket", () => {
  it("is the endpoint, in path style", async () => {
    await using fixture = await withVictim({ domains });
    const { port, admin } = fixture;
    await admin.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
    for (const host of [
      "localhost",
      `localhost:${port}`,
      `127.0.0.1:${port}`,
      "10.1.2.3",
      "[::1]:9000",
      "signalbox:9000",
      "s3.example.com",
      "S3.Example.Com.:9000",
      "example.com",
    ]) {
      const answer = await send(port, admin.credentials, { method: "GET", path: `/${Bucket}/k`, host });
      assert.equal(answer.body, "x", host);
    }
  });
});

describe("a host that is none of ours", () => {
  it("is refused by name with the remedy, whatever is asked", async () => {
    await using fixture = await withVictim();
    const { port, admin } = fixture;
    const events = (await fixture.allEvents()).length;
    for (const host of [
      `${Bucket}.s3.example.com`,
      `${Bucket}.s3.example.com:9000`,
      `${Bucket}.localhost.example.com`,
      `${Bucket}.notlocalhost.`,
      "s3.example.com",
      `${Bucket}.127.0.0.1:${port}`,
      ".localhost",
    ]) {
      for (const [method, path] of [
        ["DELETE", "/victim"],
        ["PUT", "/new-bucket"],
        ["GET", "/"],
        ["POST", "/victim"],
      ] as const) {
        const answer = await send(port, admin.credentials, { method, path, host });
        assert.equal(told(answer), "400 InvalidRequest", `${method} ${host}`);
        const name = host.replace(/\.?(?::\d+)?$/, "");
        assert.ok(answer.body.includes(`The host ${name} is no name of this endpoint`), answer.body);
        assert.match(answer.body, /SIGNALBOX_S3_DOMAIN/);
      }
    }
    const { body: remedy } = await send(port, admin.credentials, {
      method: "GET",
      path: "/",
      host: "b.s3.example.com",
    });
    assert.match(
      remedy,
      /Add b\.s3\.example\.com to SIGNALBOX_S3_DOMAIN if it is the endpoint, or s3\.example\.com if/,
    );
    assert.deepEqual(await buckets(fixture), [Bucket, "victim"]);
    assert.equal((await fixture.allEvents()).length, events);
  });

  it("is refused before anybody is asked who they are", async () => {
    await using fixture = await withVictim();
    const nobody = { accessKeyId: "NOBODY", secretAccessKey: "x" };
    const answer = await send(fixture.port, nobody, { method: "GET", path: "/", host: "b.s3.example.com" });
    assert.equal(told(answer), "400 InvalidRequest");
  });
});

describe("the Location of a Complete", () => {
  it("is the URL of the object, encoded, in the style of the request", async () => {
    await using fixture = await withVictim({ domains });
    const { port, admin } = fixture;
    const key = "dir/a b+ü?#%&<>'\"/💥";
    const encoded = "dir/a%20b%2B%C3%BC%3F%23%25%26%3C%3E%27%22/%F0%9F%92%A5";
    for (const [host, base, headers] of [
      [`127.0.0.1:${port}`, `http://127.0.0.1:${port}/${Bucket}/`, {}],
      [`${Bucket}.localhost:${port}`, `http://${Bucket}.localhost:${port}/`, {}],
      ["s3.example.com", `https://s3.example.com/${Bucket}/`, { "x-forwarded-proto": "https" }],
    ] as const) {
      const path = `${host.startsWith(Bucket) ? "" : `/${Bucket}`}/${encoded}`;
      const request = { path, host, headers };
      const ask = (more: Partial<ToSign> & { readonly method: string; readonly body?: string }): Promise<RawAnswer> =>
        send(port, admin.credentials, { ...request, ...more });
      const made = await ask({ method: "POST", query: { uploads: "" } });
      const uploadId = /<UploadId>(.*)<\/UploadId>/.exec(made.body)?.[1] ?? "";
      const part = await ask({ method: "PUT", query: { uploadId, partNumber: "1" }, body: "x" });
      const list = `<Part><PartNumber>1</PartNumber><ETag>${part.headers["etag"]}</ETag></Part>`;
      const body = `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`;
      const done = await ask({ method: "POST", query: { uploadId }, body });
      const location = /<Location>(.*)<\/Location>/.exec(done.body)?.[1] ?? done.body;
      assert.equal(location, base + encoded);
      assert.equal(decodeURIComponent(new URL(location).pathname).endsWith(`/${key}`), true);
    }
  });
});

describe("a signature", () => {
  it("is over the host as it was sent", async () => {
    await using fixture = await withVictim({ domains });
    const { port, admin } = fixture;
    await admin.s3.send(new PutObjectCommand({ Bucket, Key: "victim", Body: "x" }));
    const host = `${Bucket}.localhost`;
    const lines = signedLines(fixture, { method: "DELETE", path: "/victim", host }).replace(host, "localhost");
    const [answer] = await raw(port, [`DELETE /victim HTTP/1.1\r\n${lines}\r\n`]);
    assert.equal(answer === undefined ? "" : told(answer), "403 SignatureDoesNotMatch");
    assert.deepEqual(await buckets(fixture), [Bucket, "victim"]);
    assert.equal(await failure(admin.s3.send(new GetObjectCommand({ Bucket, Key: "victim" }))), "ok");
  });
});

/** The headers of a request signed for `host`, as they go on the wire. */
function signedLines({ admin }: S3Fixture, request: ToSign & { readonly host: string }): string {
  const { headers } = sign(request.host, admin.credentials, request);
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
}

function version2({ accessKeyId, secretAccessKey }: S3Fixture["admin"]["credentials"], resource: string): string {
  const Expires = String(Math.floor(Date.now() / 1000) + 60);
  const Signature = createHmac("sha1", secretAccessKey).update(`GET\n\n\n${Expires}\n${resource}`).digest("base64");
  return String(new URLSearchParams({ AWSAccessKeyId: accessKeyId, Expires, Signature }));
}
