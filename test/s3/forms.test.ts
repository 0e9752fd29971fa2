import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { GetObjectCommand, GetObjectTaggingCommand, HeadObjectCommand, PutBucketCorsCommand } from "@aws-sdk/client-s3";
import { type Fields, type FormToSign, signedForm, signedFormV2, submit } from "../support/form.ts";
import { subscribe } from "../support/guard.ts";
import { Bucket, objectData, type S3Fixture, withBucket } from "../support/s3.ts";

type More = Partial<FormToSign> & {
  readonly content?: string;
  readonly name?: string;
  readonly sign?: typeof signedForm;
};

const form = (more: Partial<FormToSign>): FormToSign => ({ bucket: Bucket, fields: { key: "k" }, ...more });

/** Of the admin, for the key `k`, by default. */
function post(fixture: S3Fixture, { content = "hello", name, sign = signedForm, ...more }: More): Promise<Response> {
  const fields = sign(fixture.admin.credentials, form(more));
  return submit(`${fixture.url}/${Bucket}`, fields, name === undefined ? { content } : { content, name });
}

async function told(answer: Response): Promise<string> {
  const body = await answer.text();
  const [, code = ""] = /<Code>(.*?)<\/Code>/.exec(body) ?? [];
  return `${answer.status} ${code}`.trim();
}

describe("a form", () => {
  it("makes an object with all that its fields say", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const fields = {
      key: "user/${filename}",
      acl: "private",
      "Content-Type": "text/plain; charset=utf-8",
      "Cache-Control": "max-age=60",
      "Content-Disposition": "attachment",
      "x-amz-meta-colour": "grün",
      tagging: "<Tagging><TagSet><Tag><Key>a</Key><Value>b c</Value></Tag></TagSet></Tagging>",
    };
    const conditions = [
      ["starts-with", "$key", "user/"],
      ["content-length-range", 1, 10],
    ] as const;
    const named = { ...fields, key: "user/naïve a.txt" };
    const own = Object.entries(named)
      .filter(([field]) => field !== "key")
      .map(([field, value]) => ({ [field]: value }));
    const all = [
      { bucket: Bucket },
      ...own,
      ...conditions,
      ["starts-with", "$x-amz-algorithm", ""],
      ["starts-with", "$x-amz-credential", ""],
      ["starts-with", "$x-amz-date", ""],
    ] as const;
    const answer = await post(fixture, { fields, bare: true, conditions: all, name: "naïve a.txt" });
    assert.equal(await told(answer), "204");
    const Key = named.key;
    const object = await s3.send(new GetObjectCommand({ Bucket, Key }));
    assert.equal(await object.Body?.transformToString(), "hello");
    assert.deepEqual(
      [object.ContentType, object.CacheControl, object.ContentDisposition, object.Metadata],
      ["text/plain; charset=utf-8", "max-age=60", "attachment", { colour: "=?UTF-8?B?Z3LDvG4=?=" }],
    );
    const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key }));
    assert.deepEqual(TagSet, [{ Key: "a", Value: "b c" }]);
    assert.equal(answer.headers.get("etag"), object.ETag);
    assert.equal(answer.headers.get("location"), `${fixture.url}/${Bucket}/user/na%C3%AFve%20a.txt`);
    const [event] = await fixture.events();
    assert.equal(event?.names.objects, "OBJECT_CREATED_PUT");
    assert.equal(event?.names.notifications, "UPLOADED");
    assert.equal(event?.actor, "root");
    const { reason, key, size, contentType, tags, userMetadata } = objectData(event?.data ?? {});
    assert.deepEqual(
      [reason, key, size, contentType, tags, userMetadata],
      ["PostObject", Key, 5, "text/plain; charset=utf-8", { a: "b c" }, { colour: "grün" }],
    );
  });

  it("is taken by Signature Version 2 as well, which boto3 still makes", async () => {
    await using fixture = await withBucket();
    assert.equal(await told(await post(fixture, { sign: signedFormV2 })), "204");
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT k"]);
  });

  it("says no Content-Type by its file, which no policy judges", async () => {
    await using fixture = await withBucket();
    await post(fixture, {});
    const { ContentType } = await fixture.admin.s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
    assert.equal(ContentType, "binary/octet-stream");
  });

  it("is answered as it asks: 200, 201 with a document, 204, or a page to go on to", async () => {
    await using fixture = await withBucket();
    const asking = (fields: Fields): Promise<Response> => post(fixture, { fields: { key: "a b&c", ...fields } });
    const plain = await asking({ success_action_status: "200" });
    assert.deepEqual([plain.status, await plain.text()], [200, ""]);
    const document = await asking({ success_action_status: "201" });
    assert.equal(document.status, 201);
    const xml = await document.text();
    const url = `${fixture.url}/${Bucket}/a%20b%26c`;
    assert.match(xml, /<PostResponse><Location>/);
    assert.ok(xml.includes(`<Location>${url}</Location><Bucket>${Bucket}</Bucket><Key>a b&amp;c</Key>`), xml);
    for (const status of ["204", "404", ""]) {
      const other = await asking({ success_action_status: status });
      assert.deepEqual([other.status, await other.text()], [204, ""]);
    }
    const etag = encodeURIComponent(plain.headers.get("etag") ?? "");
    for (const [name, page, expected] of [
      ["success_action_redirect", "https://app.example/done", "https://app.example/done?"],
      ["redirect", "http://app.example/done?a=b%20c#top", "http://app.example/done?a=b%20c&"],
    ] as const) {
      const redirected = await asking({ [name]: page, success_action_status: "200" });
      const [query, hash = ""] = [`bucket=${Bucket}&key=a+b%26c&etag=${etag}`, page.split("#")[1]];
      assert.equal(redirected.status, 303);
      assert.equal(redirected.headers.get("location"), `${expected}${query}${hash === "" ? "" : `#${hash}`}`);
    }
    for (const page of ["javascript:alert(1)", "/done", ""]) {
      assert.equal((await asking({ success_action_redirect: page })).status, 204);
    }
  });

  it("is refused, and leaves nothing, when it is not what was signed", async () => {
    await using fixture = await withBucket({ limits: { maxObjectBytes: 100_000 } });
    const { credentials } = fixture.admin;
    const url = `${fixture.url}/${Bucket}`;
    const v4 = signedForm(credentials, form({}));
    const v2 = signedFormV2(credentials, form({}));
    const without = (fields: Fields, ...names: string[]): Fields =>
      Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
    const signed = (more: Partial<FormToSign>): Fields => signedForm(credentials, form(more));
    const range = (min: number, max: number): Fields => signed({ conditions: [["content-length-range", min, max]] });
    const cases: readonly [what: string, fields: Fields, answer: string][] = [
      ["nobody's", { key: "k" }, "403 AccessDenied"],
      ["no policy", without(v4, "policy"), "400 InvalidArgument"],
      ["no signature", without(v4, "x-amz-signature"), "400 InvalidArgument"],
      ["no signature of Version 2", without(v2, "signature"), "400 InvalidArgument"],
      ["no key id of Version 2", without(v2, "AWSAccessKeyId"), "400 InvalidArgument"],
      ["no date", without(v4, "x-amz-date"), "400 InvalidArgument"],
      ["two signatures", { ...v4, signature: "x" }, "400 InvalidArgument"],
      ["another algorithm", { ...v4, "x-amz-algorithm": "AWS4-HMAC-SHA1" }, "400 InvalidArgument"],
      [
        "a credential of another service",
        { ...v4, "x-amz-credential": "a/20261120/r/sqs/aws4_request" },
        "400 InvalidArgument",
      ],
      ["another day", { ...v4, "x-amz-date": "20200101T000000Z" }, "400 InvalidArgument"],
      ["a false signature", { ...v4, "x-amz-signature": "0".repeat(64) }, "403 SignatureDoesNotMatch"],
      ["a signature that is none", { ...v4, "x-amz-signature": "zz" }, "403 SignatureDoesNotMatch"],
      ["a false signature of Version 2", { ...v2, signature: "AAAA" }, "403 SignatureDoesNotMatch"],
      [
        "another policy",
        { ...v4, policy: signed({ fields: { key: "x" } })["policy"] ?? "" },
        "403 SignatureDoesNotMatch",
      ],
      ["an unknown key", { ...v2, AWSAccessKeyId: "NOBODY" }, "403 InvalidAccessKeyId"],
      ["another object", { ...v4, key: "other" }, "403 AccessDenied"],
      ["more fields", { ...v4, "x-amz-meta-a": "b" }, "403 AccessDenied"],
      ["another bucket", signedForm(credentials, { bucket: "other", fields: { key: "k" } }), "403 AccessDenied"],
      ["too late", signed({ expires: new Date(Date.now() - 1_000) }), "403 AccessDenied"],
      ["no conditions", signed({ document: { expiration: "2999-01-01T00:00:00Z" } }), "400 InvalidPolicyDocument"],
      ["too small", range(6, 10), "400 EntityTooSmall"],
      ["too large", range(0, 4), "400 EntityTooLarge"],
      ["no key", signed({ fields: {} }), "400 InvalidArgument"],
      ["an empty key", signed({ fields: { key: "" } }), "400 InvalidArgument"],
      ["a long key", signed({ fields: { key: "k".repeat(1_025) } }), "400 KeyTooLongError"],
      ["encryption", signed({ fields: { key: "k", "x-amz-server-side-encryption": "aws:kms" } }), "501 NotImplemented"],
      ["a line feed in a header", signed({ fields: { key: "k", "Content-Type": "a\r\nb: c" } }), "400 InvalidArgument"],
      ["tags that are none", signed({ fields: { key: "k", tagging: "a=b" } }), "400 MalformedXML"],
      ["a wrong checksum", signed({ fields: { key: "k", "x-amz-checksum-crc32": "AAAAAA==" } }), "400 BadDigest"],
      ["a wrong MD5", signed({ fields: { key: "k", "Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg==" } }), "400 BadDigest"],
    ];
    for (const [what, fields, expected] of cases) {
      assert.equal(await told(await submit(url, fields, { content: "hello" })), expected, what);
    }
    const large = await submit(url, v4, { content: "x".repeat(100_001) });
    assert.equal(await told(large), "400 EntityTooLarge");
    const larger = await submit(url, v4, { content: "x".repeat(1_000_000) });
    assert.equal(await told(larger), "400 EntityTooLarge");
    const none = await submit(
      `${fixture.url}/none-such`,
      signedForm(credentials, { bucket: "none-such", fields: { key: "k" } }),
      { content: "x" },
    );
    assert.equal(await told(none), "404 NoSuchBucket");
    assert.deepEqual([await fixture.told(), await fixture.blobCount()], [[], 0]);
  });

  it("needs the right to write, before its file and when it has come", async () => {
    await using fixture = await withBucket();
    const bucket = await fixture.deps.store.objects.bucket("default", Bucket);
    assert.ok(bucket);
    const mia = await fixture.someone("mia", "member");
    const url = `${fixture.url}/${Bucket}`;
    const fields = signedForm(mia.credentials, form({}));
    const grant = (permission: "read" | "write") =>
      fixture.deps.store.commit({
        changes: [{ do: "grant.put", grant: { resource: bucket.uuid, grantee: "mia", permission } }],
      });
    assert.equal(await told(await submit(url, fields, { content: "x" })), "404 NoSuchBucket");
    await grant("read");
    assert.equal(await told(await submit(url, fields, { content: "x" })), "403 AccessDenied");
    await grant("write");
    assert.equal(await told(await submit(url, fields, { content: "x" })), "204");
    subscribe(fixture.guard, "PRE_OBJECT_PUT", async () => {
      const id = mia.credentials.accessKeyId;
      await fixture.deps.store.commit({ changes: [{ do: "accessKey.remove", tenant: "default", id }] });
    });
    assert.equal(await told(await submit(url, fields, { content: "y" })), "403 InvalidAccessKeyId");
    assert.equal(await fixture.blobCount(), 1);
  });

  it("asks hooks before its file, and takes what they change or refuse", async () => {
    await using fixture = await withBucket();
    const seen: number[] = [];
    subscribe(fixture.guard, "PRE_OBJECT_PUT", async ({ params }) => {
      seen.push(await fixture.blobCount());
      if (params["key"] === "no") return { decision: "deny", message: "not this one" };
      return { decision: "allow", patch: { tags: { seen: "yes" } } };
    });
    assert.equal(await told(await post(fixture, {})), "204");
    const [asked] = fixture.guard.asked;
    assert.deepEqual(
      [asked?.params["reason"], asked?.params["key"], asked?.params["size"], asked?.actor],
      ["PostObject", "k", undefined, "root"],
    );
    const { TagSet } = await fixture.admin.s3.send(new GetObjectTaggingCommand({ Bucket, Key: "k" }));
    assert.deepEqual(TagSet, [{ Key: "seen", Value: "yes" }]);
    const denied = await post(fixture, { fields: { key: "no" } });
    assert.match(await denied.text(), /<Code>AccessDenied<\/Code><Message>.*not this one/);
    assert.deepEqual(seen, [0, 1]);
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT k"]);
  });

  it("may bring a file of any size, which goes to the disk as it comes", async () => {
    await using fixture = await withBucket();
    const content = randomBytes(20 * 2 ** 20);
    const fields = signedForm(fixture.admin.credentials, form({}));
    const answer = await submit(`${fixture.url}/${Bucket}`, fields, { content });
    assert.equal(await told(answer), "204");
    const object = await fixture.admin.s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
    assert.deepEqual(Buffer.from((await object.Body?.transformToByteArray()) ?? []), content);
  });

  it("is answered to a page that may read it, errors too", async () => {
    await using fixture = await withBucket();
    const rules = [{ AllowedOrigins: ["https://app.example"], AllowedMethods: ["POST"], ExposeHeaders: ["ETag"] }];
    await fixture.admin.s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: rules } }));
    const url = `${fixture.url}/${Bucket}`;
    const fields = signedForm(fixture.admin.credentials, form({}));
    for (const sent of [fields, { ...fields, key: "other" }, { key: "k" }]) {
      const answer = await submit(url, sent, { content: "x" }, { origin: "https://app.example" });
      assert.equal(answer.headers.get("access-control-allow-origin"), "https://app.example");
      await answer.text();
    }
  });
});
