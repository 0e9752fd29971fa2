import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { describe, it } from "node:test";
import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { Bucket, type S3Fixture, withBucket } from "../support/s3.ts";
import { codeOf, type RawAnswer, raw, sign } from "../support/sign.ts";

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

/** What boto3, aws-cli and s3cmd make by default. */
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

  it("mean by an encoded name what its plain form means", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const path = `/${Bucket}/k`;
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "hello", Tagging: "a=b" }));
    const { UploadId = "" } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "k" }));
    const told = async (line: string): Promise<string> => {
      const answer = await request(fixture, line);
      return `${answer.status} ${codeOf(answer)}`;
    };
    const get = url(fixture, { method: "GET", path });
    for (const more of ["%74agging", "tag%67ing=", "%75ploadId=x", "%72esponse-content-type=text/html", "%61cl"]) {
      assert.equal(await told(`GET ${get}&${more}`), "403 SignatureDoesNotMatch", more);
    }
    const put = url(fixture, { method: "PUT", path });
    assert.equal(await told(`PUT ${put}&%74agging`), "403 SignatureDoesNotMatch");
    assert.equal(await told(`PUT ${put}&%78-amz-copy-source=/${Bucket}/k`), "403 SignatureDoesNotMatch");
    const remove = url(fixture, { method: "DELETE", path });
    assert.equal(await told(`DELETE ${remove}&%75ploadId=${UploadId}`), "403 SignatureDoesNotMatch");
    // Signed as it is meant, an encoded name is as good as its plain form.
    const tags = url(fixture, { method: "GET", path, query: "%74agging", resource: `${path}?tagging` });
    assert.match((await request(fixture, `GET ${tags}`)).body, /<Key>a</);
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    assert.equal(Uploads?.length, 1);
  });

  it("are refused where two readings of them would have one signature", async () => {
    await using fixture = await withBucket();
    const path = `/${Bucket}/k`;
    await fixture.admin.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "hello" }));
    const told = async (method: string, presigned: Omit<Presigned, "method" | "path">): Promise<string> => {
      const answer = await request(fixture, `${method} ${url(fixture, { method, path, ...presigned })}`, "x");
      return `${answer.status} ${codeOf(answer)}`;
    };
    const twice = { query: "x-amz-meta-a=b&x-amz-meta-a=c", amz: ["x-amz-meta-a:b"] };
    assert.equal(await told("PUT", twice), "400 InvalidArgument");
    const split = { query: "response-expires=a&tagging", resource: `${path}?response-expires=a&tagging` };
    assert.equal(await told("GET", split), "403 AccessDenied");
    const lines = { query: "x-amz-meta-a=b%0Ax-amz-meta-c:d", amz: ["x-amz-meta-a:b", "x-amz-meta-c:d"] };
    assert.equal(await told("PUT", lines), "403 AccessDenied");
    const name = "x-amz-copy-source-if-match";
    const colon = { query: `${name}${encodeURIComponent(":a")}=b`, amz: [`${name}:a:b`] };
    assert.equal(await told("PUT", colon), "403 AccessDenied");
  });

  it("hold the bytes to the digest that was signed", async () => {
    await using fixture = await withBucket();
    const path = `/${Bucket}/k`;
    const { accessKeyId, secretAccessKey } = fixture.admin.credentials;
    const md5 = createHash("md5").update("hello").digest("base64");
    const expires = Math.floor(Date.now() / 1000) + 60;
    const text = ["PUT", md5, "", expires, path].join("\n");
    const signature = encodeURIComponent(createHmac("sha1", secretAccessKey).update(text).digest("base64"));
    const line = `PUT ${path}?AWSAccessKeyId=${accessKeyId}&Signature=${signature}&Expires=${expires}&content-md5=${encodeURIComponent(md5)}`;
    assert.equal(codeOf(await request(fixture, line, "other")), "BadDigest");
    assert.equal((await request(fixture, line, "hello")).status, 200);
  });
});

describe("what a URL says twice, or says to be sent back", () => {
  const presign = async ({ admin }: S3Fixture, input: Partial<PutObjectCommandInput>): Promise<string> =>
    getSignedUrl(admin.s3, new PutObjectCommand({ Bucket, Key: "k", ...input }), { expiresIn: 60 });

  /** A URL of Signature Version 4 with these parameters, encoded already. */
  const signedWith = ({ admin, port }: S3Fixture, method: string, own: string): string => {
    const date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
    const scope = `${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
    const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
    const query = [
      "X-Amz-Algorithm=AWS4-HMAC-SHA256",
      `X-Amz-Credential=${encodeURIComponent(`${admin.credentials.accessKeyId}/${scope}`)}`,
      `X-Amz-Date=${date}`,
      "X-Amz-Expires=60",
      "X-Amz-SignedHeaders=host",
      ...own.split("&"),
    ]
      .sort()
      .join("&");
    const canonical = [method, `/${Bucket}/k`, query, `host:127.0.0.1:${port}`, "", "host", "UNSIGNED-PAYLOAD"].join(
      "\n",
    );
    const hash = createHash("sha256").update(canonical).digest("hex");
    const key = ["us-east-1", "s3", "aws4_request"].reduce<Buffer>(
      (derived, part) => hmac(derived, part),
      hmac(`AWS4${admin.credentials.secretAccessKey}`, date.slice(0, 8)),
    );
    const signature = hmac(key, ["AWS4-HMAC-SHA256", date, scope, hash].join("\n")).toString("hex");
    return `http://127.0.0.1:${port}/${Bucket}/k?${query}&X-Amz-Signature=${signature}`;
  };

  const told = async (method: string, target: string): Promise<string> => {
    const answer = await fetch(target, { method, ...(method === "PUT" ? { body: Buffer.from("x") } : {}) });
    return `${answer.status} ${/<Code>([^<]*)/.exec(await answer.text())?.[1]}`;
  };

  it("is refused when it is said twice, in whatever order", async () => {
    await using fixture = await withBucket();
    await fixture.admin.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "hello" }));
    assert.equal(await told("PUT", signedWith(fixture, "PUT", "x-amz-meta-a=b")), "200 undefined");
    for (const own of ["x-amz-meta-a=b&x-amz-meta-a=c", "versionId=null&versionId=x", "partNumber=1&partNumber=2"]) {
      const signed = signedWith(fixture, "GET", own);
      const [first = "", second = ""] = own.split("&");
      assert.equal(await told("GET", signed), "400 InvalidArgument", own);
      assert.equal(await told("GET", signed.replace(own, `${second}&${first}`)), "400 InvalidArgument", own);
    }
    assert.equal(await told("PUT", signedWith(fixture, "PUT", "X-Amz-Meta-A=b&x-amz-meta-a=c")), "400 InvalidArgument");
    assert.equal(await told("GET", signedWith(fixture, "GET", "response-expires=%FF")), "400 InvalidArgument");
    await fixture.admin.s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
  });

  it("is refused in repeated headers", async () => {
    await using fixture = await withBucket();
    const { target, headers } = sign(`127.0.0.1:${fixture.port}`, fixture.admin.credentials, {
      method: "PUT",
      path: `/${Bucket}/k`,
      headers: { "content-type": "a/b,c/d" },
    });
    const lines = Object.entries({ ...headers, "content-type": "a/b\r\ncontent-type: c/d" });
    const [answer] = await raw(fixture.port, [
      `PUT ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}content-length: 1\r\n\r\nx`,
    ]);
    assert.deepEqual([answer?.status, answer && codeOf(answer)], [400, "InvalidRequest"]);
    assert.deepEqual(await fixture.events(), []);
  });

  it("is refused when no answer could carry it, and nothing is kept", async () => {
    await using fixture = await withBucket();
    const refusedOf = [
      await presign(fixture, { Metadata: { a: "one\r\nset-cookie: x" } }),
      await presign(fixture, { Metadata: { a: "one\u0000" } }),
      await presign(fixture, { Metadata: { a: "=?UTF-8?Q?one=0D=0Atwo?=" } }),
      signedWith(fixture, "PUT", "x-amz-meta-a%20b=c"),
      signedWith(fixture, "PUT", "x-amz-meta-a%0D%0Ab=c"),
      signedWith(fixture, "PUT", "x-amz-meta-%C3%A9=c"),
    ];
    for (const target of refusedOf) assert.equal(await told("PUT", target), "400 InvalidArgument", target);
    for (const type of ["a/b%0D%0Ax:%20y", "a%00", "a%7F"]) {
      const expires = Math.floor(Date.now() / 1000) + 60;
      const path = `/${Bucket}/k`;
      const text = ["PUT", "", decodeURIComponent(type), expires, path].join("\n");
      const { accessKeyId, secretAccessKey } = fixture.admin.credentials;
      const signature = encodeURIComponent(createHmac("sha1", secretAccessKey).update(text, "latin1").digest("base64"));
      const query = `AWSAccessKeyId=${accessKeyId}&Signature=${signature}&Expires=${expires}&content-type=${type}`;
      assert.match(await told("PUT", `${fixture.url}${path}?${query}`), /^(?:400 InvalidArgument|403 AccessDenied)$/);
    }
    assert.deepEqual([await fixture.events(), await fixture.blobCount(), fixture.logged], [[], 0, []]);
  });

  it("is sent back as far as it can be when it was kept before that was refused", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "hello", Metadata: { a: "b" } }));
    const bucket = await fixture.deps.store.objects.bucket("default", Bucket);
    assert.ok(bucket);
    const object = await fixture.deps.store.objects.object(bucket.uuid, "k");
    assert.ok(object);
    const userMetadata = { ...object.userMetadata, "no name": "x", c: "one\r\ntwo" };
    const headers = { "content-disposition": "a\r\nb" };
    await fixture.deps.store.commit({
      changes: [{ do: "object.put", object: { ...object, contentType: "a/b\nc", headers, userMetadata } }],
    });
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
    assert.equal(await got.Body?.transformToString(), "hello");
    assert.deepEqual([got.ContentType, got.ContentDisposition, got.Metadata?.a], ["a/b c", "a  b", "b"]);
  });
});
