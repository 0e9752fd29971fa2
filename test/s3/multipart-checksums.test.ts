/** Checksums of what comes in parts, as S3 has them: of the whole, or of the parts' checksums. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type ChecksumAlgorithm,
  type ChecksumType,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { checksumAlgorithms, checksumOf } from "../../src/faces/s3/wire/checksums.ts";
import { Bucket, failure, refusal, type S3Fixture, withBucket } from "../support/s3.ts";
import { codeOf, send } from "../support/sign.ts";

const Key = "big";
const texts = ["aaaa", "bbbb", "cc"];
const tiny = { limits: { minPartBytes: 4 } };

type Algorithm = (typeof checksumAlgorithms)[number];
const nameOf = (algorithm: Algorithm): `Checksum${Uppercase<Algorithm>}` =>
  `Checksum${algorithm.toUpperCase() as Uppercase<Algorithm>}`;
const told = (algorithm: Algorithm, text: string): string => checksumOf(algorithm, Buffer.from(text));
const whole = (algorithm: Algorithm): string => told(algorithm, texts.join(""));
const composite = (algorithm: Algorithm, parts: readonly string[] = texts): string => {
  const sums = parts.map((text) => Buffer.from(told(algorithm, text), "base64"));
  return `${checksumOf(algorithm, Buffer.concat(sums))}-${parts.length}`;
};
/** One of the right form, and of nothing here. */
const wrong = (algorithm: Algorithm): string => told(algorithm, "something else");

interface Begun {
  readonly s3: S3Client;
  readonly UploadId: string;
  readonly Parts: { PartNumber: number; ETag: string | undefined }[];
}

/** What the client does not say, the SDK does not add. */
function quiet(fixture: S3Fixture): S3Client {
  return fixture.client(fixture.admin.credentials, { requestChecksumCalculation: "WHEN_REQUIRED" });
}

async function begin(
  s3: S3Client,
  algorithm?: Algorithm,
  type?: ChecksumType,
  { tellParts = true }: { readonly tellParts?: boolean } = {},
): Promise<Begun> {
  const { UploadId = "" } = await s3.send(
    new CreateMultipartUploadCommand({
      Bucket,
      Key,
      ...(algorithm === undefined ? {} : { ChecksumAlgorithm: algorithm.toUpperCase() as ChecksumAlgorithm }),
      ...(type === undefined ? {} : { ChecksumType: type }),
    }),
  );
  const Parts: Begun["Parts"] = [];
  for (const [index, Body] of texts.entries()) {
    const sum = algorithm === undefined || !tellParts ? {} : { [nameOf(algorithm)]: told(algorithm, Body) };
    const part = { Bucket, Key, UploadId, PartNumber: index + 1, Body, ...sum };
    const { ETag } = await s3.send(new UploadPartCommand(part));
    const named = algorithm === undefined ? {} : { [nameOf(algorithm)]: told(algorithm, Body) };
    Parts.push({ PartNumber: index + 1, ETag, ...named });
  }
  return { s3, UploadId, Parts };
}

function complete({ s3, UploadId, Parts }: Begun, more: Partial<CompleteMultipartUploadCommandInput> = {}) {
  return s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }));
}

describe("an upload", () => {
  it("is begun with an algorithm and a type that go together", async () => {
    await using fixture = await withBucket();
    const s3 = quiet(fixture);
    const create = async (ChecksumAlgorithm?: string, ChecksumType?: string): Promise<string> => {
      const input = { Bucket, Key, ChecksumAlgorithm, ChecksumType } as { Bucket: string; Key: string };
      const made = await s3.send(new CreateMultipartUploadCommand(input)).catch((error: unknown) => error as Error);
      if (made instanceof Error) return `${made.name}: ${made.message}`;
      return `${made.ChecksumAlgorithm} ${made.ChecksumType}`;
    };
    for (const [algorithm, type, expected] of [
      ["CRC32", undefined, "CRC32 COMPOSITE"],
      ["CRC32", "FULL_OBJECT", "CRC32 FULL_OBJECT"],
      ["CRC32C", undefined, "CRC32C COMPOSITE"],
      ["CRC32C", "FULL_OBJECT", "CRC32C FULL_OBJECT"],
      ["CRC64NVME", undefined, "CRC64NVME FULL_OBJECT"],
      ["SHA1", undefined, "SHA1 COMPOSITE"],
      ["SHA256", "COMPOSITE", "SHA256 COMPOSITE"],
      [undefined, undefined, "undefined undefined"],
    ] as const) {
      assert.equal(await create(algorithm, type), expected);
    }
    for (const [algorithm, type, expected] of [
      ["SHA256", "FULL_OBJECT", /^InvalidRequest: The FULL_OBJECT checksum type cannot be used with the sha256/],
      ["SHA1", "FULL_OBJECT", /^InvalidRequest: The FULL_OBJECT/],
      ["CRC64NVME", "COMPOSITE", /^InvalidRequest: The COMPOSITE checksum type cannot be used with the crc64nvme/],
      ["CRC32", "WHOLE", /^InvalidRequest: Value for x-amz-checksum-type/],
      ["CRC16", undefined, /^InvalidRequest: Checksum algorithm provided is unsupported/],
      [undefined, "COMPOSITE", /^InvalidRequest: The x-amz-checksum-type header can only be used with/],
    ] as const) {
      assert.match(await create(algorithm, type), expected);
    }
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    assert.ok(Uploads?.some((one) => one.ChecksumAlgorithm === "SHA1" && one.ChecksumType === "COMPOSITE"));
  });

  for (const [algorithm, type] of [
    ["crc32", undefined],
    ["crc32", "FULL_OBJECT"],
    ["crc32c", "COMPOSITE"],
    ["crc32c", "FULL_OBJECT"],
    ["crc64nvme", "FULL_OBJECT"],
    ["sha1", undefined],
    ["sha256", "COMPOSITE"],
  ] as const) {
    it(`in ${algorithm} ${type ?? "of the usual type"} is verified at its end, and told so ever after`, async () => {
      await using fixture = await withBucket(tiny);
      const s3 = quiet(fixture);
      const name = nameOf(algorithm);
      const isFull = type === "FULL_OBJECT";
      const right = isFull ? whole(algorithm) : composite(algorithm);
      const begun = await begin(s3, algorithm, type);

      const listed = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId: begun.UploadId }));
      assert.equal(listed.ChecksumType, isFull ? "FULL_OBJECT" : "COMPOSITE");
      assert.deepEqual(
        listed.Parts?.map((part) => part[name]),
        texts.map((text) => told(algorithm, text)),
      );

      const refused = (more: Partial<CompleteMultipartUploadCommandInput>): Promise<string> =>
        failure(complete(begun, more));
      assert.equal(await refused({ [name]: isFull ? wrong(algorithm) : `${wrong(algorithm)}-3` }), "400 BadDigest");
      assert.equal(await refused({ [name]: "bad" }), "400 InvalidRequest");
      const otherCount = `${right.replace(/-\d+$/, "")}-2`;
      assert.equal(await refused({ [name]: otherCount }), isFull ? "400 InvalidRequest" : "400 BadDigest");
      const otherType = isFull ? "COMPOSITE" : "FULL_OBJECT";
      assert.equal(await refused({ ChecksumType: otherType }), "400 InvalidRequest");
      const other = algorithm === "sha1" ? "sha256" : "sha1";
      assert.equal(await refused({ [nameOf(other)]: told(other, "x") }), "400 InvalidRequest");
      const [first, ...rest] = begun.Parts;
      assert.ok(first);
      const badPart = { MultipartUpload: { Parts: [{ ...first, [name]: wrong(algorithm) }, ...rest] } };
      assert.equal(await refused(badPart), "400 InvalidPart");
      const bare = begun.Parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }));
      if (!isFull) {
        const untold = { MultipartUpload: { Parts: bare }, [name]: right };
        assert.match(await refusal(complete(begun, untold)), /^400 InvalidRequest: .*missing for part 1/);
      }
      assert.deepEqual(await fixture.events(), []);

      const done = await complete(begun, {
        [name]: right,
        ChecksumType: isFull ? "FULL_OBJECT" : "COMPOSITE",
        ...(isFull ? { MultipartUpload: { Parts: bare } } : {}),
      });
      assert.deepEqual([done[name], done.ChecksumType], [right, isFull ? "FULL_OBJECT" : "COMPOSITE"]);
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
      assert.deepEqual([head[name], head.ChecksumType], [right, isFull ? "FULL_OBJECT" : "COMPOSITE"]);
      const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
      assert.deepEqual(
        [Contents?.[0]?.ChecksumAlgorithm, Contents?.[0]?.ChecksumType],
        [[algorithm.toUpperCase()], isFull ? "FULL_OBJECT" : "COMPOSITE"],
      );
      const { Body } = await fixture.admin.s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
      assert.equal(await Body?.transformToString(), texts.join(""));
    });
  }

  it("takes no part in another algorithm than it was begun with", async () => {
    await using fixture = await withBucket(tiny);
    const { port, admin } = fixture;
    const s3 = quiet(fixture);
    const { UploadId } = await begin(s3, "sha256");
    const blobs = await fixture.blobCount();
    const part = { Bucket, Key, UploadId, PartNumber: 4, Body: "dddd" };
    for (const other of checksumAlgorithms.filter((algorithm) => algorithm !== "sha256")) {
      const input = { ...part, [nameOf(other)]: told(other, "dddd") };
      assert.match(
        await refusal(s3.send(new UploadPartCommand(input))),
        new RegExp(`^400 InvalidRequest: Checksum Type mismatch occurred, expected checksum Type: sha256.*: ${other}$`),
      );
    }
    // In a trailer too.
    const body = `4\r\ndddd\r\n0\r\nx-amz-checksum-crc32:${told("crc32", "dddd")}\r\n\r\n`;
    const answer = await send(port, admin.credentials, {
      method: "PUT",
      path: `/${Bucket}/${Key}`,
      query: { uploadId: UploadId, partNumber: "4" },
      payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      headers: { "x-amz-decoded-content-length": "4", "x-amz-trailer": "x-amz-checksum-crc32" },
      body,
    });
    assert.deepEqual([answer.status, codeOf(answer)], [400, "InvalidRequest"]);
    const { Parts } = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    assert.equal(Parts?.length, 3);
    assert.equal(await fixture.blobCount(), blobs);
  });

  it("tells parts that came without a checksum, and those copied, in its algorithm", async () => {
    await using fixture = await withBucket(tiny);
    const s3 = quiet(fixture);
    await s3.send(new PutObjectCommand({ Bucket, Key: "source", Body: "aaaabbbb" }));
    const { UploadId } = await begin(s3, "sha256", undefined, { tellParts: false });
    const copy = async (PartNumber: number, CopySourceRange?: string) => {
      const range = CopySourceRange === undefined ? {} : { CopySourceRange };
      const input = { Bucket, Key, UploadId, PartNumber, CopySource: `${Bucket}/source`, ...range };
      return (await s3.send(new UploadPartCopyCommand(input))).CopyPartResult;
    };
    const part = await copy(1, "bytes=0-3");
    assert.equal(part?.ChecksumSHA256, told("sha256", "aaaa"));
    const all = await copy(2);
    assert.equal(all?.ChecksumSHA256, told("sha256", "aaaabbbb"));
    const { Parts: listed = [] } = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    assert.equal(listed[2]?.ChecksumSHA256, told("sha256", "cc"), "computed here");
    const Parts = listed.map(({ PartNumber = 0, ETag, ChecksumSHA256 }) => ({ PartNumber, ETag, ChecksumSHA256 }));
    const done = await complete({ s3, UploadId, Parts });
    assert.equal(done.ChecksumSHA256, composite("sha256", ["aaaa", "aaaabbbb", "cc"]));
  });

  it("that was begun without an algorithm is told the CRC of the whole, where its parts have one", async () => {
    await using fixture = await withBucket(tiny);
    const s3 = fixture.client(fixture.admin.credentials);
    const begun = await begin(quiet(fixture));
    for (const [index, Body] of texts.entries()) {
      await s3.send(new UploadPartCommand({ Bucket, Key, UploadId: begun.UploadId, PartNumber: index + 1, Body }));
    }
    const refused = (more: object): Promise<string> => failure(complete(begun, more));
    assert.equal(await refused({ ChecksumCRC32: wrong("crc32") }), "400 BadDigest");
    assert.equal(await refused({ ChecksumSHA256: wrong("sha256") }), "400 InvalidRequest", "it cannot be verified");
    assert.equal(await refused({ ChecksumCRC32: `${wrong("crc32")}-3` }), "400 BadDigest");
    const parts = begun.Parts.map((part) => ({ ...part, ChecksumSHA256: wrong("sha256") }));
    assert.equal(await refused({ MultipartUpload: { Parts: parts } }), "400 InvalidPart", "neither can that of a part");
    const done = await complete(begun, { ChecksumCRC32: whole("crc32") });
    assert.deepEqual([done.ChecksumCRC32, done.ChecksumType], [whole("crc32"), "FULL_OBJECT"]);
  });
});

describe("a copy", () => {
  it("is told in the algorithm that is asked for", async () => {
    await using fixture = await withBucket(tiny);
    const s3 = quiet(fixture);
    await complete(await begin(s3, "crc32"));
    const copy = async (ChecksumAlgorithm?: ChecksumAlgorithm): Promise<[unknown, unknown, unknown]> => {
      const asked = ChecksumAlgorithm === undefined ? {} : { ChecksumAlgorithm };
      await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/${Key}`, ...asked }));
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "copy", ChecksumMode: "ENABLED" }));
      return [head.ChecksumType, head.ChecksumCRC32, head.ChecksumSHA256];
    };
    assert.deepEqual(await copy(), ["COMPOSITE", composite("crc32"), undefined]);
    assert.deepEqual(await copy("CRC32"), ["FULL_OBJECT", whole("crc32"), undefined]);
    assert.deepEqual(await copy("SHA256"), ["FULL_OBJECT", undefined, whole("sha256")]);
  });
});
