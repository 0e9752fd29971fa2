import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { failure, type Someone, s3Fixture } from "../support/s3.ts";
import { codeOf, send } from "../support/sign.ts";

const make = (s3: S3Client, Bucket: string) => s3.send(new CreateBucketCommand({ Bucket }));
const names = async (s3: S3Client): Promise<string[]> =>
  ((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).map(({ Name = "" }) => Name);

describe("buckets", () => {
  it("are made, found, listed and removed", async () => {
    await using fixture = await s3Fixture();
    const { s3 } = fixture.admin;
    const { Location } = await make(s3, "beta");
    assert.equal(Location, "/beta");
    await make(s3, "alpha");
    assert.deepEqual(await names(s3), ["alpha", "beta"]);
    await s3.send(new HeadBucketCommand({ Bucket: "alpha" }));
    assert.equal((await s3.send(new GetBucketLocationCommand({ Bucket: "alpha" }))).LocationConstraint, undefined);
    await s3.send(new DeleteBucketCommand({ Bucket: "alpha" }));
    assert.deepEqual(await names(s3), ["beta"]);
    assert.equal(await failure(s3.send(new HeadBucketCommand({ Bucket: "alpha" }))), "404 NotFound");
    assert.equal(await failure(s3.send(new DeleteBucketCommand({ Bucket: "alpha" }))), "404 NoSuchBucket");
  });

  it("say their uuid", async () => {
    await using fixture = await s3Fixture();
    const { port, admin } = fixture;
    const made = await send(port, admin.credentials, { method: "PUT", path: "/alpha" });
    const uuid = (await fixture.deps.store.objects.bucket("default", "alpha"))?.uuid;
    assert.equal(made.headers["x-signalbox-uuid"], uuid);
    assert.match(uuid ?? "", /-101$/);
  });

  it("are listed in pages", async () => {
    await using fixture = await s3Fixture();
    const { s3 } = fixture.admin;
    for (const name of ["aaa", "aab", "abc", "xyz"]) await make(s3, name);
    const first = await s3.send(new ListBucketsCommand({ MaxBuckets: 2, Prefix: "a" }));
    assert.deepEqual(
      first.Buckets?.map(({ Name }) => Name),
      ["aaa", "aab"],
    );
    const second = await s3.send(
      new ListBucketsCommand({ MaxBuckets: 2, Prefix: "a", ContinuationToken: first.ContinuationToken }),
    );
    assert.deepEqual(
      second.Buckets?.map(({ Name }) => Name),
      ["abc"],
    );
    assert.equal(second.ContinuationToken, undefined);
  });

  it("that are there already are the caller's own", async () => {
    await using fixture = await s3Fixture();
    await make(fixture.admin.s3, "alpha");
    assert.equal(await failure(make(fixture.admin.s3, "alpha")), "ok");
  });

  it("need a good name", async () => {
    await using fixture = await s3Fixture();
    for (const path of ["/ab", "/Alpha", "/al..pha", "/192.168.0.1", `/${"a".repeat(64)}`]) {
      const answer = await send(fixture.port, fixture.admin.credentials, { method: "PUT", path });
      assert.equal(`${answer.status} ${codeOf(answer)}`, "400 InvalidBucketName", path);
    }
  });

  it("are removed only when they are empty, and take unfinished uploads with them", async () => {
    await using fixture = await s3Fixture();
    const { s3 } = fixture.admin;
    const at = { Bucket: "alpha", Key: "k" };
    await make(s3, "alpha");
    await s3.send(new PutObjectCommand({ ...at, Body: "x" }));
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
    await s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: "part" }));
    assert.equal(await failure(s3.send(new DeleteBucketCommand({ Bucket: "alpha" }))), "409 BucketNotEmpty");
    await s3.send(new DeleteObjectCommand(at));
    await s3.send(new DeleteBucketCommand({ Bucket: "alpha" }));
    assert.equal(await fixture.blobCount(), 0);
  });
});

describe("who reaches a bucket", () => {
  it("its owner and who manages the tenant; for others it is not there", async () => {
    await using fixture = await s3Fixture();
    const ann = await fixture.someone("ann", "member");
    const bob = await fixture.someone("bob", "member");
    const dev = await fixture.someone("dev", "developer");
    await make(ann.s3, "anns");
    await make(bob.s3, "bobs");
    await ann.s3.send(new PutObjectCommand({ Bucket: "anns", Key: "k", Body: "x" }));

    assert.deepEqual(await names(ann.s3), ["anns"]);
    assert.deepEqual(await names(bob.s3), ["bobs"]);
    assert.deepEqual(await names(dev.s3), ["anns", "bobs"]);
    assert.deepEqual(await names(fixture.admin.s3), ["anns", "bobs"]);
    await dev.s3.send(new GetObjectCommand({ Bucket: "anns", Key: "k" }));

    const at = { Bucket: "anns", Key: "k" };
    assert.equal(await failure(bob.s3.send(new GetObjectCommand(at))), "404 NoSuchBucket");
    assert.equal(await failure(bob.s3.send(new PutObjectCommand({ ...at, Body: "y" }))), "404 NoSuchBucket");
    assert.equal(await failure(bob.s3.send(new ListObjectsV2Command({ Bucket: "anns" }))), "404 NoSuchBucket");
    assert.equal(await failure(bob.s3.send(new DeleteBucketCommand({ Bucket: "anns" }))), "404 NoSuchBucket");
    assert.equal(await failure(make(bob.s3, "anns")), "409 BucketAlreadyExists");
  });

  it("whoever holds a grant, as far as it goes", async () => {
    await using fixture = await s3Fixture();
    const ann = await fixture.someone("ann", "member");
    const bob = await fixture.someone("bob", "member");
    await make(ann.s3, "anns");
    const at = { Bucket: "anns", Key: "k" };
    await ann.s3.send(new PutObjectCommand({ ...at, Body: "x" }));
    const { store } = fixture.deps;
    const bucket = await store.objects.bucket("default", "anns");
    assert.ok(bucket);
    const give = (permission: "read" | "write") =>
      store.commit({
        changes: [{ do: "grant.put", grant: { resource: bucket.uuid, grantee: "bob", permission } }],
      });

    await give("read");
    assert.deepEqual(await names(bob.s3), ["anns"]);
    await bob.s3.send(new GetObjectCommand(at));
    assert.equal(await failure(bob.s3.send(new PutObjectCommand({ ...at, Body: "y" }))), "403 AccessDenied");
    assert.equal(await failure(bob.s3.send(new DeleteObjectCommand(at))), "403 AccessDenied");
    assert.equal(await failure(bob.s3.send(new CreateMultipartUploadCommand(at))), "403 AccessDenied");
    assert.equal(await failure(make(bob.s3, "anns")), "409 BucketAlreadyExists");

    await give("write");
    await bob.s3.send(new PutObjectCommand({ ...at, Body: "y" }));
    assert.equal((await store.objects.object(bucket.uuid, "k"))?.owner, "ann", "an overwrite keeps the owner");
    assert.equal((await fixture.events()).at(-1)?.actor, "bob");
    await bob.s3.send(new DeleteObjectCommand(at));
    assert.equal(await failure(bob.s3.send(new DeleteBucketCommand({ Bucket: "anns" }))), "403 AccessDenied");
  });

  it("nobody of another tenant; names are a tenant's own", async () => {
    await using fixture = await s3Fixture();
    const other = await fixture.someone("root", "admin", "other");
    await make(fixture.admin.s3, "alpha");
    assert.deepEqual(await names(other.s3), []);
    assert.equal(await failure(other.s3.send(new HeadBucketCommand({ Bucket: "alpha" }))), "404 NotFound");
    await make(other.s3, "alpha");
    await other.s3.send(new PutObjectCommand({ Bucket: "alpha", Key: "k", Body: "theirs" }));
    assert.equal(
      await failure(fixture.admin.s3.send(new GetObjectCommand({ Bucket: "alpha", Key: "k" }))),
      "404 NoSuchKey",
    );
    assert.deepEqual(
      (await fixture.events()).map(({ tenant }) => tenant),
      ["other"],
    );
  });

  it("whoever names the right owner, where the owner is named", async () => {
    await using fixture = await s3Fixture();
    const ann = await fixture.someone("ann", "member");
    const bob = await fixture.someone("bob", "member");
    await make(ann.s3, "anns");
    const ask = (who: Someone, ExpectedBucketOwner: string) =>
      failure(who.s3.send(new ListObjectsV2Command({ Bucket: "anns", ExpectedBucketOwner })));
    assert.equal(await ask(ann, "ann"), "ok");
    assert.equal(await ask(ann, "default"), "ok");
    assert.equal(await ask(ann, "bob"), "403 AccessDenied");
    assert.equal(await ask(bob, "bob"), "404 NoSuchBucket");
  });

  it("nobody with a key that was taken away", async () => {
    await using fixture = await s3Fixture();
    const ann = await fixture.someone("ann", "member");
    assert.deepEqual(await names(ann.s3), []);
    const id = ann.credentials.accessKeyId;
    await fixture.deps.store.commit({ changes: [{ do: "accessKey.remove", tenant: "default", id }] });
    assert.equal(await failure(ann.s3.send(new ListBucketsCommand({}))), "403 InvalidAccessKeyId");
  });
});

describe("what clients ask of a bucket before they use it", () => {
  const answers = [
    ["policy", 404, "NoSuchBucketPolicy"],
    ["policyStatus", 404, "NoSuchBucketPolicy"],
    ["cors", 404, "NoSuchCORSConfiguration"],
    ["lifecycle", 404, "NoSuchLifecycleConfiguration"],
    ["encryption", 404, "ServerSideEncryptionConfigurationNotFoundError"],
    ["object-lock", 404, "ObjectLockConfigurationNotFoundError"],
    ["website", 404, "NoSuchWebsiteConfiguration"],
    ["replication", 404, "ReplicationConfigurationNotFoundError"],
    ["publicAccessBlock", 404, "NoSuchPublicAccessBlockConfiguration"],
    ["ownershipControls", 404, "OwnershipControlsNotFoundError"],
    ["tagging", 404, "NoSuchTagSet"],
    ["versioning", 200, undefined],
    ["requestPayment", 200, undefined],
    ["logging", 200, undefined],
    ["accelerate", 200, undefined],
    ["notification", 200, undefined],
    ["acl", 200, undefined],
    ["location", 200, undefined],
    ["inventory", 501, "NotImplemented"],
  ] as const;

  it("is answered as by a bucket that has none of it", async () => {
    await using fixture = await s3Fixture();
    const { port, admin } = fixture;
    await make(admin.s3, "alpha");
    for (const [sub, status, code] of answers) {
      const answer = await send(port, admin.credentials, { method: "GET", path: "/alpha", query: { [sub]: "" } });
      assert.deepEqual([sub, answer.status, codeOf(answer)], [sub, status, code]);
      const missing = await send(port, admin.credentials, { method: "GET", path: "/nope", query: { [sub]: "" } });
      if (status !== 501) assert.equal(codeOf(missing), "NoSuchBucket", sub);
    }
  });

  const kept: ReadonlySet<string> = new Set(
    ["cors", "encryption", "publicAccessBlock", "ownershipControls", "tagging", "versioning"].concat([
      "requestPayment",
      "logging",
      "accelerate",
      "notification",
    ]),
  );

  it("is never taken in silence when it would change something", async () => {
    await using fixture = await s3Fixture();
    const { port, admin } = fixture;
    await make(admin.s3, "alpha");
    for (const [sub] of answers.filter(([sub]) => sub !== "acl" && sub !== "location")) {
      const answer = await send(port, admin.credentials, {
        method: "PUT",
        path: "/alpha/",
        query: { [sub]: "" },
        body: "<X/>",
      });
      const isKept = kept.has(sub);
      assert.deepEqual([sub, codeOf(answer)], [sub, isKept ? "MalformedXML" : "NotImplemented"]);
    }
    const acl = await send(port, admin.credentials, { method: "PUT", path: "/alpha", query: { acl: "" } });
    assert.equal(acl.status, 200);
  });

  it("works through the SDK", async () => {
    await using fixture = await s3Fixture();
    const { s3 } = fixture.admin;
    const at = { Bucket: "alpha" };
    await make(s3, "alpha");
    assert.equal((await s3.send(new GetBucketVersioningCommand(at))).Status, undefined);
    assert.equal((await s3.send(new GetBucketNotificationConfigurationCommand(at))).QueueConfigurations, undefined);
    const acl = await s3.send(new GetBucketAclCommand(at));
    assert.deepEqual(
      [acl.Owner?.ID, acl.Grants?.[0]?.Grantee?.ID, acl.Grants?.[0]?.Permission],
      ["root", "root", "FULL_CONTROL"],
    );
    const versioned = s3.send(
      new PutBucketVersioningCommand({ ...at, VersioningConfiguration: { Status: "Enabled" } }),
    );
    assert.equal(await failure(versioned), "501 NotImplemented");
  });
});
