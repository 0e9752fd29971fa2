import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { S3Error } from "./errors.ts";
import { boundaryOf, maxFormBytes, readForm } from "./multipart-form.ts";

const boundary = "----edge-7";
const part = (disposition: string, value: string, more = ""): string =>
  `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n${value}\r\n`;
const end = `--${boundary}--\r\n`;
const file = (value: string, filename = 'filename="a.txt"'): string =>
  part(`name="file"; ${filename}`, value, "Content-Type: text/plain\r\n");

/** Of at most so many bytes each. */
function inPieces(bytes: Buffer, size: number): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return Readable.from(pieces);
}

interface Read {
  readonly fields: Record<string, string>;
  readonly filename: string;
  readonly file: Buffer;
  readonly before: number;
}

async function read(body: string | Buffer, size = 65_536): Promise<Read> {
  await using form = await readForm(inPieces(Buffer.from(body), size), boundary);
  const pieces: Buffer[] = [];
  for await (const piece of form.file.bytes) pieces.push(piece);
  const { filename, before } = form.file;
  return { fields: Object.fromEntries(form.fields), filename, file: Buffer.concat(pieces), before };
}

async function fault(body: string | Buffer): Promise<string> {
  try {
    await read(body);
    return "ok";
  } catch (error) {
    assert.ok(error instanceof S3Error, String(error));
    return error.code;
  }
}

describe("readForm", () => {
  it("gives the fields before the file, by name in lower case, and the file as it came", async () => {
    const body =
      part('name="KEY"', "a/${filename}") + part("name=x-amz-meta-ü", "grün\r\n 🟢") + file("hello\r\n") + end;
    const { fields, filename, file: bytes, before } = await read(body);
    assert.deepEqual(fields, { key: "a/${filename}", "x-amz-meta-ü": "grün\r\n 🟢" });
    assert.deepEqual([filename, bytes.toString()], ["a.txt", "hello\r\n"]);
    assert.equal(Buffer.from(body).subarray(before).toString(), `hello\r\n\r\n${end}`);
  });

  it("takes parts that call themselves files for fields, as clients send all of them so", async () => {
    const { fields, filename } = await read(part('name="key"; filename="key"', "k") + file("x") + end);
    assert.deepEqual([fields, filename], [{ key: "k" }, "a.txt"]);
  });

  const names: readonly [written: string, filename: string][] = [
    ["", ""],
    ['filename=""', ""],
    ["filename=plain.txt", "plain.txt"],
    ['filename="a b.txt"', "a b.txt"],
    ['filename="a\\"b.txt"', 'a"b.txt'],
    ['filename="a%22b.txt"', 'a"b.txt'],
    ['filename="C:\\dir\\naïve.txt"', "C:\\dir\\naïve.txt"],
    ["filename=\"x\"; filename*=UTF-8''na%C3%AFve%20.txt", "naïve .txt"],
    ["filename=\"x\"; filename*=UTF-8''%FF", "x"],
    ['filename="semi;colon=1.txt"', "semi;colon=1.txt"],
  ];
  for (const [written, filename] of names) {
    it(`reads ${written === "" ? "no filename" : written}`, async () => {
      assert.equal((await read(part(`name="file"; ${written}`, "x") + end)).filename, filename);
    });
  }

  it("passes over what stands before the first boundary and behind the file", async () => {
    const { file: bytes } = await read(`preamble\r\n${file("x")}${part('name="submit"', "Upload")}${end}epilogue`);
    assert.equal(bytes.toString(), "x");
    const spaced = `--${boundary} \t\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--${boundary}  \r\n`;
    assert.equal((await read(spaced)).file.toString(), "x");
  });

  it("gives the same however the bytes come, and whatever they are", async () => {
    const text = fc.string({ unit: "binary", maxLength: 40 }).filter((value) => !value.includes(boundary));
    // Runs of what boundaries are made of, so that many pieces look like the beginning of one.
    const fragment = fc.constantFrom("\r", "\n", "\r\n", "-", "--", `\r\n--${boundary.slice(0, -1)}`, "x", "\0");
    const bytes = fc.array(fragment, { maxLength: 60 }).map((pieces) => pieces.join(""));
    await fc.assert(
      fc.asyncProperty(text, bytes, fc.integer({ min: 1, max: 50 }), async (value, content, size) => {
        const found = await read(part('name="key"', value) + file(content) + end, size);
        assert.deepEqual(found.fields, { key: value.toWellFormed() });
        assert.equal(found.file.toString(), content);
      }),
    );
  });

  it("passes a file on as it comes, and reads no further than it is asked", async () => {
    let sent = 0;
    const source = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"\r\n\r\n`);
      for (; sent < 1_000; sent += 1) yield Buffer.alloc(65_536, sent % 251);
      yield Buffer.from(`\r\n${end}`);
    };
    const form = await readForm(Readable.from(source(), { highWaterMark: 1 }), boundary);
    assert.ok(sent < 10, `${sent} pieces were read before they were asked for`);
    let size = 0;
    for await (const piece of form.file.bytes) {
      size += piece.length;
      if (size > 10 * 65_536) break;
    }
    assert.ok(sent < 20, `${sent} pieces were read`);
  });

  const faults: readonly [what: string, body: string | Buffer, code: string][] = [
    ["nothing", "", "MalformedPOSTRequest"],
    ["no boundary", "hello", "MalformedPOSTRequest"],
    ["no file", part('name="key"', "k") + end, "IncorrectNumberOfFilesInPostRequest"],
    ["no end", `${part('name="key"', "k")}--${boundary}\r\n`, "MalformedPOSTRequest"],
    ["an end within the file", file("hello").slice(0, -2), "MalformedPOSTRequest"],
    ["an end right after a boundary", `${file("x")}--${boundary}`, "MalformedPOSTRequest"],
    ["a boundary that goes on", `${file("x")}--${boundary}x\r\n`, "MalformedPOSTRequest"],
    ["a part without headers", `--${boundary}\r\n\r\nx\r\n${file("x")}${end}`, "MalformedPOSTRequest"],
    ["a part without a name", part("size=3", "x") + file("x") + end, "MalformedPOSTRequest"],
    [
      "a part of another sort",
      `--${boundary}\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n${end}`,
      "MalformedPOSTRequest",
    ],
    [
      "a header without a colon",
      `--${boundary}\r\nContent-Disposition form-data\r\n\r\nx\r\n${end}`,
      "MalformedPOSTRequest",
    ],
    ["base64", part('name="file"', "eA==", "Content-Transfer-Encoding: base64\r\n") + end, "MalformedPOSTRequest"],
    ["a field twice", part('name="a"', "1") + part('name="A"', "2") + file("x") + end, "InvalidArgument"],
    ["a field that is no UTF-8", Buffer.from(part('name="a"', "\xff") + file("x") + end, "latin1"), "InvalidArgument"],
    [
      "too much before the file",
      part('name="a"', "x".repeat(maxFormBytes)) + file("x") + end,
      "MaxPostPreDataLengthExceeded",
    ],
    ["too much before the first boundary", "x".repeat(maxFormBytes + 1), "MaxPostPreDataLengthExceeded"],
    [
      "a head too long",
      `--${boundary}\r\nContent-Disposition: ${"x".repeat(maxFormBytes)}`,
      "MaxPostPreDataLengthExceeded",
    ],
    ["too much behind the file", file("x") + end + "x".repeat(200_000), "MalformedPOSTRequest"],
  ];
  for (const [what, body, code] of faults) {
    it(`refuses ${what}`, async () => assert.equal(await fault(body), code));
  }

  it("takes a large file, whatever stands before it may have", async () => {
    const content = "x".repeat(5 * maxFormBytes);
    assert.equal(
      (await read(part('name="key"', "k") + file(content) + part('name="submit"', "Go") + end, 1_000)).file.length,
      content.length,
    );
  });
});

describe("boundaryOf", () => {
  for (const [type, expected] of [
    ["multipart/form-data; boundary=abc", "abc"],
    ['Multipart/Form-Data; charset=utf-8; boundary="a b;c"', "a b;c"],
    ["multipart/form-data;boundary=abc; charset=utf-8", "abc"],
  ] as const) {
    it(`reads ${type}`, () => assert.equal(boundaryOf(type), expected));
  }
  for (const type of [
    undefined,
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; xboundary=abc",
    "multipart/mixed; boundary=abc",
    `multipart/form-data; boundary=${"x".repeat(71)}`,
  ]) {
    it(`finds none in ${type?.slice(0, 50)}`, () => assert.throws(() => boundaryOf(type), S3Error));
  }
});
