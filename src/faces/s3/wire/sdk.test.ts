import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import {
  ChecksumAlgorithm,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { parseCompleteMultipart, parseDeleteObjects } from "../../../../test/support/parsed-xml.ts";
import { type BodyDigest, readBody } from "./body.ts";
import { bodySpec } from "./body-spec.ts";
import { checksumOf } from "./checksums.ts";
import { parseCopySource } from "./copy-source.ts";
import { errorXml, S3Error } from "./errors.ts";
import { parsePath } from "./keys.ts";
import { parseUserMetadata } from "./metadata.ts";
import { hoistedHeaders, type Verified, verifySignature } from "./sigv4.ts";
import { parseTaggingHeader } from "./tags.ts";
import { parseCreateBucket, parseTagging } from "./xml.ts";

/** What arrived with one request, after everything in it was verified. */
interface Arrival {
  readonly incoming: IncomingMessage;
  readonly verified: Verified<{ readonly secret: string }>;
  readonly path: ReturnType<typeof parsePath>;
  readonly data: Buffer;
  readonly digest: BodyDigest;
}

async function arrive(incoming: IncomingMessage): Promise<Arrival> {
  const { method = "", url = "", headers, rawHeaders } = incoming;
  const lookup = async (id: string) => (id === "AKIATEST" ? { secret: "hush/+=" } : undefined);
  const verified = await verifySignature({ method, rawUrl: url, headers, rawHeaders }, lookup, Date.now());
  const body = readBody(incoming, bodySpec(headers, verified));
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(Buffer.from(piece));
  return { incoming, verified, path: parsePath(url), data: Buffer.concat(pieces), digest: body.digest() };
}

/** A server that verifies, remembers what came, and answers with an empty 200 or the error. */
async function listen(
  secretAccessKey = "hush/+=",
): Promise<{ client: S3Client; arrivals: Arrival[] } & AsyncDisposable> {
  const arrivals: Arrival[] = [];
  const server = createServer((incoming, outgoing) => {
    arrive(incoming).then(
      (arrival) => {
        arrivals.push(arrival);
        outgoing.setHeader("etag", '"e"').end();
      },
      (error: unknown) => {
        const known = error instanceof S3Error ? error : new S3Error("InternalError", String(error));
        outgoing.writeHead(known.status, { connection: "close" });
        outgoing.end(errorXml(known, { resource: incoming.url ?? "", requestId: "r", hostId: "h" }));
      },
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: "eu-test-1",
    forcePathStyle: true,
    maxAttempts: 1,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    credentials: { accessKeyId: "AKIATEST", secretAccessKey },
  });
  return {
    client,
    arrivals,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Sends by bare HTTP, as someone does who was given a URL, and gives the status. */
async function put(url: string, body: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  // Taken apart by hand: a URL object would resolve the dots of a key.
  const [, hostname = "", port = "", path = ""] = /^http:\/\/([^:]+):(\d+)(.*)$/.exec(url) ?? [];
  const outgoing = send({ hostname, port, path, method: "PUT", headers });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  incoming.resume();
  await once(incoming, "end");
  return incoming.statusCode;
}

const Bucket = "bkt";
const keys = [
  "plain",
  "dir/a b+c&d=e;f,g?h#i",
  "é/€/😀",
  "!'()*~-._",
  "a//b/",
  "..",
  "./x/../y",
  "100%",
  "%2F%41",
  '@:$[]{}|\\^`<>"',
  "\t\n",
  "__proto__",
];

describe("the SDK's requests", () => {
  it("verify for every key", async () => {
    await using server = await listen();
    for (const Key of keys) {
      await server.client.send(new GetObjectCommand({ Bucket, Key }));
      assert.deepEqual(server.arrivals.at(-1)?.path, { bucket: Bucket, key: Key });
      await server.client.send(new ListObjectsV2Command({ Bucket, Prefix: Key, Delimiter: "/", StartAfter: Key }));
      assert.deepEqual(server.arrivals.at(-1)?.path, { bucket: Bucket });
    }
  });

  it("verify for a body of bytes, with each checksum", async () => {
    await using server = await listen();
    for (const algorithm of [undefined, ...Object.values(ChecksumAlgorithm)]) {
      const name = (algorithm ?? "CRC32").toLowerCase();
      // The SDK can compute neither without packages of its own that are not installed here.
      if (["crc64nvme", "md5", "sha512", "xxhash64", "xxhash3", "xxhash128"].includes(name)) continue;
      const chosen = algorithm === undefined ? {} : { ChecksumAlgorithm: algorithm };
      await server.client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "hello", ...chosen }));
      const arrival = server.arrivals.at(-1);
      assert.equal(arrival?.data.toString(), "hello");
      assert.deepEqual(arrival?.digest.checksums, { [name]: checksumOf(name as "crc32", Buffer.from("hello")) });
    }
  });

  it("verify for a stream, whose checksum comes as a trailer", async () => {
    await using server = await listen();
    const body = Buffer.alloc(300_000, "x");
    const pieces = Array.from({ length: 5 }, (_, i) => body.subarray(i * 60_000, (i + 1) * 60_000));
    const command = new PutObjectCommand({ Bucket, Key: "k", Body: Readable.from(pieces), ContentLength: body.length });
    await server.client.send(command);
    const [arrival] = server.arrivals;
    assert.equal(arrival?.verified.payload.kind, "streaming-unsigned-trailer");
    assert.ok(arrival?.data.equals(body));
    assert.deepEqual(arrival?.digest.checksums, { crc32: checksumOf("crc32", body) });
  });

  it("carry metadata, tags and copy sources", async () => {
    await using server = await listen();
    const Metadata = { plain: "a  b", latin: "café" };
    const Tagging = "a=1&b=x%20y";
    await server.client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "", Metadata, Tagging }));
    const headers = server.arrivals[0]?.incoming.headers ?? {};
    assert.deepEqual(parseUserMetadata(headers), Metadata);
    assert.deepEqual(parseTaggingHeader(String(headers["x-amz-tagging"])), [
      { key: "a", value: "1" },
      { key: "b", value: "x y" },
    ]);
    const CopySource = `${Bucket}/${encodeURIComponent("dir/é +")}`;
    await server.client.send(new CopyObjectCommand({ Bucket, Key: "k", CopySource })).catch(() => {});
    const source = parseCopySource(String(server.arrivals[1]?.incoming.headers["x-amz-copy-source"]));
    assert.deepEqual(source, { bucket: Bucket, key: "dir/é +" });
  });

  it("carry XML that is read as it was meant", async () => {
    await using server = await listen();
    // The SDK does not like the empty answers; what matters is what it sent.
    const sent = async (sending: Promise<unknown>): Promise<Buffer> => {
      await sending.catch((error: unknown) => assert.ok(error instanceof Error));
      return server.arrivals.at(-1)?.data ?? assert.fail("nothing arrived");
    };
    const { client } = server;
    const Objects = [...keys, " blanks  ", "007"].map((Key) => ({ Key }));
    const deletes = parseDeleteObjects(
      await sent(client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }))),
    );
    assert.deepEqual(deletes, { quiet: true, objects: Objects.map(({ Key }) => ({ key: Key, conditions: {} })) });

    const upload = { Bucket, Key: "k", UploadId: "u+/=" };
    const Parts = [
      { PartNumber: 1, ETag: '"abc"', ChecksumCRC32: "AAAAAA==" },
      { PartNumber: 2, ETag: "123" },
    ];
    const complete = await sent(
      client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } })),
    );
    assert.deepEqual(parseCompleteMultipart(complete), [
      { partNumber: 1, etag: "abc", checksums: { crc32: "AAAAAA==" } },
      { partNumber: 2, etag: "123", checksums: {} },
    ]);

    const TagSet = [{ Key: "a b", Value: "1.0" }];
    const tags = await sent(client.send(new PutObjectTaggingCommand({ Bucket, Key: "k", Tagging: { TagSet } })));
    assert.deepEqual(parseTagging(tags), [{ key: "a b", value: "1.0" }]);

    assert.deepEqual(parseCreateBucket(await sent(client.send(new CreateBucketCommand({ Bucket })))), {
      location: "eu-test-1",
      tags: [],
    });
    assert.equal((await sent(client.send(new CreateMultipartUploadCommand({ Bucket, Key: "k" })))).length, 0);
  });

  it("are refused when signed with another secret", async () => {
    await using server = await listen("guess");
    const get = server.client.send(new GetObjectCommand({ Bucket, Key: "k" }));
    await assert.rejects(get, { name: "SignatureDoesNotMatch" });
  });
});

describe("the SDK's presigned URLs", () => {
  it("verify for every key", async () => {
    await using server = await listen();
    for (const Key of keys) {
      const url = await getSignedUrl(server.client, new PutObjectCommand({ Bucket, Key }), { expiresIn: 60 });
      assert.equal(await put(url, "anything"), 200, Key);
      const arrival = server.arrivals.at(-1);
      assert.equal(arrival?.path.key, Key);
      assert.equal(arrival?.verified.presigned, true);
      assert.equal(arrival?.data.toString(), "anything");
    }
  });

  it("carry metadata in the query, and let nothing be added", async () => {
    await using server = await listen();
    const command = new PutObjectCommand({ Bucket, Key: "k", Metadata: { name: "a b" }, ContentType: "text/plain" });
    const url = await getSignedUrl(server.client, command, { expiresIn: 60 });
    assert.equal(await put(url, "x"), 200);
    assert.deepEqual(parseUserMetadata(hoistedHeaders(server.arrivals[0]?.incoming.url ?? "")), { name: "a b" });
    assert.equal(await put(url, "x", { "x-amz-copy-source": "/bkt/secret" }), 403);
    assert.equal(await put(url.replace("a%20b", "other"), "x"), 403);
    assert.equal(await put(url.replace("/k?", "/k2?"), "x"), 403);
  });
});
