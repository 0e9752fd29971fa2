import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { describe, it, mock } from "node:test";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { checksumOf } from "../../src/faces/s3/wire/checksums.ts";
import { Bucket, failure, objectData, withBucket } from "../support/s3.ts";
import { codeOf, send } from "../support/sign.ts";

const Key = "big";
const md5 = (bytes: Buffer): Buffer => createHash("md5").update(bytes).digest();

async function begin(s3: S3Client, key = Key): Promise<string> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: key }));
  return UploadId ?? "";
}

function put(s3: S3Client, UploadId: string, PartNumber: number, Body: string | Buffer) {
  return s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
}

function complete(s3: S3Client, UploadId: string, parts: readonly [number, string | undefined][], more: object = {}) {
  const Parts = parts.map(([PartNumber, ETag]) => ({ PartNumber, ...(ETag === undefined ? {} : { ETag }) }));
  const input = { Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more };
  return s3.send(new CompleteMultipartUploadCommand(input));
}

async function bytesOf(s3: S3Client, input: object = {}): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...input }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

const tiny = { limits: { minPartBytes: 4 } };

describe("multipart uploads", () => {
  it("of the SDK come out byte for byte, with one event", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const bytes = randomBytes(16 * 1024 * 1024 + 17);
    const part = 5 * 1024 * 1024;
    await new Upload({
      client: s3,
      partSize: part,
      params: { Bucket, Key, Body: Readable.from([bytes]), ContentType: "a/b", Metadata: { m: "1" }, Tagging: "t=1" },
    }).done();
    const sums = [0, 1, 2, 3].map((index) => md5(bytes.subarray(index * part, (index + 1) * part)));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
    assert.equal(head.ETag, `"${md5(Buffer.concat(sums)).toString("hex")}-4"`);
    const crcs = [0, 1, 2, 3].map((index) => checksumOf("crc32", bytes.subarray(index * part, (index + 1) * part)));
    const crcOfParts = checksumOf("crc32", Buffer.concat(crcs.map((crc) => Buffer.from(crc, "base64"))));
    assert.deepEqual([head.ChecksumCRC32, head.ChecksumType], [`${crcOfParts}-4`, "COMPOSITE"]);
    assert.ok(bytes.equals(await bytesOf(s3, { ChecksumMode: "ENABLED" })));
    const across = await bytesOf(s3, { Range: `bytes=${part - 10}-${2 * part + 10}` });
    assert.ok(bytes.subarray(part - 10, 2 * part + 11).equals(across));
    const second = await s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 2 }));
    assert.ok(bytes.subarray(part, 2 * part).equals(Buffer.from((await second.Body?.transformToByteArray()) ?? [])));
    assert.equal(second.PartsCount, 4);
    const events = await fixture.events();
    assert.equal(events.length, 1);
    const [event] = events;
    assert.ok(event);
    assert.deepEqual(event.names, {
      objects: "OBJECT_CREATED_PUT",
      notifications: "UPLOADED",
      lifecycle: "POST_OBJECT_PUT",
    });
    const { size, reason, contentType, userMetadata, tags } = objectData(event.data);
    assert.deepEqual(
      [size, reason, contentType, userMetadata, tags],
      [bytes.length, "CompleteMultipartUpload", "a/b", { m: "1" }, { t: "1" }],
    );
    assert.equal(await fixture.blobCount(), 4);
  });

  it("take parts in any order and again, and only those that are named", async () => {
    await using fixture = await withBucket(tiny);
    const { s3 } = fixture.admin;
    const id = await begin(s3);
    const c = await put(s3, id, 7, "cc");
    await put(s3, id, 2, "wrong");
    const a = await put(s3, id, 2, "aaaa");
    await put(s3, id, 3, "unused");
    const b = await put(s3, id, 5, "bbbb");
    const { Parts } = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId: id }));
    assert.deepEqual(
      Parts?.map(({ PartNumber, Size, ETag }) => [PartNumber, Size, ETag]).filter(([number]) => number !== 3),
      [
        [2, 4, a.ETag],
        [5, 4, b.ETag],
        [7, 2, c.ETag],
      ],
    );
    const page = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId: id, MaxParts: 2, PartNumberMarker: "2" }));
    assert.deepEqual([page.Parts?.map(({ PartNumber }) => PartNumber), page.IsTruncated], [[3, 5], true]);
    assert.equal(page.NextPartNumberMarker, "5");
    await complete(s3, id, [
      [2, a.ETag],
      [5, b.ETag?.replaceAll('"', "")],
      [7, c.ETag],
    ]);
    assert.equal((await bytesOf(s3)).toString(), "aaaabbbbcc");
    assert.equal(await fixture.blobCount(), 3);
  });

  it("are judged as S3 judges them", async () => {
    await using fixture = await withBucket(tiny);
    const { s3 } = fixture.admin;
    const id = await begin(s3);
    const a = await put(s3, id, 1, "aaa");
    const b = await put(s3, id, 2, "bbbb");
    const refused = (parts: [number, string | undefined][], more?: object) => failure(complete(s3, id, parts, more));
    assert.equal(
      await refused([
        [2, b.ETag],
        [1, a.ETag],
      ]),
      "400 InvalidPartOrder",
    );
    assert.equal(
      await refused([
        [1, a.ETag],
        [2, b.ETag],
      ]),
      "400 EntityTooSmall",
    );
    assert.equal(await refused([[2, a.ETag]]), "400 InvalidPart");
    assert.equal(await refused([[3, a.ETag]]), "400 InvalidPart");
    assert.equal(await refused([[2, b.ETag]], { MpuObjectSize: 5 }), "400 InvalidRequest");
    assert.equal(
      await refused([[2, b.ETag]], { ChecksumCRC32: "AAAAAA==", ChecksumType: "FULL_OBJECT" }),
      "400 BadDigest",
    );
    assert.equal(await failure(put(s3, id, 10_001, "x")), "400 InvalidArgument");
    assert.equal(await failure(put(s3, "nope", 1, "x")), "404 NoSuchUpload");
    const elsewhere = new UploadPartCommand({ Bucket, Key: "other", UploadId: id, PartNumber: 1, Body: "x" });
    assert.equal(await failure(s3.send(elsewhere)), "404 NoSuchUpload");
    assert.equal(await refused([[2, b.ETag]], { ChecksumCRC32: checksumOf("crc32", Buffer.from("bbbb")) }), "ok");
    assert.equal((await fixture.events()).length, 1);
  });

  it("answer a repeated Complete alike, and tell it once", async () => {
    await using fixture = await withBucket(tiny);
    const { s3 } = fixture.admin;
    const id = await begin(s3);
    const { ETag } = await put(s3, id, 1, "a");
    const once = () => complete(s3, id, [[1, ETag]], { IfNoneMatch: "*" });
    const answers = await Promise.all([once(), once(), once()]);
    assert.equal(new Set(answers.map((answer) => answer.ETag)).size, 1);
    assert.equal((await fixture.events()).length, 1);
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: "other" }));
    assert.equal(await failure(once()), "404 NoSuchUpload");
    assert.equal(await fixture.blobCount(), 1);
  });

  it("answer a Complete alike that another one comes between in its reading", async () => {
    await using fixture = await withBucket(tiny);
    const { s3 } = fixture.admin;
    const { uploads } = fixture.deps.store;
    const read = uploads.upload.bind(uploads);
    const id = await begin(s3);
    const { ETag } = await put(s3, id, 1, "a");
    const once = () => complete(s3, id, [[1, ETag]]);
    let first: Awaited<ReturnType<typeof once>> | undefined;
    mock.method(uploads, "upload", async (...asked: Parameters<typeof read>) => {
      const found = await read(...asked);
      uploads.upload = read;
      first = await once();
      return found;
    });
    const second = await once();
    assert.equal(second.ETag, first?.ETag);
    assert.equal((await fixture.events()).length, 1);
  });

  it("hold to conditions at Complete", async () => {
    await using fixture = await withBucket(tiny);
    const { s3 } = fixture.admin;
    const { ETag: there } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
    const id = await begin(s3);
    const { ETag } = await put(s3, id, 1, "a");
    assert.equal(await failure(complete(s3, id, [[1, ETag]], { IfNoneMatch: "*" })), "412 PreconditionFailed");
    assert.equal(await failure(complete(s3, id, [[1, ETag]], { IfMatch: '"other"' })), "412 PreconditionFailed");
    await complete(s3, id, [[1, ETag]], { IfMatch: there });
    assert.equal((await fixture.events()).at(-1)?.names.notifications, "OVERWRITTEN");
    assert.equal(await fixture.blobCount(), 1);
  });

  it("are aborted without a trace", async () => {
    await using fixture = await withBucket(tiny);
    const { s3 } = fixture.admin;
    const id = await begin(s3);
    await put(s3, id, 1, "a");
    const at = { Bucket, Key, UploadId: id };
    await s3.send(new AbortMultipartUploadCommand(at));
    assert.equal(await failure(s3.send(new AbortMultipartUploadCommand(at))), "404 NoSuchUpload");
    assert.equal(await failure(s3.send(new ListPartsCommand(at))), "404 NoSuchUpload");
    assert.equal(await fixture.blobCount(), 0);
    assert.deepEqual(await fixture.events(), []);
  });

  it("copy parts from objects, whole and in ranges", async () => {
    await using fixture = await withBucket(tiny);
    const { s3 } = fixture.admin;
    await s3.send(new PutObjectCommand({ Bucket, Key: "source", Body: "0123456789" }));
    const id = await begin(s3);
    const copy = (PartNumber: number, CopySourceRange?: string) =>
      s3.send(
        new UploadPartCopyCommand({
          Bucket,
          Key,
          UploadId: id,
          PartNumber,
          CopySource: `${Bucket}/source`,
          ...(CopySourceRange === undefined ? {} : { CopySourceRange }),
        }),
      );
    const a = await copy(1);
    const b = await copy(2, "bytes=2-5");
    assert.match(await failure(copy(3, "bytes=5-10")), /^4\d\d /);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "source" }));
    await complete(s3, id, [
      [1, a.CopyPartResult?.ETag],
      [2, b.CopyPartResult?.ETag],
    ]);
    assert.equal((await bytesOf(s3)).toString(), "01234567892345");
    assert.equal(a.CopyPartResult?.ETag, `"${md5(Buffer.from("0123456789")).toString("hex")}"`);
    assert.equal(b.CopyPartResult?.ETag, `"${md5(Buffer.from("2345")).toString("hex")}"`);
    assert.equal(await fixture.blobCount(), 2);
  });

  it("are listed by key and age, in pages and by common prefix", async () => {
    await using fixture = await withBucket(tiny);
    const { s3 } = fixture.admin;
    const ids: Record<string, string> = {};
    for (const key of ["a/1", "a/2", "b", "c/1"]) ids[key] = await begin(s3, key);
    const all = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    assert.deepEqual(
      all.Uploads?.map(({ Key, UploadId }) => [Key, UploadId]),
      Object.entries(ids),
    );
    const first = await s3.send(new ListMultipartUploadsCommand({ Bucket, MaxUploads: 2 }));
    assert.deepEqual([first.Uploads?.length, first.IsTruncated], [2, true]);
    const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = first;
    const rest = await s3.send(new ListMultipartUploadsCommand({ Bucket, KeyMarker, UploadIdMarker }));
    assert.deepEqual(
      rest.Uploads?.map(({ Key }) => Key),
      ["b", "c/1"],
    );
    const folders = await s3.send(new ListMultipartUploadsCommand({ Bucket, Delimiter: "/" }));
    assert.deepEqual(
      folders.CommonPrefixes?.map(({ Prefix }) => Prefix),
      ["a/", "c/"],
    );
    assert.deepEqual(
      folders.Uploads?.map(({ Key }) => Key),
      ["b"],
    );
  });

  it("take the XML that s3cmd and rclone write", async () => {
    await using fixture = await withBucket(tiny);
    const { port, admin } = fixture;
    for (const [open, quote] of [
      ["<CompleteMultipartUpload>", ""],
      ['<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">', "&#34;"],
    ] as const) {
      const id = await begin(admin.s3);
      const etag = (await put(admin.s3, id, 1, "a")).ETag?.replaceAll('"', "");
      const body = `${open}<Part><PartNumber>1</PartNumber><ETag>${quote}${etag}${quote}</ETag></Part></CompleteMultipartUpload>`;
      const answer = await send(port, admin.credentials, {
        method: "POST",
        path: `/${Bucket}/${Key}`,
        query: { uploadId: id },
        body,
      });
      assert.equal(answer.status, 200, answer.body);
    }
    const id = await begin(admin.s3);
    const request = { method: "POST", path: `/${Bucket}/${Key}`, query: { uploadId: id } };
    for (const body of ["", "<Complete", "<CompleteMultipartUpload/>", "<Other/>"]) {
      const answer = await send(port, admin.credentials, { ...request, body });
      assert.deepEqual(
        [body, answer.status, codeOf(answer)],
        [body, 400, body === "" ? codeOf(answer) : "MalformedXML"],
      );
    }
  });
});
