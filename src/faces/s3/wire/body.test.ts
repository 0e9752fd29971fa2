import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough, Readable } from "node:stream";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { empty, frame, readAll, specOf, trailerHeaders } from "../../../../test/support/chunked-body.ts";
import { readBody, readSmallBody } from "./body.ts";
import { bodySpec, storedContentEncoding } from "./body-spec.ts";
import { checksumAlgorithms, checksumOf } from "./checksums.ts";
import type { Payload } from "./sigv4.ts";

const data = Buffer.from("123456789");
const hash = (algorithm: string, encoding: "hex" | "base64"): string =>
  createHash(algorithm).update(data).digest(encoding);
const unsigned: Payload = { kind: "unsigned" };
const signed: Payload = { kind: "sha256", hex: hash("sha256", "hex") };
const plain = (headers: Record<string, string> = {}, payload: Payload = unsigned) =>
  specOf(payload, data.length, headers);

describe("a plain body", () => {
  it("comes out as it went in, with its digests", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(300)), async (bytes, cuts) => {
        const wire = Buffer.from(bytes);
        const read = await readAll(wire, specOf(unsigned, wire.length), cuts);
        assert.ok(read.data.equals(wire));
        assert.equal(read.size, wire.length);
        assert.equal(read.md5Hex, createHash("md5").update(wire).digest("hex"));
        assert.deepEqual(read.checksums, {});
      }),
    );
  });

  it("is verified against every checksum given, and computes those asked for", async () => {
    for (const algorithm of checksumAlgorithms) {
      const right = checksumOf(algorithm, data);
      const name = `x-amz-checksum-${algorithm}`;
      for (const payload of [unsigned, signed]) {
        const read = await readAll(data, plain({ [name]: right }, payload), [3]);
        assert.deepEqual(read.checksums, { [algorithm]: right });
        const wrong = checksumOf(algorithm, Buffer.from("other"));
        await assert.rejects(readAll(data, plain({ [name]: wrong }, payload)), { code: "BadDigest", status: 400 });
      }
      const asked = { ...plain(), compute: [algorithm] };
      assert.deepEqual((await readAll(data, asked)).checksums, { [algorithm]: right });
    }
  });

  it("is verified against Content-MD5 and the signed SHA-256", async () => {
    await readAll(data, plain({ "content-md5": hash("md5", "base64") }, signed));
    const other = { "content-md5": createHash("md5").digest("base64") };
    await assert.rejects(readAll(data, plain(other)), { code: "BadDigest" });
    const wrong = plain({}, { kind: "sha256", hex: empty });
    await assert.rejects(readAll(data, wrong), { code: "XAmzContentSHA256Mismatch" });
    await readAll(Buffer.alloc(0), specOf({ kind: "sha256", hex: empty }, 0));
  });

  it("is exactly as long as announced", async () => {
    await assert.rejects(readAll(data, specOf(unsigned, data.length + 1)), { code: "IncompleteBody" });
    await assert.rejects(readAll(data, specOf(unsigned, data.length - 1)), { code: "InvalidRequest" });
    await assert.rejects(readAll(Buffer.alloc(0), specOf(unsigned, 1)), { code: "IncompleteBody" });
    const short = specOf({ kind: "streaming-unsigned-trailer" }, 9, { "content-length": "10" });
    await assert.rejects(readAll(frame("streaming-unsigned-trailer", [data]), short), { code: "InvalidRequest" });
    const open = bodySpec({}, { payload: unsigned });
    assert.equal((await readAll(data, open)).size, 9);
  });

  it("is no longer than the limit, by its word or in fact", async () => {
    const options = { maxBytes: 8 };
    assert.throws(() => bodySpec({ "content-length": "9" }, { payload: unsigned }, options), {
      code: "EntityTooLarge",
    });
    const open = bodySpec({}, { payload: unsigned }, options);
    await assert.rejects(readAll(data, open), { code: "EntityTooLarge" });
  });

  it("tells its digest only after its end", async () => {
    const body = readBody(Readable.from([data]), plain());
    assert.throws(() => body.digest(), /not been read/);
    for await (const _ of body) assert.throws(() => body.digest(), /not been read/);
    assert.equal(body.digest().size, 9);
  });

  it("does not close the stream that an error has still to be answered on", async () => {
    const stream = new PassThrough();
    stream.write(data);
    await assert.rejects(async () => {
      for await (const _ of readBody(stream, specOf(unsigned, 1))) assert.fail("nothing of it is good");
    });
    assert.equal(stream.destroyed, false);
    stream.destroy();
  });
});

describe("trailing checksums", () => {
  it("are verified for every algorithm, beside those in headers", async () => {
    for (const algorithm of checksumAlgorithms) {
      const line = (value: string): string => `x-amz-checksum-${algorithm}:${value}`;
      const right = checksumOf(algorithm, data);
      const wrong = checksumOf(algorithm, Buffer.from("other"));
      for (const mode of ["streaming-signed-trailer", "streaming-unsigned-trailer"] as const) {
        const spec = specOf({ kind: mode }, data.length, trailerHeaders(algorithm));
        const read = await readAll(frame(mode, [data], [line(right)]), spec);
        assert.deepEqual(read.checksums, { [algorithm]: right });
        await assert.rejects(readAll(frame(mode, [data], [line(wrong)]), spec), { code: "BadDigest" });
        const both = { ...spec, expected: { [algorithm]: wrong } };
        await assert.rejects(readAll(frame(mode, [data], [line(right)]), both), { code: "BadDigest" });
      }
    }
  });
});

describe("a client that goes away", () => {
  it("ends the body with an error", { timeout: 10_000 }, async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const server = createServer((incoming) => {
      const body = readBody(incoming, bodySpec(incoming.headers, { payload: unsigned }));
      const drain = async (): Promise<void> => {
        for await (const _ of body) outgoing.destroy();
      };
      drain().then(resolve, resolve);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const outgoing = request({ port, host: "127.0.0.1", method: "PUT", headers: { "content-length": "1000" } });
    outgoing.on("error", () => {});
    outgoing.write("some");
    const error = await promise;
    server.close();
    assert.equal((error as { code?: string }).code, "IncompleteBody");
  });

  it("may have gone before the body is read", async () => {
    const stream = new PassThrough();
    stream.on("error", () => {});
    stream.destroy(new Error("aborted"));
    await assert.rejects(readSmallBody(stream, plain(), 100), { code: "IncompleteBody" });
  });
});

describe("a small body", () => {
  it("is a buffer, verified", async () => {
    assert.ok((await readSmallBody(Readable.from([data]), plain({}, signed), 9)).equals(data));
    await assert.rejects(readSmallBody(Readable.from([data]), plain({}, { kind: "sha256", hex: empty }), 9), {
      code: "XAmzContentSHA256Mismatch",
    });
  });

  it("ends at its limit, by its word or in fact", async () => {
    const tooLong = { code: "MaxMessageLengthExceeded" };
    await assert.rejects(readSmallBody(Readable.from([data]), plain(), 8), tooLong);
    const open = bodySpec({}, { payload: unsigned });
    await assert.rejects(readSmallBody(Readable.from([data.subarray(0, 5), data]), open, 8), tooLong);
  });
});

describe("what the headers say of a body", () => {
  const read =
    (headers: Record<string, string>, payload: Payload = unsigned) =>
    () =>
      bodySpec(headers, { payload });

  it("must be well formed", () => {
    for (const value of ["", "abc", "1B2M2Y8AsgTpgAmY7PhCfg", "AAAAAA=="]) {
      assert.throws(read({ "content-md5": value }), { code: "InvalidDigest" }, value);
      assert.throws(read({ "x-amz-checksum-sha256": value }), { code: "InvalidRequest" }, value);
    }
    for (const value of ["-1", "1.5", "1e3", "", "99999999999999999999", "9, 9"]) {
      assert.throws(read({ "content-length": value }), { code: "InvalidArgument" }, value);
    }
    const streaming: Payload = { kind: "streaming-unsigned-trailer" };
    assert.throws(read({ "content-length": "9" }, streaming), { code: "MissingContentLength", status: 411 });
    const trailer = { "x-amz-decoded-content-length": "9", "x-amz-trailer": "x-amz-meta-a" };
    assert.throws(read(trailer, streaming), { code: "InvalidRequest" });
  });

  it("is taken from headers of any spelling of lists", () => {
    const headers = {
      "x-amz-decoded-content-length": "9",
      "x-amz-trailer": "X-Amz-Checksum-CRC32, x-amz-checksum-sha256",
    };
    assert.deepEqual(read(headers, { kind: "streaming-unsigned-trailer" })().trailers, ["crc32", "sha256"]);
  });

  it("leaves aws-chunked out of the encoding that is kept", () => {
    for (const [value, kept] of [
      [undefined, undefined],
      ["aws-chunked", undefined],
      ["aws-chunked,gzip", "gzip"],
      ["gzip, AWS-Chunked", "gzip"],
      ["gzip", "gzip"],
      ["br, gzip", "br, gzip"],
      ["aws-chunked, br, gzip", "br, gzip"],
      ["aws-chunked, aws-chunked", undefined],
    ] as const) {
      assert.equal(storedContentEncoding(value), kept);
    }
  });
});
