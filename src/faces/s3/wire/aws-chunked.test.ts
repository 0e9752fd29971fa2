import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import {
  chunkSigning,
  frame,
  type Mode,
  modes,
  readAll,
  specOf,
  trailerHeaders,
} from "../../../../test/support/chunked-body.ts";
import { HmacKey } from "../../../domain/hmac.ts";
import { AwsChunked } from "./aws-chunked.ts";
import { checksumOf } from "./checksums.ts";

const data = Buffer.from("The quick brown fox jumps over the lazy dog.");
const chunks = [data.subarray(0, 20), data.subarray(20)];
const crcLine = `x-amz-checksum-crc32:${checksumOf("crc32", data)}`;
const spec = (mode: Mode, size = data.length) =>
  specOf({ kind: mode }, size, mode === "streaming-signed" ? {} : trailerHeaders("crc32"));

/** Every chunk a client could send is refused with one of these codes, and nothing hangs. */
async function refuses(wire: Buffer | string, mode: Mode, code: string, size = data.length): Promise<void> {
  const bytes = typeof wire === "string" ? Buffer.from(wire, "latin1") : wire;
  await assert.rejects(readAll(bytes, spec(mode, size)), { name: "S3Error", code });
}

describe("the published examples", () => {
  const a = Buffer.alloc(66_560, "a");
  const head = (size: string, signature: string): Buffer => Buffer.from(`${size};chunk-signature=${signature}\r\n`);
  const line = Buffer.from("\r\n");

  it("a body in signed chunks", async () => {
    const wire = Buffer.concat([
      head("10000", "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
      a.subarray(0, 65_536),
      line,
      head("400", "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
      a.subarray(65_536),
      line,
      head("0", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
      line,
    ]);
    assert.equal(wire.length, 66_824);
    const read = await readAll(wire, specOf({ kind: "streaming-signed" }, a.length, { "content-length": "66824" }));
    assert.ok(read.data.equals(a));
  });

  it("a body in signed chunks with a trailer", async () => {
    const seedSignature = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
    const trailer = "x-amz-checksum-crc32c:sOO8/Q==";
    const signature = "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";
    // The document shows the line feed that is signed on the wire, too; clients send CR LF only.
    for (const end of [`${trailer}\n\r\n${signature}\r\n\r\n`, `${trailer}\r\n${signature}\r\n\r\n`]) {
      const wire = Buffer.concat([
        head("10000", "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"),
        a.subarray(0, 65_536),
        line,
        head("400", "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"),
        a.subarray(65_536),
        line,
        head("0", "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"),
        Buffer.from(end),
      ]);
      const wanted = specOf({ kind: "streaming-signed-trailer" }, a.length, trailerHeaders("crc32c"));
      const read = await readAll(wire, { ...wanted, chunkSigning: { ...chunkSigning, seedSignature } });
      assert.deepEqual(read.checksums, { crc32c: "sOO8/Q==" });
    }
  });

  it("an unsigned body of the SDK", async () => {
    const wire = Buffer.from("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n");
    const read = await readAll(wire, spec("streaming-unsigned-trailer", 5));
    assert.equal(read.data.toString(), "hello");
    assert.deepEqual(read.checksums, { crc32: "NhCmhg==" });
    assert.equal(read.md5Hex, "5d41402abc4b2a76b9719d911017c592");
  });
});

describe("aws-chunked", () => {
  it("gives back any data in any chunks, however the stream is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...modes),
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 6 }),
        fc.array(fc.nat(800), { maxLength: 12 }),
        async (mode, parts, cuts) => {
          const whole = Buffer.concat(parts);
          const wire = frame(mode, parts, [`x-amz-checksum-crc32:${checksumOf("crc32", whole)}`]);
          const read = await readAll(wire, spec(mode, whole.length), cuts);
          assert.ok(read.data.equals(whole));
          assert.equal(read.size, whole.length);
        },
      ),
    );
  });

  it("survives a stream of single bytes", async () => {
    for (const mode of modes) {
      const wire = frame(mode, chunks, [crcLine]);
      const read = await readAll(
        wire,
        spec(mode),
        Array.from(wire, (_, i) => i),
      );
      assert.ok(read.data.equals(data));
    }
  });

  it("is an error wherever it is cut off", async () => {
    for (const mode of modes) {
      const wire = frame(mode, chunks, [crcLine]);
      for (let end = 0; end < wire.length; end += 1) {
        await refuses(wire.subarray(0, end), mode, "IncompleteBody");
      }
    }
  });

  it("never gives other data when one bit has changed", async () => {
    for (const mode of modes) {
      const wire = frame(mode, chunks, [crcLine]);
      for (let i = 0; i < wire.length; i += 1) {
        const changed = Buffer.from(wire);
        changed[i] = (wire[i] ?? 0) ^ 0x04;
        const read = await readAll(changed, spec(mode)).catch((error: unknown) => error);
        // A carriage return that became a blank is still the end of a trailer.
        if (read instanceof Error) assert.equal(read.name, "S3Error");
        else assert.ok(wire[i] === 0x0d && (read as { data: Buffer }).data.equals(data), `${mode} at ${i}`);
      }
    }
  });

  it("is an error with anything after its end", async () => {
    for (const mode of modes) {
      const wire = frame(mode, chunks, [crcLine]);
      for (const garbage of ["\r\n", "0\r\n\r\n", "x"]) {
        await refuses(Buffer.concat([wire, Buffer.from(garbage)]), mode, "InvalidRequest");
      }
    }
  });

  it("is an error when the data is not as long as announced", async () => {
    for (const mode of modes) {
      const wire = frame(mode, chunks, [crcLine]);
      await refuses(wire, mode, "InvalidRequest", data.length - 1);
      await refuses(wire, mode, "IncompleteBody", data.length + 1);
    }
  });

  it("refuses chunks moved, left out or signed by another", async () => {
    const [first = data, second = data] = chunks;
    const good = frame("streaming-signed", [first, second]);
    const head = `14;chunk-signature=${"0".repeat(64)}\r\n`.length;
    const [one, two] = [head + first.length + 2, 2 * head + data.length + 4];
    const moved = Buffer.concat([good.subarray(one, two), good.subarray(0, one), good.subarray(two)]);
    assert.equal(moved.length, good.length);
    await refuses(moved, "streaming-signed", "SignatureDoesNotMatch");
    await refuses(good.subarray(one), "streaming-signed", "SignatureDoesNotMatch", second.length);
    const signingKey = new HmacKey(Buffer.alloc(32));
    const other = { ...spec("streaming-signed"), chunkSigning: { ...chunkSigning, signingKey } };
    await assert.rejects(readAll(good, other), { code: "SignatureDoesNotMatch", status: 403 });
  });

  it("refuses lines that are none", async () => {
    const unsigned = "streaming-unsigned-trailer";
    for (const wire of [
      [
        "\r\n",
        "x\r\n",
        "-1\r\n",
        " 5\r\nhello\r\n",
        "5 \r\nhello\r\n",
        "0x5\r\nhello\r\n",
        "5\nhello\r\n",
        "5\r\nhello\n",
      ],
      ["5\r\nhelloX\r\n", "5;a=b\r\nhello\r\n", "ffffffffffffffff\r\n", "5".repeat(300), `5${" ".repeat(10_000)}`],
    ].flat()) {
      await refuses(`${wire}0\r\n${crcLine}\r\n\r\n`, unsigned, "InvalidRequest");
    }
    await refuses("5\r\nhello\r\n0\r\n\r\n", "streaming-signed", "InvalidRequest");
    await refuses(`5;chunk-signature=${"A".repeat(64)}\r\nhello\r\n`, "streaming-signed", "InvalidRequest");
  });

  it("hands data on before its chunk has ended", async () => {
    const wire = frame("streaming-signed", [data]);
    await refuses(wire.subarray(0, 100), "streaming-signed", "IncompleteBody");
    // 1 TiB in one chunk: only what is there is kept.
    const head = `10000000000;chunk-signature=${"0".repeat(64)}\r\n`;
    await refuses(`${head}${"a".repeat(1000)}`, "streaming-signed", "IncompleteBody", 2 ** 40);
  });
});

describe("trailers", () => {
  const unsigned = "streaming-unsigned-trailer";
  const body = "5\r\nhello\r\n0\r\n";
  const right = "x-amz-checksum-crc32:NhCmhg==\r\n";

  it("must be those announced, once, and well formed", async () => {
    for (const [trailers, code] of [
      ["", "MalformedTrailerError"],
      [right + right, "MalformedTrailerError"],
      ["x-amz-checksum-crc32c:NhCmhg==\r\n", "MalformedTrailerError"],
      [`${right}x-amz-meta-a:b\r\n`, "MalformedTrailerError"],
      ["no colon\r\n", "MalformedTrailerError"],
      [":NhCmhg==\r\n", "MalformedTrailerError"],
      [Array.from({ length: 9 }, (_, i) => `a${i}:b\r\n`).join(""), "MalformedTrailerError"],
      ["x-amz-checksum-crc32:NhCm\r\n", "InvalidRequest"],
      ["x-amz-checksum-crc32:AAAAAA==\r\n", "BadDigest"],
      [`x-amz-checksum-crc32:${"A".repeat(300)}`, "InvalidRequest"],
    ] as const) {
      await refuses(`${body}${trailers}\r\n`, unsigned, code, 5);
    }
    const spaced = Buffer.from(`${body}X-Amz-Checksum-CRC32: NhCmhg== \r\n\r\n`);
    assert.equal((await readAll(spaced, spec(unsigned, 5))).size, 5);
  });

  it("need their signature where chunks are signed", async () => {
    const mode = "streaming-signed-trailer";
    const wire = frame(mode, chunks, [crcLine]).toString("latin1");
    const cut = wire.indexOf("x-amz-trailer-signature");
    await refuses(`${wire.slice(0, cut)}\r\n`, mode, "IncompleteBody");
    await refuses(`${wire.slice(0, cut)}x-amz-trailer-signature:abc\r\n\r\n`, mode, "SignatureDoesNotMatch");
    await refuses(wire.replace(crcLine, "x-amz-checksum-crc32:AAAAAA=="), mode, "SignatureDoesNotMatch");
    const late = wire.replace(/(x-amz-trailer-signature:.{64}\r\n)/, "$1x-amz-meta-a:b\r\n");
    await refuses(late, mode, "MalformedTrailerError");
  });

  it("may be none", async () => {
    for (const mode of modes) {
      const read = await readAll(frame(mode, chunks), specOf({ kind: mode }, data.length));
      assert.deepEqual(read.checksums, {});
    }
  });
});

describe("many small chunks", () => {
  it("are put together, and too many of them are refused", () => {
    const wire = (count: number): Buffer => Buffer.from("1\r\nx\r\n".repeat(count));
    const chunked = new AwsChunked({ withTrailers: false });
    const pieces = [...chunked.push(wire(9_000))];
    assert.deepEqual(
      pieces.map(({ length }) => length),
      [9_000],
    );
    const large = Buffer.from(`2000\r\n${"y".repeat(8_192)}\r\n1\r\nx\r\n2\r\nzz\r\n`);
    assert.deepEqual(
      [...chunked.push(large)].map(String),
      ["y".repeat(8_192), "xzz"],
      "what is large is handed on as it is",
    );
    assert.throws(() => [...chunked.push(wire(2_000))], { name: "S3Error", code: "InvalidRequest" });
    // However many there are, when they are large enough.
    const usual = new AwsChunked({ withTrailers: false });
    let size = 0;
    for (let count = 0; count < 12_000; count += 1) {
      for (const { length } of usual.push(Buffer.from(`100\r\n${"y".repeat(256)}\r\n`))) size += length;
    }
    assert.equal(size, 12_000 * 256);
  });
});
