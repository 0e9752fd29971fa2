import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { ListBucketsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { Bucket, failure, type S3Fixture, withBucket } from "../support/s3.ts";
import { codeOf, head, type RawAnswer, raw, send, sign, type ToSign } from "../support/sign.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Nothing is there that was not before. */
async function assertUntouched(fixture: S3Fixture): Promise<void> {
  assert.deepEqual(await fixture.events(), []);
  assert.equal(await fixture.blobCount(), 0);
  assert.deepEqual(fixture.logged, []);
  await fixture.admin.s3.send(new ListBucketsCommand({}));
}

const told = (answer: RawAnswer | undefined): string =>
  answer === undefined ? "nothing" : `${answer.status} ${codeOf(answer)}`;

describe("who cannot prove who they are", () => {
  it("is refused", async () => {
    await using fixture = await withBucket();
    const { port, admin, url } = fixture;
    const put: ToSign = { method: "PUT", path: `/${Bucket}/k` };
    const wrong = { ...admin.credentials, secretAccessKey: "wrong" };
    assert.equal(told(await send(port, wrong, { ...put, body: "x" })), "403 SignatureDoesNotMatch");
    const nobody = { ...admin.credentials, accessKeyId: "NOBODY" };
    assert.equal(told(await send(port, nobody, { ...put, body: "x" })), "403 InvalidAccessKeyId");
    assert.equal((await fetch(`${url}/${Bucket}/k`, { method: "PUT", body: "x" })).status, 403);
    const malformed = await fetch(`${url}/`, { headers: { authorization: "AWS4-HMAC-SHA256 Credential=" } });
    assert.ok(malformed.status >= 400 && malformed.status < 500);
    for (const minutes of [-16, 16]) {
      const date = new Date(Date.now() + minutes * 60_000);
      const answer = await send(port, admin.credentials, { ...put, date, body: "x" });
      assert.equal(told(answer), "403 RequestTimeTooSkewed");
    }
    const near = { date: new Date(Date.now() - 14 * 60_000) };
    assert.equal((await send(port, admin.credentials, { method: "GET", path: "/", ...near })).status, 200);
    await assertUntouched(fixture);
  });

  it("is refused when path, query or headers are other than signed", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const host = `127.0.0.1:${port}`;
    const { headers } = sign(host, admin.credentials, { method: "PUT", path: `/${Bucket}/k` });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const tampered = [
      [`PUT /${Bucket}/other HTTP/1.1`, ""],
      [`PUT /${Bucket}/k?acl HTTP/1.1`, ""],
      [`DELETE /${Bucket}/k HTTP/1.1`, ""],
      [`PUT /${Bucket}/k HTTP/1.1`, `x-amz-copy-source: /${Bucket}/other\r\n`],
    ];
    for (const [line = "", extra = ""] of tampered) {
      const [answer] = await raw(port, [`${line}\r\n${lines.join("")}${extra}content-length: 1\r\n\r\nx`]);
      assert.equal(answer?.status, 403, line + extra);
    }
    await assertUntouched(fixture);
  });

  it("takes the commas of s3cmd", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const { target, headers } = sign(`127.0.0.1:${port}`, admin.credentials, {
      method: "GET",
      path: `/${Bucket}/`,
      query: { location: "" },
    });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value.replaceAll(", ", ",")}\r\n`);
    const [answer] = await raw(port, [
      `GET ${target.replace("location=", "location")} HTTP/1.1\r\n${lines.join("")}\r\n`,
    ]);
    assert.equal(answer?.status, 200);
    assert.match(answer?.body ?? "", /<LocationConstraint/);
  });
});

describe("bodies that are not what was said", () => {
  it("are refused, and nothing is left of them", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const put = { method: "PUT", path: `/${Bucket}/k`, body: "hello" };
    const cases: [string, object][] = [
      ["400 XAmzContentSHA256Mismatch", { payload: sha256("other") }],
      ["400 BadDigest", { headers: { "content-md5": createHash("md5").update("other").digest("base64") } }],
      ["400 InvalidDigest", { headers: { "content-md5": "junk" } }],
      ["400 BadDigest", { headers: { "x-amz-checksum-crc32": "AAAAAA==" } }],
      ["400 BadDigest", { headers: { "x-amz-checksum-crc32c": "AAAAAA==" } }],
      ["400 BadDigest", { headers: { "x-amz-checksum-crc64nvme": "AAAAAAAAAAA=" } }],
      ["400 BadDigest", { headers: { "x-amz-checksum-sha1": Buffer.alloc(20).toString("base64") } }],
      ["400 BadDigest", { headers: { "x-amz-checksum-sha256": Buffer.alloc(32).toString("base64") } }],
    ];
    for (const [expected, more] of cases) {
      const answer = await send(port, admin.credentials, { ...put, ...more });
      assert.equal(told(answer), expected, JSON.stringify(more));
    }
    await assertUntouched(fixture);
  });

  it("that end early leave nothing", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const request = { method: "PUT", path: `/${Bucket}/k`, headers: { "content-length": "100" } };
    await raw(port, [head(port, admin.credentials, request), "only this"], { end: true });
    await settled(fixture);
    await assertUntouched(fixture);
  });

  it("without a length are refused", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const [answer] = await raw(port, [head(port, admin.credentials, { method: "PUT", path: `/${Bucket}/k` })]);
    assert.equal(told(answer), "411 MissingContentLength");
    await assertUntouched(fixture);
  });

  it("in chunks are verified to the last", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const chunked = (body: string, length: number, more: object = {}): Promise<RawAnswer> =>
      send(port, admin.credentials, {
        method: "PUT",
        path: `/${Bucket}/k`,
        payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        headers: {
          "content-encoding": "aws-chunked",
          "x-amz-decoded-content-length": String(length),
          "x-amz-trailer": "x-amz-checksum-crc32",
          "content-length": String(Buffer.byteLength(body)),
          ...more,
        },
        body,
      });
    const trailer = "x-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    const bad = {
      "no trailer": "5\r\nhello\r\n0\r\n\r\n",
      "wrong trailer": "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
      "cut in a chunk": "5\r\nhel",
      "cut before the last chunk": "5\r\nhello\r\n",
      "no chunk size": `zz\r\nhello\r\n0\r\n${trailer}`,
      "longer than said": `6\r\nhello!\r\n0\r\n${trailer}`,
      "shorter than said": `4\r\nhell\r\n0\r\n${trailer}`,
      "a huge chunk": `fffffffffffff\r\nhello\r\n0\r\n${trailer}`,
    };
    for (const [name, body] of Object.entries(bad)) {
      const answer = await chunked(body, 5);
      assert.equal(answer.status, 400, `${name}: ${answer.body}`);
      assert.notEqual(codeOf(answer), undefined, name);
    }
    await assertUntouched(fixture);
    assert.equal((await chunked(`5\r\nhello\r\n0\r\n${trailer}`, 5)).status, 200);
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT k"]);
  });

  it("in signed chunks are verified chunk by chunk", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const attempt = async (tamper: (chunk: string, index: number) => string): Promise<string> => {
      const request = {
        method: "PUT",
        path: `/${Bucket}/k`,
        payload: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        headers: { "content-encoding": "aws-chunked", "x-amz-decoded-content-length": "10" },
      };
      const signed = sign(`127.0.0.1:${port}`, admin.credentials, request);
      let previous = signed.signature;
      const chunks = ["hello", "world", ""].map((data, index) => {
        const text = ["AWS4-HMAC-SHA256-PAYLOAD", signed.timestamp, signed.scope, previous, sha256(""), sha256(data)];
        previous = createHmac("sha256", signed.key).update(text.join("\n")).digest("hex");
        return tamper(`${data.length.toString(16)};chunk-signature=${previous}\r\n${data}\r\n`, index);
      });
      const body = chunks.join("");
      const lines = Object.entries({ ...signed.headers, "content-length": String(body.length) });
      const [answer] = await raw(port, [
        `PUT ${signed.target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`,
      ]);
      return told(answer);
    };
    assert.equal(
      await attempt((chunk, index) => (index === 1 ? chunk.replace("world", "wurld") : chunk)),
      "403 SignatureDoesNotMatch",
    );
    assert.match(await attempt((chunk, index) => (index === 2 ? "" : chunk)), /^400 /);
    await assertUntouched(fixture);
    assert.equal(await attempt((chunk) => chunk), "200 undefined");
  });
});

describe("documents that are no documents", () => {
  const bad = [
    "",
    "<",
    "<Delete>",
    "<Other/>",
    "not xml",
    `<?xml version="1.0"?>`,
    "<!DOCTYPE x [<!ENTITY a 'b'>]><Delete>&a;</Delete>",
  ];

  it("are refused", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    await admin.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
    for (const body of bad) {
      for (const [method, path, sub] of [
        ["POST", `/${Bucket}/`, "delete"],
        ["PUT", `/${Bucket}/k`, "tagging"],
      ] as const) {
        const answer = await send(port, admin.credentials, { method, path, query: { [sub]: "" }, body });
        assert.equal(answer.status, 400, `${sub} ${body}: ${answer.body}`);
      }
      if (body === "") continue;
      const made = await send(port, admin.credentials, { method: "PUT", path: "/gamma", body });
      assert.equal(told(made), "400 MalformedXML", body);
    }
    assert.equal((await fixture.events()).length, 1);
  });

  it("are refused when they are too long, before they are read", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const body = `<Delete>${" ".repeat(3_000_000)}</Delete>`;
    const answer = await send(port, admin.credentials, {
      method: "POST",
      path: `/${Bucket}`,
      query: { delete: "" },
      body,
    });
    assert.equal(answer.status, 400);
    assert.match(codeOf(answer) ?? "", /^(MaxMessageLengthExceeded|EntityTooLarge)$/);
  });
});

describe("requests that are no requests", () => {
  it("have no more parameters than can mean something", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const query = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${1_000 + index}`, "1"]));
    const few = await send(port, admin.credentials, { method: "GET", path: `/${Bucket}`, query: query(256) });
    assert.equal(few.status, 200);
    const many = await send(port, admin.credentials, { method: "GET", path: `/${Bucket}`, query: query(257) });
    assert.equal(told(many), "400 InvalidRequest");
  });

  it("are answered with an error, or at least closed", async () => {
    await using fixture = await withBucket();
    const { port } = fixture;
    for (const bytes of ["\r\n\r\n", "junk\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\nbad header\r\n\r\n"]) {
      const [answer] = await raw(port, [bytes], { end: true });
      assert.ok(answer === undefined || answer.status === 400, bytes);
    }
    const long = `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${"a".repeat(40_000)}\r\n\r\n`;
    const [tooLong] = await raw(port, [long]);
    assert.equal(told(tooLong), "400 RequestHeaderSectionTooLarge");
    await assertUntouched(fixture);
  });

  it("of unknown methods are not allowed", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    for (const [method, path] of [
      ["PATCH", `/${Bucket}/k`],
      ["PUT", "/"],
      ["DELETE", "/"],
      ["POST", `/${Bucket}/k`],
    ] as const) {
      const answer = await send(port, admin.credentials, { method, path });
      assert.equal(told(answer), "405 MethodNotAllowed", `${method} ${path}`);
    }
    const form = await send(port, admin.credentials, { method: "POST", path: `/${Bucket}`, body: "x" });
    assert.equal(told(form), "412 PreconditionFailed");
    await assertUntouched(fixture);
  });

  it("for what is not kept are not taken in silence", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    for (const [name, value, expected] of [
      ["x-amz-server-side-encryption", "AES256", "501 NotImplemented"],
      ["x-amz-object-lock-mode", "GOVERNANCE", "501 NotImplemented"],
      ["x-amz-website-redirect-location", "/x", "501 NotImplemented"],
      ["x-amz-storage-class", "GLACIER", "400 InvalidStorageClass"],
    ] as const) {
      const request = { method: "PUT", path: `/${Bucket}/k`, headers: { [name]: value }, body: "x" };
      const answer = await send(port, admin.credentials, {
        ...request,
        headers: { ...request.headers, "content-length": "1" },
      });
      assert.equal(told(answer), expected);
    }
    await assertUntouched(fixture);
  });

  it("while stopping are told to come again", async () => {
    await using fixture = await withBucket();
    fixture.accepting = false;
    assert.equal(await failure(fixture.admin.s3.send(new ListBucketsCommand({}))), "503 ServiceUnavailable");
  });
});

/** Waits until the server has noticed that its client went away. */
async function settled({ deps }: S3Fixture): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await deps.store.upkeep.ready();
}
