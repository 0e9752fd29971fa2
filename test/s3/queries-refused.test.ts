import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeadObjectCommand, ListObjectsV2Command, type ListObjectsV2CommandInput } from "@aws-sdk/client-s3";
import { asking, site, told, withObjects } from "../support/queries.ts";
import { Bucket, failure, refusal } from "../support/s3.ts";
import { codeOf, send } from "../support/sign.ts";

describe("a query is refused", () => {
  const refused: readonly (readonly [query: string, input: Partial<ListObjectsV2CommandInput>, RegExp])[] = [
    ["key REGXP 'a'", {}, /^400 InvalidArgument: X-Tigris-Query: line 1, column 5: [^]*REGXP/],
    ["WHERE", {}, /InvalidArgument: [^]*WHERE without a condition/],
    ["`Event-Type` = 'OBJECT_DELETED'", {}, /InvalidArgument: [^]*no field Event-Type[^]*only events have it/],
    ["Reason = 'PutObject'", {}, /InvalidArgument: [^]*only events have it/],
    ["kye = 'a'", {}, /InvalidArgument: [^]*did you mean `key`/],
    ['key REGEXP "("', {}, /InvalidArgument: [^]*missing closing/],
    ["ORDER BY nope", {}, /InvalidArgument: [^]*no field nope/],
    ["ORDER BY `Event-Type`", {}, /InvalidArgument: [^]*only events have it/],
    ["ORDER BY size", { Delimiter: "/" }, /^400 InvalidRequest: ORDER BY: has no meaning with a delimiter/],
    [
      "ORDER BY size, `Content-Type`, ETag, `Last-Modified`, key",
      {},
      /^400 InvalidRequest: ORDER BY: takes at most 4 fields/,
    ],
  ];
  for (const [query, input, message] of refused) {
    it(`that says ${query}`, async () => {
      await using fixture = await withObjects(site);
      const request = asking(fixture, query).send(new ListObjectsV2Command({ Bucket, ...input }));
      assert.match(await refusal(request), message);
    });
  }

  it("with a token of another order, or of none", async () => {
    await using fixture = await withObjects(site);
    const page = (query: string, token?: string) =>
      asking(fixture, query).send(new ListObjectsV2Command({ Bucket, MaxKeys: 1, ContinuationToken: token }));
    const bySize = (await page("ORDER BY size")).NextContinuationToken;
    const byKey = (await page("size >= 0")).NextContinuationToken;
    assert.match(
      await refusal(page("ORDER BY size DESC", bySize)),
      /InvalidRequest: continuation-token: .* another order/,
    );
    assert.match(await refusal(page("size >= 0", bySize)), /continuation-token/);
    assert.match(await refusal(page("ORDER BY size", byKey)), /continuation-token/);
    const plain = new ListObjectsV2Command({ Bucket, ContinuationToken: bySize });
    assert.match(await refusal(fixture.admin.s3.send(plain)), /InvalidArgument: [^]*of a query/);
    for (const made of ["s", "sAAAA", `s${Buffer.from('["Content-Length asc","a",["x"]]').toString("base64url")}`]) {
      assert.match(await refusal(page("ORDER BY size", made)), /^400 Invalid(Argument|Request)/);
    }
    // Another filter in the same order may use it.
    assert.deepEqual((await page("size > 300 ORDER BY size", bySize)).Contents?.[0]?.Key, "js/app.js");
  });

  it("wherever else it is sent, and so is what else is not done", async () => {
    await using fixture = await withObjects(site);
    const { port, admin } = fixture;
    const rows: readonly (readonly [string, string, Record<string, string>, Record<string, string>, string])[] = [
      ["GET", `/${Bucket}`, {}, { "x-tigris-query": "size > 1" }, "501 NotImplemented"],
      ["GET", `/${Bucket}`, { "list-type": "1" }, { "x-tigris-query": "size > 1" }, "501 NotImplemented"],
      ["GET", `/${Bucket}`, { "list-type": "2", acl: "" }, { "x-tigris-query": "size > 1" }, "501 NotImplemented"],
      ["GET", "/", {}, { "x-tigris-query": "size > 1" }, "501 NotImplemented"],
      ["GET", `/${Bucket}/notes.txt`, {}, { "x-tigris-query": "size > 1" }, "501 NotImplemented"],
      ["GET", `/${Bucket}/notes.txt`, { "list-type": "2" }, { "x-tigris-query": "size > 1" }, "501 NotImplemented"],
      ["DELETE", `/${Bucket}/notes.txt`, {}, { "x-tigris-query": "size > 1" }, "501 NotImplemented"],
      [
        "PUT",
        `/${Bucket}/copy`,
        {},
        { "x-amz-copy-source": `/${Bucket}/notes.txt`, "x-tigris-rename": "true" },
        "501 NotImplemented",
      ],
      ["PUT", `/${Bucket}/x`, {}, { "x-tigris-regions": "fra" }, "501 NotImplemented"],
      ["PUT", `/${Bucket}/x`, {}, { "x-goog-if-generation-match": "0" }, "501 NotImplemented"],
      ["PUT", `/${Bucket}/x`, {}, { "x-amz-meta-snowball-auto-extract": "true" }, "501 NotImplemented"],
      ["DELETE", `/${Bucket}`, {}, { "x-minio-force-delete": "true" }, "501 NotImplemented"],
      ["GET", `/${Bucket}`, { "list-type": "2", metadata: "true" }, {}, "501 NotImplemented"],
      ["GET", `/${Bucket}`, { "list-type": "2", "X-Tigris-Query": "size > 1" }, {}, "501 NotImplemented"],
      ["GET", `/${Bucket}`, { "list-type": "2", marker: "a" }, {}, "400 InvalidArgument"],
      ["GET", `/${Bucket}`, { "start-after": "a" }, {}, "400 InvalidArgument"],
      ["GET", `/${Bucket}`, { "continuation-token": "oYQ" }, {}, "400 InvalidArgument"],
      ["GET", `/${Bucket}`, { "list-type": "2" }, { "x-tigris-consistent": "true" }, "200 undefined"],
    ];
    const s3 = fixture.client(admin.credentials);
    const read = { Bucket, Key: "notes.txt", SSECustomerAlgorithm: "AES256", SSECustomerKey: "k".repeat(32) };
    assert.match(await failure(s3.send(new HeadObjectCommand(read))), /^400/);
    const key = "x-amz-server-side-encryption-customer-key";
    for (const [method, name, expected] of [
      ["PUT", key, "501 NotImplemented"],
      ["PUT", `x-amz-copy-source-${key.slice(6)}`, "501 NotImplemented"],
      ["PUT", "x-amz-server-side-encryption-aws-kms-key-id", "501 NotImplemented"],
      ["PUT", "x-amz-server-side-encryption-context", "501 NotImplemented"],
      ["PUT", "x-amz-server-side-encryption-bucket-key-enabled", "501 NotImplemented"],
      ["PUT", "x-amz-rename-source", "501 NotImplemented"],
      ["GET", key, "400 InvalidRequest"],
    ] as const) {
      const answer = await send(port, admin.credentials, {
        method,
        path: `/${Bucket}/notes.txt`,
        headers: { [name]: "x" },
      });
      assert.equal(`${answer.status} ${codeOf(answer)}`, expected, `${method} ${name}`);
    }
    for (const [method, path, query, headers, expected] of rows) {
      const answer = await send(port, admin.credentials, { method, path, query, headers });
      assert.equal(
        `${answer.status} ${codeOf(answer)}`,
        expected,
        `${method} ${path} ${JSON.stringify([query, headers])}`,
      );
    }
    assert.equal((await told(fixture, "")).keys.length, Object.keys(site).length, "nothing was done");
  });

  it("for callers that may not read the bucket, like every list of it", async () => {
    await using fixture = await withObjects(site);
    const stranger = await fixture.someone("eve", "member");
    const s3 = fixture.client(stranger.credentials);
    assert.equal(await failure(s3.send(new ListObjectsV2Command({ Bucket }))), "404 NoSuchBucket");
    const { status } = await send(fixture.port, stranger.credentials, {
      method: "GET",
      path: `/${Bucket}`,
      query: { "list-type": "2" },
      headers: { "x-tigris-query": "size > 1" },
    });
    assert.equal(status, 404);
  });
});
