import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  type ObjectAttributes,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Bucket, failure, withBucket } from "../support/s3.ts";
import { codeOf, send } from "../support/sign.ts";

const all: ObjectAttributes[] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

describe("attributes of an object", () => {
  it("are those that are asked for, without its bytes", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const put = { Bucket, Key: "k", Body: "hello", ChecksumAlgorithm: "SHA256" as const };
    const { ETag = "", ChecksumSHA256 } = await s3.send(new PutObjectCommand(put));
    const told = await s3.send(new GetObjectAttributesCommand({ Bucket, Key: "k", ObjectAttributes: all }));
    assert.equal(told.ETag, ETag.replaceAll('"', ""));
    assert.equal(told.Checksum?.ChecksumSHA256, ChecksumSHA256);
    assert.deepEqual([told.ObjectSize, told.StorageClass, told.ObjectParts], [5, "STANDARD", undefined]);
    assert.ok(told.LastModified instanceof Date);
    const size = await s3.send(new GetObjectAttributesCommand({ Bucket, Key: "k", ObjectAttributes: ["ObjectSize"] }));
    assert.deepEqual(
      [size.ObjectSize, size.ETag, size.StorageClass, size.Checksum],
      [5, undefined, undefined, undefined],
    );
  });

  it("have the parts that it came in, in pages", async () => {
    await using fixture = await withBucket({ limits: { minPartBytes: 1 } });
    const { s3 } = fixture.admin;
    const at = { Bucket, Key: "k" };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
    const Parts = [];
    for (const [index, Body] of ["one", "three", "x"].entries()) {
      const PartNumber = index + 1;
      const { ETag } = await s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }));
      Parts.push({ PartNumber, ETag });
    }
    await s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
    const parts = async (more: { readonly MaxParts?: number; readonly PartNumberMarker?: string }) => {
      const asked = { ...at, ObjectAttributes: ["ObjectParts"] satisfies ObjectAttributes[], ...more };
      const { ObjectParts } = await s3.send(new GetObjectAttributesCommand(asked));
      const { TotalPartsCount, IsTruncated, NextPartNumberMarker, Parts: listed = [] } = ObjectParts ?? {};
      const sizes = listed.map(({ PartNumber, Size }) => `${PartNumber}: ${Size}`);
      return [TotalPartsCount, IsTruncated, NextPartNumberMarker, ...sizes];
    };
    assert.deepEqual(await parts({}), [3, false, "3", "1: 3", "2: 5", "3: 1"]);
    assert.deepEqual(await parts({ MaxParts: 2 }), [3, true, "2", "1: 3", "2: 5"]);
    assert.deepEqual(await parts({ MaxParts: 2, PartNumberMarker: "2" }), [3, false, "3", "3: 1"]);
  });

  it("need an object, a version that there is, and names that there are", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    const asked = { Bucket, ObjectAttributes: all };
    const missing = admin.s3.send(new GetObjectAttributesCommand({ ...asked, Key: "none" }));
    assert.equal(await failure(missing), "404 NoSuchKey");
    await admin.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
    const other = admin.s3.send(new GetObjectAttributesCommand({ ...asked, Key: "k", VersionId: "3" }));
    assert.equal(await failure(other), "404 NoSuchVersion");
    for (const [headers, expected] of [
      [{}, "400 InvalidRequest"],
      [{ "x-amz-object-attributes": " " }, "400 InvalidRequest"],
      [{ "x-amz-object-attributes": "ETag,Colour" }, "400 InvalidArgument"],
      [{ "x-amz-object-attributes": "ETag,,ObjectSize" }, "400 InvalidArgument"],
      [{ "x-amz-object-attributes": "ObjectParts", "x-amz-max-parts": "-1" }, "400 InvalidArgument"],
    ] as const) {
      const query = { attributes: "" };
      const request = { method: "GET", path: `/${Bucket}/k`, query, headers };
      const answer = await send(port, admin.credentials, request);
      assert.equal(`${answer.status} ${codeOf(answer)}`, expected);
    }
  });
});
