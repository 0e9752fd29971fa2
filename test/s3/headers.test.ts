/** Headers that are kept with an object, on the wire. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Bucket, withBucket } from "../support/s3.ts";
import { send } from "../support/sign.ts";

const path = `/${Bucket}/k`;
const binary = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

describe("headers beyond ASCII", () => {
  // The low bytes of U+010D and U+010A are those of a line break.
  const values = ['attachment; filename="é.txt"', 'attachment; filename="日本.txt"', "a\u010d\u010aset-cookie: b=c"];
  const names = ["cache-control", "content-disposition", "content-language", "content-type"];

  for (const name of names) {
    it(`come back byte by byte as they were sent: ${name}`, async () => {
      await using fixture = await withBucket();
      const { port } = fixture;
      const { credentials } = fixture.admin;
      for (const value of values) {
        const put = await send(port, credentials, { method: "PUT", path, headers: { [name]: value }, body: "hello" });
        assert.equal(put.status, 200, put.body);
        const whole = await send(port, credentials, { method: "GET", path });
        const part = await send(port, credentials, { method: "GET", path, headers: { range: "bytes=1-2" } });
        for (const got of [whole, part]) {
          assert.equal(got.headers[name], binary(value));
          assert.equal(got.headers["set-cookie"], undefined);
        }
      }
    });

    it(`are written as UTF-8 where a URL says them: response-${name}`, async () => {
      await using fixture = await withBucket();
      const { port } = fixture;
      const { credentials } = fixture.admin;
      await send(port, credentials, { method: "PUT", path, body: "hello" });
      for (const value of values) {
        const got = await send(port, credentials, { method: "GET", path, query: { [`response-${name}`]: value } });
        assert.deepEqual([got.status, got.headers[name], got.headers["set-cookie"]], [200, binary(value), undefined]);
      }
    });
  }
});
