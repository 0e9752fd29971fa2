import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import {
  authorization,
  host,
  id,
  lookup,
  nothing,
  refuses,
  request,
  secret,
  signedGet,
  signedMs,
  signedUrl,
  withHeaders,
} from "../../../../test/support/signed-requests.ts";
import { deriveSigningKey, SigningKeys } from "./signing-keys.ts";
import { hoistedHeaders, isSigned, maxSkewMs, verifySignature } from "./sigv4.ts";

describe("the published examples", () => {
  it("GET object", async () => {
    const verified = await verifySignature(signedGet, lookup, signedMs);
    assert.equal(verified.accessKey.owner, "ann");
    assert.equal(verified.accessKeyId, id);
    assert.equal(verified.region, "us-east-1");
    assert.equal(verified.presigned, false);
    assert.deepEqual(verified.payload, { kind: "sha256", hex: nothing });
  });

  it("PUT object, with a Date header and a $ in its key", async () => {
    const put = request("PUT", "/test$file.text", {
      Host: host,
      Date: "Fri, 24 May 2013 00:00:00 GMT",
      "x-amz-content-sha256": createHash("sha256").update("Welcome to Amazon S3.").digest("hex"),
      "x-amz-date": "20130524T000000Z",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
      Authorization: authorization(
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
      ),
    });
    await verifySignature(put, lookup, signedMs);
  });

  for (const [url, signature] of [
    ["/?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"],
    ["/?max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"],
  ] as const) {
    it(`GET ${url}`, async () => {
      const get = request("GET", url, {
        Host: host,
        "x-amz-date": "20130524T000000Z",
        "x-amz-content-sha256": nothing,
        Authorization: authorization("host;x-amz-content-sha256;x-amz-date", signature),
      });
      await verifySignature(get, lookup, signedMs);
    });
  }

  it("presigned GET", async () => {
    const verified = await verifySignature(signedUrl, lookup, signedMs);
    assert.equal(verified.presigned, true);
    assert.deepEqual(verified.payload, { kind: "unsigned" });
  });

  for (const [kind, mode, signature, more] of [
    ["streaming-signed", "PAYLOAD", "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", {}],
    [
      "streaming-signed-trailer",
      "PAYLOAD-TRAILER",
      "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
      { "x-amz-trailer": "x-amz-checksum-crc32c" },
    ],
  ] as const) {
    it(`PUT in chunks, ${kind}`, async () => {
      const headers: Record<string, string> = {
        Host: "s3.amazonaws.com",
        "x-amz-date": "20130524T000000Z",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": `STREAMING-AWS4-HMAC-SHA256-${mode}`,
        "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": "66560",
        ...(kind === "streaming-signed" ? { "Content-Length": "66824" } : {}),
        ...more,
      };
      const names = Object.keys(headers).map((name) => name.toLowerCase());
      const Authorization = authorization(names.sort().join(";"), signature);
      const put = request("PUT", "/examplebucket/chunkObject.txt", { ...headers, Authorization });
      const verified = await verifySignature(put, lookup, signedMs);
      assert.deepEqual(verified.payload, { kind });
      assert.equal(verified.chunkSigning.seedSignature, signature);
      assert.equal(verified.chunkSigning.scope, "20130524/us-east-1/s3/aws4_request");
    });
  }
});

describe("what is refused", () => {
  it("a changed method, path, query or header", async () => {
    await refuses({ ...signedGet, method: "PUT" }, "SignatureDoesNotMatch");
    await refuses({ ...signedGet, rawUrl: "/test2.txt" }, "SignatureDoesNotMatch");
    await refuses({ ...signedGet, rawUrl: "/test.txt?acl" }, "SignatureDoesNotMatch");
    await refuses(withHeaders(signedGet, { range: "bytes=0-99" }), "SignatureDoesNotMatch");
    await refuses(withHeaders(signedGet, { range: undefined }), "SignatureDoesNotMatch");
    await refuses(withHeaders(signedGet, { host: "other" }), "SignatureDoesNotMatch");
    await refuses({ ...signedUrl, rawUrl: signedUrl.rawUrl.replace("=86400", "=86401") }, "SignatureDoesNotMatch");
    await refuses({ ...signedUrl, rawUrl: `${signedUrl.rawUrl}&response-content-type=a` }, "SignatureDoesNotMatch");
  });

  it("a wrong signature, of any form", async () => {
    const good = signedGet.headers.authorization ?? "";
    for (const wrong of [good.replace("bdb41", "bdb42"), good.slice(0, -1), good.toUpperCase().slice(-64)]) {
      const code = wrong.startsWith("AWS4") ? "SignatureDoesNotMatch" : "InvalidArgument";
      await refuses(withHeaders(signedGet, { authorization: wrong }), code);
    }
  });

  it("says what was signed here", async () => {
    await assert.rejects(verifySignature({ ...signedGet, method: "PUT" }, lookup, signedMs), (error: unknown) => {
      const { extra } = error as { extra: Record<string, string> };
      assert.match(extra.CanonicalRequest ?? "", /^PUT\n\/test.txt\n\nhost:/);
      assert.match(extra.StringToSign ?? "", /^AWS4-HMAC-SHA256\n20130524T000000Z\n/);
      assert.ok(!JSON.stringify(extra).includes(secret));
      return true;
    });
  });

  it("an unknown key, and the secret of another", async () => {
    const good = signedGet.headers.authorization ?? "";
    await refuses(withHeaders(signedGet, { authorization: good.replace(id, "AKIAOTHER") }), "InvalidAccessKeyId");
    const other = async () => ({ secret: "another" });
    await assert.rejects(verifySignature(signedGet, other, signedMs), { code: "SignatureDoesNotMatch" });
  });

  it("a clock more than a quarter of an hour off", async () => {
    for (const off of [maxSkewMs, -maxSkewMs]) await verifySignature(signedGet, lookup, signedMs + off);
    for (const off of [maxSkewMs + 1, -maxSkewMs - 1]) await refuses(signedGet, "RequestTimeTooSkewed", signedMs + off);
  });

  it("a URL past its time, before it, or for more than a week", async () => {
    await verifySignature(signedUrl, lookup, signedMs + 86_400_000);
    await refuses(signedUrl, "AccessDenied", signedMs + 86_400_001);
    await refuses(signedUrl, "AccessDenied", signedMs - maxSkewMs - 1);
    for (const expires of ["0", "604801", "-1", "1e3", "", "99999999999"]) {
      const rawUrl = signedUrl.rawUrl.replace("=86400", `=${expires}`);
      await refuses({ ...signedUrl, rawUrl }, "AuthorizationQueryParametersError");
    }
  });

  it("no signature, two, or one of another kind", async () => {
    const plain = request("GET", "/b/k", { host });
    assert.equal(isSigned(plain), false);
    assert.equal(isSigned(signedGet), true);
    assert.equal(isSigned(signedUrl), true);
    await refuses(plain, "AccessDenied");
    await refuses({ ...signedGet, rawUrl: signedUrl.rawUrl }, "InvalidArgument");
    await refuses(withHeaders(plain, { authorization: `AWS ${id}:c2ln` }), "InvalidRequest");
    await refuses({ ...plain, rawUrl: `/b/k?AWSAccessKeyId=${id}&Signature=c2ln&Expires=1` }, "InvalidRequest");
    await refuses(withHeaders(plain, { authorization: "AWS4-ECDSA-P256-SHA256 Credential=a" }), "InvalidRequest");
    await refuses(withHeaders(plain, { authorization: "Bearer x" }), "InvalidArgument");
  });

  it("a scope that is not one", async () => {
    const good = signedGet.headers.authorization ?? "";
    for (const [part, wrong] of [
      ["20130524/us", "20130525/us"],
      ["/s3/", "/ec2/"],
      ["aws4_request", "aws4_requests"],
      ["20130524/", ""],
      [",SignedHeaders=", ",Signed="],
      ["host;range", "range"],
    ] as const) {
      const authorization = good.replace(part, wrong);
      await refuses(withHeaders(signedGet, { authorization }), "AuthorizationHeaderMalformed");
    }
    for (const name of ["Credential", "SignedHeaders", "Signature", "Date", "Expires"]) {
      const rawUrl = signedUrl.rawUrl.replace(new RegExp(`&X-Amz-${name}=[^&]*`), "");
      await refuses({ ...signedUrl, rawUrl }, "AuthorizationQueryParametersError");
      const twice = `${signedUrl.rawUrl}&X-Amz-${name}=1`;
      await refuses({ ...signedUrl, rawUrl: twice }, "AuthorizationQueryParametersError");
    }
  });

  it("a payload that the header does not describe", async () => {
    await refuses(withHeaders(signedGet, { "x-amz-content-sha256": undefined }), "InvalidRequest");
    await refuses(withHeaders(signedGet, { "x-amz-content-sha256": "abc" }), "InvalidArgument");
  });

  it("x-amz- headers that are not signed, by header and by URL", async () => {
    await refuses(withHeaders(signedGet, { "x-amz-acl": "public-read" }), "AccessDenied");
    await refuses(withHeaders(signedUrl, { "x-amz-copy-source": "/other/secret" }), "AccessDenied");
    await verifySignature(withHeaders(signedUrl, { "x-amz-user-agent": "browser", "x-other": "1" }), lookup, signedMs);
  });
});

describe("signing keys", () => {
  it("are the published one", () => {
    const key = deriveSigningKey(secret, { accessKeyId: id, date: "20130524", region: "us-east-1", service: "s3" });
    assert.equal(key.toString("hex"), "dbb893acc010964918f1fd433add87c70e8b0db6be30c1fbeafefa5ec6ba8378");
  });

  it("are kept, but not past a change of the secret, and not without bound", () => {
    const keys = new SigningKeys(2);
    const scope = (date: string) => ({ accessKeyId: id, date, region: "r", service: "s3" as const });
    const first = keys.of(secret, scope("1"));
    assert.equal(keys.of(secret, scope("1")), first);
    assert.notDeepEqual(keys.of("changed", scope("1")).export(), first.export());
    const second = keys.of(secret, scope("2"));
    assert.equal(keys.of(secret, scope("2")), second);
    keys.of(secret, scope("3"));
    keys.of(secret, scope("4"));
    assert.notEqual(keys.of(secret, scope("2")), second);
    const [third, other] = [keys.of(secret, scope("6")), keys.of(secret, { ...scope("6"), accessKeyId: "other" })];
    keys.forget(id);
    assert.notEqual(keys.of(secret, scope("6")), third, "it is forgotten with its access key");
    assert.equal(keys.of(secret, { ...scope("6"), accessKeyId: "other" }), other);
    const long = { ...scope("5"), region: "r".repeat(10_000) };
    assert.notEqual(keys.of(secret, long), keys.of(secret, long));
  });
});

describe("headers in a presigned URL", () => {
  it("are given as headers, except the signature's own and checksums", () => {
    const rawUrl = `${signedUrl.rawUrl}&x-amz-meta-a=b%20c&X-Amz-Tagging=k%3Dv&x-amz-checksum-crc32=AAAAAA%3D%3D&x-id=PutObject&x-amz-meta-__proto__=1`;
    assert.deepEqual(Object.entries(hoistedHeaders(rawUrl)), [
      ["x-amz-meta-a", "b c"],
      ["x-amz-tagging", "k=v"],
      ["x-amz-meta-__proto__", "1"],
    ]);
  });
});
