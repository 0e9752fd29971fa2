import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { Bucket, type S3Fixture, withBucket } from "../support/s3.ts";
import { codeOf, type RawAnswer, raw } from "../support/sign.ts";

describe("presigned URLs", () => {
  it("put and get", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const put = new PutObjectCommand({ Bucket, Key: "p/ü k", Metadata: { a: "b" }, ContentType: "text/plain" });
    const putUrl = await getSignedUrl(s3, put, { expiresIn: 60 });
    const answer = await fetch(putUrl, { method: "PUT", body: "hello", headers: { "content-type": "text/plain" } });
    assert.equal(answer.status, 200, await answer.text());
    const getUrl = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "p/ü k" }), { expiresIn: 60 });
    const got = await fetch(getUrl);
    assert.equal(await got.text(), "hello");
    assert.equal(got.headers.get("x-amz-meta-a"), "b");
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT p/ü k"]);
    const tampered = await fetch(getUrl.replace("/p/", "/q/"));
    assert.equal(tampered.status, 403);
    const old = { expiresIn: 60, signingDate: new Date(Date.now() - 3_600_000) };
    const expired = await fetch(await getSignedUrl(s3, put, old), { method: "PUT", body: "late" });
    assert.equal(expired.status, 403);
    assert.match(await expired.text(), /AccessDenied/);
  });
});

/** What boto3, aws-cli and s3cmd make unless told otherwise. */
describe("presigned URLs of Signature Version 2", () => {
  interface Presigned {
    readonly method: string;
    readonly path: string;
    /** Encoded, as in the URL. */
    readonly query?: string;
    /** As it is signed: path and what is signed of the query. */
    readonly resource?: string;
    readonly amz?: readonly string[];
    readonly contentType?: string;
    readonly expires?: number;
  }

  const url = ({ admin }: S3Fixture, presigned: Presigned): string => {
    const { method, path, query = "", resource = path, amz = [], contentType = "" } = presigned;
    const expires = presigned.expires ?? Math.floor(Date.now() / 1000) + 60;
    const text = [method, "", contentType, expires, ...amz, resource].join("\n");
    const signature = createHmac("sha1", admin.credentials.secretAccessKey).update(text).digest("base64");
    const own = `AWSAccessKeyId=${admin.credentials.accessKeyId}&Signature=${encodeURIComponent(signature)}&Expires=${expires}`;
    return `${path}?${own}${query === "" ? "" : `&${query}`}`;
  };

  const request = async (fixture: S3Fixture, line: string, body = ""): Promise<RawAnswer> => {
    const [answer] = await raw(fixture.port, [
      `${line} HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    ]);
    assert.ok(answer);
    return answer;
  };

  it("put and get", async () => {
    await using fixture = await withBucket();
    const path = `/${Bucket}/k%20%C3%BC/x`;
    const put = url(fixture, {
      method: "PUT",
      path,
      query: "content-type=text%2Fplain&x-amz-meta-a=b",
      amz: ["x-amz-meta-a:b"],
      contentType: "text/plain",
    });
    assert.equal((await request(fixture, `PUT ${put}`, "hello")).status, 200);
    const get = url(fixture, {
      method: "GET",
      path,
      query: "response-content-type=a%2Fb",
      resource: `${path}?response-content-type=a/b`,
    });
    const got = await request(fixture, `GET ${get}`);
    assert.deepEqual([got.status, got.body, got.headers["content-type"]], [200, "hello", "a/b"]);
    const { s3 } = fixture.admin;
    const { ContentType, Metadata } = await s3.send(new HeadObjectCommand({ Bucket, Key: "k ü/x" }));
    assert.deepEqual([ContentType, Metadata], ["text/plain", { a: "b" }]);
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT k ü/x"]);
  });

  it("are good for what was signed, while it was meant, and for nothing else", async () => {
    await using fixture = await withBucket();
    const path = `/${Bucket}/k`;
    await fixture.admin.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "hello" }));
    const get = url(fixture, { method: "GET", path });
    const told = async (line: string): Promise<string> => {
      const answer = await request(fixture, line);
      return `${answer.status} ${codeOf(answer)}`;
    };
    assert.equal(await told(`GET ${get}`), "200 undefined");
    assert.equal(await told(`DELETE ${get}`), "403 SignatureDoesNotMatch");
    assert.equal(await told(`GET ${get.replace("/k?", "/l?")}`), "403 SignatureDoesNotMatch");
    assert.equal(await told(`GET ${get}&tagging`), "403 SignatureDoesNotMatch");
    assert.equal(await told(`GET ${get}&acl=`), "403 SignatureDoesNotMatch");
    assert.equal(await told(`GET ${get}&x-amz-meta-a=b`), "403 SignatureDoesNotMatch");
    assert.equal(await told(`GET ${get}&attributes`), "403 AccessDenied");
    assert.equal(await told(`GET ${get} HTTP/1.1\r\nx-amz-copy-source: /a/b\r\nx-rest:`), "403 SignatureDoesNotMatch");
    const late = url(fixture, { method: "GET", path, expires: Math.floor(Date.now() / 1000) - 1 });
    assert.equal(await told(`GET ${late}`), "403 AccessDenied");
    assert.equal(await told(`GET ${get.replace("Expires=", "Expires=9")}`), "403 SignatureDoesNotMatch");
    assert.equal(await told(`GET ${get.replace("Expires=", "Expires=x")}`), "403 AccessDenied");
    const list = url(fixture, { method: "GET", path: `/${Bucket}/` });
    assert.equal(await told(`GET ${list}`), "403 AccessDenied");
    assert.equal(await told(`GET ${get.replace("AWSAccessKeyId=AK", "AWSAccessKeyId=NO")}`), "403 InvalidAccessKeyId");
    assert.equal((await fixture.events()).length, 1);
  });
});
