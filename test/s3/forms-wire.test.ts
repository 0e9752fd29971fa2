import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { type Fields, signedForm } from "../support/form.ts";
import { Bucket, failure, withBucket } from "../support/s3.ts";
import { codeOf, type RawAnswer, raw } from "../support/sign.ts";
import { until } from "../support/until.ts";

const form = { bucket: Bucket, fields: { key: "k" } };

describe("a form on the wire", () => {
  const boundary = "b7";
  const partsOf = (fields: Fields): string =>
    Object.entries(fields)
      .map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
      .join("");
  const head = (lines: string, target = `/${Bucket}`, host = "127.0.0.1"): string =>
    `POST ${target} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: multipart/form-data; boundary=${boundary}\r\n${lines}\r\n`;
  const fileHead = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n`;

  it("leaves its connection to the next request, and a sender that is refused reads why while it still sends", async () => {
    await using fixture = await withBucket();
    const fields = partsOf(signedForm(fixture.admin.credentials, form));
    const body = `${fields}${fileHead}hello\r\n--${boundary}--\r\n`;
    const one = head(`content-length: ${Buffer.byteLength(body)}\r\n`) + body;
    const answers = await raw(fixture.port, [one + one], { answers: 2 });
    assert.deepEqual(
      answers.map(({ status }) => status),
      [204, 204],
    );
    const refused = `${partsOf({ key: "k" })}${fileHead}`;
    const sends = head(`content-length: ${refused.length + 30_000_000}\r\n`) + refused;
    const [answer] = await raw(fixture.port, [sends, Buffer.alloc(20_000_000)]);
    assert.equal(codeOf(answer as RawAnswer), "AccessDenied");
  });

  it("goes to the bucket in its host, and to that alone", async () => {
    await using fixture = await withBucket();
    const body = `${partsOf(signedForm(fixture.admin.credentials, form))}${fileHead}hello\r\n--${boundary}--\r\n`;
    const length = `content-length: ${Buffer.byteLength(body)}\r\n`;
    const [stored] = await raw(fixture.port, [head(length, "/", `${Bucket}.localhost`), body]);
    assert.deepEqual([stored?.status, stored?.headers["location"]], [204, `http://${Bucket}.localhost/k`]);
    const [other] = await raw(fixture.port, [head(length, "/", "other.localhost"), body]);
    assert.equal(codeOf(other as RawAnswer), "AccessDenied");
    const [object] = await raw(fixture.port, [head(length, `/${Bucket}`, `${Bucket}.localhost`), body]);
    assert.notEqual(object?.status, 204);
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT k"]);
  });

  it("that breaks off, or is no form, leaves nothing", async () => {
    await using fixture = await withBucket();
    const fields = partsOf(signedForm(fixture.admin.credentials, form));
    const broken = head("content-length: 100000\r\n") + fields + fileHead + "x".repeat(50_000);
    await raw(fixture.port, [broken], { end: true });
    for (const [body, code] of [
      ["hello", "MalformedPOSTRequest"],
      [`${fields}--${boundary}--\r\n`, "IncorrectNumberOfFilesInPostRequest"],
      [`${fields}${fileHead}hello`, "MalformedPOSTRequest"],
    ] as const) {
      const [answer] = await raw(fixture.port, [head(`content-length: ${Buffer.byteLength(body)}\r\n`), body]);
      assert.equal(codeOf(answer as RawAnswer), code);
    }
    await until("the blobs to be gone", async () => (await fixture.blobCount()) === 0);
    assert.deepEqual(await fixture.told(), []);
  });

  it("is let come where its client waits for that, and comes in chunks", async () => {
    await using fixture = await withBucket();
    const body = `${partsOf(signedForm(fixture.admin.credentials, form))}${fileHead}hello\r\n--${boundary}--\r\n`;
    const chunk = `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const [answer] = await raw(fixture.port, [head("expect: 100-continue\r\ntransfer-encoding: chunked\r\n"), chunk]);
    assert.equal(answer?.status, 204);
    assert.match(answer?.all ?? "", /^HTTP\/1\.1 100 /);
    assert.equal(await failure(fixture.admin.s3.send(new HeadObjectCommand({ Bucket, Key: "k" }))), "ok");
  });
});
