/** Bodies in chunks as Java's SDK sends them, which announces trailers where its mode has none, to the whole server. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { chunkModes, sendChunked } from "../support/chunked.ts";
import { codeOf, send } from "../support/sign.ts";
import { workshop } from "./harness.ts";

it("chunk modes of Java's SDK", async () => {
  await using shop = await workshop();
  const { credentials, s3Url } = shop.server;
  const port = Number(new URL(s3Url).port);
  const bucket = await shop.bucket("java");
  const chunks = ["a".repeat(131_072), "b".repeat(70_000)];
  const bytes = Buffer.from(chunks.join(""));
  const announced = "x-amz-checksum-crc32";
  const headers = { "x-amz-sdk-checksum-algorithm": "CRC32" };
  for (const [at, payload] of chunkModes.entries()) {
    const path = `/${bucket}/mode-${at}`;
    const crc = "x-amz-checksum-crc32:f6x1dg==";
    const trailers = payload.endsWith("TRAILER") ? { trailers: [crc] } : {};
    const answer = await sendChunked(port, credentials, { path, payload, chunks, announced, headers, ...trailers });
    assert.equal(answer.status, 200, `${payload}: ${answer.body}`);
    assert.deepEqual((await shop.stored(bucket, `mode-${at}`))?.bytes, bytes);
  }
  const framed = { method: "PUT", path: `/${bucket}/framed`, body: "5\r\nhello\r\n0\r\n\r\n" };
  const refused = await send(port, credentials, { ...framed, headers: { "content-encoding": "aws-chunked" } });
  assert.equal(`${refused.status} ${codeOf(refused)}`, "400 InvalidArgument");
  assert.equal((await shop.changes(bucket)).length, 3);
});
