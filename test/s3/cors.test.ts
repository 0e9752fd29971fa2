import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CORSRule, CreateBucketCommand, PutBucketCorsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { Bucket, type S3Fixture, type Someone, withBucket } from "../support/s3.ts";
import { codeOf, type RawAnswer, raw, send } from "../support/sign.ts";

const page = "https://app.example";
const anyones: CORSRule = { AllowedOrigins: ["*"], AllowedMethods: ["GET"], ExposeHeaders: ["ETag"] };
const apps: CORSRule = {
  AllowedOrigins: [page, "https://*.app.example"],
  AllowedMethods: ["PUT", "POST", "DELETE"],
  AllowedHeaders: ["content-*", "x-amz-*", "Authorization"],
  ExposeHeaders: ["ETag", "x-amz-request-id"],
  MaxAgeSeconds: 600,
};

const rule = (of: Someone, ...CORSRules: CORSRule[]) =>
  of.s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));

type Headers = Readonly<Record<string, string>>;

async function ask(fixture: S3Fixture, path: string, headers: Headers): Promise<RawAnswer> {
  const lines = Object.entries({ host: "127.0.0.1", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const [answer] = await raw(fixture.port, [`OPTIONS ${path} HTTP/1.1\r\n${lines.join("")}\r\n`]);
  assert.ok(answer);
  return answer;
}

/** What an answer says to browsers. */
const told = ({ headers }: RawAnswer): Headers =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith("access-control-"))
      .map(([name, value]) => [name.slice("access-control-".length), value]),
  );

const wants = (method: string, headers?: string, origin = page): Headers => ({
  origin,
  "access-control-request-method": method,
  ...(headers === undefined ? {} : { "access-control-request-headers": headers }),
});

describe("a preflight", () => {
  it("is answered by the first rule that has origin, method and headers, without a signature", async () => {
    await using fixture = await withBucket();
    await rule(fixture.admin, anyones, apps);
    const put = await ask(fixture, `/${Bucket}/k`, wants("PUT", "Content-Type, x-amz-date,authorization"));
    assert.equal(put.status, 200);
    assert.deepEqual(told(put), {
      "allow-origin": page,
      "allow-credentials": "true",
      "allow-methods": "PUT, POST, DELETE",
      "allow-headers": "content-type, x-amz-date, authorization",
      "expose-headers": "ETag, x-amz-request-id",
      "max-age": "600",
    });
    assert.match(put.headers["vary"] ?? "", /^Origin, /);
    const sub = await ask(fixture, `/${Bucket}?delete`, wants("POST", undefined, "https://eu.app.example"));
    assert.equal(told(sub)["allow-origin"], "https://eu.app.example");
    const get = await ask(fixture, `/${Bucket}/k`, wants("GET", undefined, "https://else.example"));
    assert.deepEqual(told(get), { "allow-origin": "*", "allow-methods": "GET", "expose-headers": "ETag" });
  });

  it("finds the bucket in the host as well", async () => {
    await using fixture = await withBucket();
    await rule(fixture.admin, apps);
    const host = { host: `${Bucket}.localhost` };
    assert.equal((await ask(fixture, "/k", { ...host, ...wants("PUT") })).status, 200);
    assert.equal((await ask(fixture, `/${Bucket}/k`, { host: "other.localhost", ...wants("PUT") })).status, 403);
  });

  it("is refused alike where no rule has it, where there are no rules, and where there is no bucket", async () => {
    await using fixture = await withBucket();
    const refused = async (path: string, headers: Headers): Promise<string> => {
      const { status, body, headers: came } = await ask(fixture, path, headers);
      assert.deepEqual(told({ status, body, headers: came, all: "" }), {});
      return `${status} ${body.replace(/<(RequestId|HostId|Resource)>.*?<\/\1>/g, "")}`;
    };
    const without = await refused(`/${Bucket}/k`, wants("PUT"));
    assert.match(without, /^403 .*<Code>AccessForbidden<\/Code>/s);
    assert.equal(await refused("/no-such-bucket/k", wants("PUT")), without);
    assert.equal(await refused("/", wants("PUT")), without);
    await rule(fixture.admin, apps);
    for (const asked of [
      wants("PUT", undefined, "https://app.example.evil"),
      wants("PUT", undefined, "http://app.example"),
      wants("GET"),
      wants("PUT", "content-type,x-other"),
    ]) {
      assert.match(await refused(`/${Bucket}/k`, asked), /^403 .*AccessForbidden/s);
    }
  });

  it("says an origin and a method, or is none", async () => {
    await using fixture = await withBucket();
    await rule(fixture.admin, apps);
    for (const headers of [{}, { origin: page }, wants("put"), wants("PUT EVERYTHING")]) {
      const answer = await ask(fixture, `/${Bucket}/k`, headers);
      assert.equal(`${answer.status} ${codeOf(answer)}`, "400 BadRequest");
    }
  });

  it("names no tenant: any bucket of the name may answer it", async () => {
    await using fixture = await withBucket();
    const others = await Promise.all(["t1", "t2", "t3"].map((tenant) => fixture.someone("ann", "admin", tenant)));
    for (const one of others) await one.s3.send(new CreateBucketCommand({ Bucket }));
    await rule(fixture.admin, anyones);
    const [, , last] = others;
    assert.ok(last);
    await rule(last, apps);
    assert.equal((await ask(fixture, `/${Bucket}/k`, wants("PUT"))).status, 200);
    assert.equal((await ask(fixture, `/${Bucket}/k`, wants("GET"))).status, 200);
    // But the request itself is its own bucket's to answer.
    const request = { method: "PUT", path: `/${Bucket}/k`, headers: { origin: page } };
    assert.deepEqual(told(await send(fixture.port, fixture.admin.credentials, request)), {});
    assert.equal(told(await send(fixture.port, last.credentials, request))["allow-origin"], page);
  });

  it("costs nobody else anything, whatever the rules and whatever is asked", async () => {
    await using fixture = await withBucket();
    const many = Array.from({ length: 60 }, (_, index) => ({
      ...apps,
      AllowedHeaders: Array.from({ length: 14 }, (_, at) => `x-${index}-${at}*`),
      ExposeHeaders: [],
    }));
    await rule(fixture.admin, ...many);
    const names = Array.from({ length: 1_500 }, (_, index) => `x-59-1${index}`).join(",");
    const asked = Array.from({ length: 8 }, () => ask(fixture, `/${Bucket}/k`, wants("PUT", names)));
    for (const answer of await Promise.all(asked)) assert.equal(answer.status, 200);
  });
});

describe("an answer to a page", () => {
  it("may be read by its scripts, whatever its status", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    await rule(admin, apps, anyones);
    await admin.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "hello" }));
    const origin = { origin: page };
    const get = (path: string, headers: Headers = origin) =>
      send(port, admin.credentials, { method: "GET", path, headers });
    const whole = await get(`/${Bucket}/k`);
    assert.deepEqual([whole.status, whole.body, told(whole)["allow-origin"]], [200, "hello", "*"]);
    const etag = whole.headers["etag"] ?? "";
    const unchanged = await get(`/${Bucket}/k`, { ...origin, "if-none-match": etag });
    assert.deepEqual([unchanged.status, told(unchanged)["expose-headers"]], [304, "ETag"]);
    const missing = await get(`/${Bucket}/none`);
    assert.deepEqual([missing.status, told(missing)["allow-origin"]], [404, "*"]);
    const put = await send(port, admin.credentials, { method: "PUT", path: `/${Bucket}/k2`, headers: origin });
    assert.deepEqual([put.status, told(put)["allow-origin"]], [200, page]);
    // Of the name of the bucket alone is known whose it may be when the signature is wrong, or there is none.
    const [forged] = await raw(port, [
      `PUT /${Bucket}/k HTTP/1.1\r\nhost: x\r\norigin: ${page}\r\ncontent-length: 0\r\n\r\n`,
    ]);
    assert.ok(forged);
    assert.deepEqual([forged.status, told(forged)["allow-origin"]], [403, page]);
  });

  it("of another origin says only that it would differ", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    await rule(admin, apps);
    const request = { method: "PUT", path: `/${Bucket}/k`, headers: { origin: "https://evil.example" } };
    const answer = await send(port, admin.credentials, request);
    assert.equal(answer.status, 200);
    assert.deepEqual(told(answer), {});
    assert.match(answer.headers["vary"] ?? "", /^Origin, /);
    const plain = await send(port, admin.credentials, { method: "PUT", path: `/${Bucket}/k` });
    assert.equal(plain.headers["vary"], undefined);
  });
});
