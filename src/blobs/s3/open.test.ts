import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { impatientClock } from "../../../test/support/impatient-clock.ts";
import { bucketBodies } from "../../../test/support/named-blobs.ts";
import { Bucket, type S3Fixture, withBucket } from "../../../test/support/s3.ts";

let server: S3Fixture;
before(async () => {
  server = await withBucket();
});
after(() => server[Symbol.asyncDispose]());

describe("a place for bodies", () => {
  const opened = async (over: Partial<Parameters<typeof bucketBodies>[0]>): Promise<void> => {
    const place = { url: server.url, bucket: Bucket, credentials: server.admin.credentials, ...over };
    await using _ = await bucketBodies(place, { clock: impatientClock() });
  };

  it("is refused with the setting and the remedy where it cannot be used", async () => {
    const { accessKeyId } = server.admin.credentials;
    await assert.rejects(opened({ bucket: "nowhere" }), {
      code: "unavailable",
      message: /^SIGNALBOX_BLOBS: s3:\/\/nowhere\/ at http\S+ failed \(NoSuchBucket: .*\): make the bucket/,
    });
    await assert.rejects(opened({ credentials: { accessKeyId, secretAccessKey: "another" } }), {
      message: /failed \(SignatureDoesNotMatch: .*\): the key must be allowed .*SIGNALBOX_BLOBS_ACCESS_KEY_ID/,
    });
    const none = await new Promise<string>((resolve) => {
      const gone = createServer().listen(0, "127.0.0.1", () => {
        const { port } = gone.address() as AddressInfo;
        gone.close(() => resolve(`http://127.0.0.1:${port}`));
      });
    });
    await assert.rejects(opened({ url: none }), { message: /failed \(ECONNREFUSED: .*\): see that it runs/ });
  });

  it("is refused when it is no S3", async () => {
    const pages = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "text/html" }).end("<html>Welcome</html>");
    });
    await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = pages.address() as AddressInfo;
      await assert.rejects(opened({ url: `http://127.0.0.1:${port}` }), {
        code: "unavailable",
        message: /^SIGNALBOX_BLOBS: .*no S3/,
      });
    } finally {
      pages.closeAllConnections();
      await new Promise((resolve) => pages.close(resolve));
    }
  });
});
