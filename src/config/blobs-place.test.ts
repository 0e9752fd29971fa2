import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseBlobsPlace } from "./blobs-place.ts";
import { parseConfig } from "./config.ts";

describe("SIGNALBOX_BLOBS", () => {
  it("is a bucket, a prefix, and where the S3 is", () => {
    const none = { endpoint: undefined, region: undefined };
    assert.deepEqual(parseBlobsPlace("s3://b-1"), { bucket: "b-1", prefix: "", pathStyle: false, ...none });
    assert.deepEqual(parseBlobsPlace("s3://b-1/"), { bucket: "b-1", prefix: "", pathStyle: false, ...none });
    assert.deepEqual(parseBlobsPlace("s3://bucket/a/b.c/?endpoint=https://s3.example.com:9000&region=eu-central-1"), {
      bucket: "bucket",
      prefix: "a/b.c/",
      endpoint: "https://s3.example.com:9000",
      region: "eu-central-1",
      pathStyle: true,
    });
    const inHost = parseBlobsPlace("s3://bucket?endpoint=http://[::1]:9000&path_style=false");
    assert.deepEqual(
      ["pathStyle" in inHost && inHost.pathStyle, "endpoint" in inHost && inHost.endpoint],
      [false, "http://[::1]:9000"],
    );
  });

  it("is refused with what is wrong with it", () => {
    for (const [text, problem] of [
      ["bucket", /is not a place such as s3:/],
      ["https://bucket", /is not a place/],
      ["s3://", /names no bucket|is not a place/],
      ["s3://b", /names no bucket/],
      ["s3://key:secret@bucket", /must not hold a key.*SIGNALBOX_BLOBS_ACCESS_KEY_ID/],
      ["s3://bucket/a//b", /prefix/],
      ["s3://bucket/a%20b", /prefix/],
      ["s3://bucket?endpont=http://x", /says endpont/],
      ["s3://bucket?region=a&region=b", /once each/],
      ["s3://bucket?endpoint=localhost:9000", /endpoint that is no http/],
      ["s3://bucket?endpoint=http://a:b@c", /endpoint that is no http/],
      ["s3://bucket?region=a%20b", /region/],
      ["s3://bucket?path_style=yes", /path_style/],
    ] as const) {
      const parsed = parseBlobsPlace(text);
      assert.match("problem" in parsed ? parsed.problem : JSON.stringify(parsed), problem, text);
    }
  });

  it("is told of at the start, without what was given, and with both halves of its key", () => {
    assert.throws(
      () => parseConfig({ SIGNALBOX_BLOBS: "s3://k:hidden@bucket" }, []),
      (thrown) => {
        const { message } = thrown as Error;
        assert.match(message, /^SIGNALBOX_BLOBS: the value given must not hold a key/);
        assert.ok(!message.includes("hidden"));
        return true;
      },
    );
    assert.throws(() => parseConfig({ SIGNALBOX_BLOBS_ACCESS_KEY_ID: "id" }, []), {
      message: /SIGNALBOX_BLOBS_SECRET_ACCESS_KEY: is missing/,
    });
    const key = { SIGNALBOX_BLOBS_ACCESS_KEY_ID: "id", SIGNALBOX_BLOBS_SECRET_ACCESS_KEY: "s" };
    assert.equal(parseConfig({ SIGNALBOX_BLOBS: "s3://bucket", ...key }, []).blobs, "s3://bucket");
  });
});
