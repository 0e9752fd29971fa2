import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { failure, s3Fixture } from "../support/s3.ts";
import { codeOf, raw, send } from "../support/sign.ts";

const Bucket = "alpha";

describe("keys", () => {
  it("may hold every reserved character, and come back as they were", async () => {
    await using fixture = await s3Fixture();
    const { s3 } = fixture.admin;
    await s3.send(new CreateBucketCommand({ Bucket }));
    const keys = [
      ..."!\"#$%&'()*+,-.:;<=>?@[\\]^_`{|}~ ".split("").map((character) => `r/${character}x`),
      "a b+c%20d%2Fe",
      "ü/日本/\u{1f600}",
      "trailing/",
      "/leading",
      "a//b",
      "..",
      "../up",
      "a/../b",
      "./c",
      ".",
      "tab\there",
      "line\nbreak",
      "uploads",
      "?acl",
      "__proto__",
      "constructor",
    ];
    await Promise.all(keys.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }))));
    for (const Key of keys) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      assert.equal(await Body?.transformToString(), Key);
    }
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
    assert.deepEqual(Contents?.map(({ Key }) => Key).sort(), [...keys].sort());
    const told = (await fixture.told()).map((line) => line.slice("OBJECT_CREATED_PUT ".length));
    assert.deepEqual(told.sort(), [...keys].sort());

    const CopySource = encodeURIComponent(`${Bucket}/a b+c%20d%2Fe`);
    await s3.send(new CopyObjectCommand({ Bucket, Key: "copied", CopySource }));
    const { Deleted } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [...keys, "copied"].map((Key) => ({ Key })) } }),
    );
    assert.equal(Deleted?.length, keys.length + 1);
    assert.equal(await fixture.blobCount(), 0);
  });

  it("may be of 1,024 bytes and no more", async () => {
    await using fixture = await s3Fixture();
    const { s3 } = fixture.admin;
    await s3.send(new CreateBucketCommand({ Bucket }));
    const put = (Key: string) => failure(s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" })));
    assert.equal(await put("k".repeat(1024)), "ok");
    assert.equal(await put("é".repeat(512)), "ok");
    assert.equal(await put("k".repeat(1025)), "400 KeyTooLongError");
    assert.equal(await put(`${"é".repeat(512)}k`), "400 KeyTooLongError");
    const get = s3.send(new GetObjectCommand({ Bucket, Key: "k".repeat(1025) }));
    assert.equal(await failure(get), "400 KeyTooLongError");
    assert.equal((await fixture.events()).length, 2);
  });

  it("with NUL, or that are no UTF-8, are refused and harm nothing", async () => {
    await using fixture = await s3Fixture();
    const { port, admin } = fixture;
    await admin.s3.send(new CreateBucketCommand({ Bucket }));
    for (const path of [`/${Bucket}/a%00b`, `/${Bucket}/%ff`, `/${Bucket}/%C3%28`]) {
      const answer = await send(port, admin.credentials, { method: "PUT", path, body: "x" });
      assert.equal(answer.status, 400, path);
      assert.match(codeOf(answer) ?? "", /^(InvalidURI|InvalidArgument)$/);
    }
    const [nul] = await raw(port, [Buffer.from("GET /alpha/a\0b HTTP/1.1\r\nhost: x\r\n\r\n", "latin1")]);
    assert.equal(nul?.status, 400);
    assert.deepEqual(await fixture.events(), []);
    assert.equal(await fixture.blobCount(), 0);
  });

  it("never become paths on the disk", async () => {
    await using fixture = await s3Fixture();
    const { port, admin } = fixture;
    await admin.s3.send(new CreateBucketCommand({ Bucket }));
    const answer = await send(port, admin.credentials, {
      method: "PUT",
      path: `/${Bucket}/../../../../tmp/escaped`,
      body: "x",
    });
    assert.equal(answer.status, 200);
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT ../../../../tmp/escaped"]);
  });
});
