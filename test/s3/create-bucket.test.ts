/** What CreateBucket is asked for besides a bucket: kept and told, or refused. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CreateBucketCommand,
  type CreateBucketCommandInput,
  DeleteBucketCommand,
  GetBucketLocationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
} from "@aws-sdk/client-s3";
import { failure, s3Fixture } from "../support/s3.ts";
import { codeOf, type RawAnswer, send } from "../support/sign.ts";

const Bucket = "alpha";
const told = (answer: RawAnswer): string => `${answer.status} ${codeOf(answer) ?? ""}`.trim();

describe("a new bucket", () => {
  it("has the region, tags and ownership that it was made with, in the commit that made it", async () => {
    await using fixture = await s3Fixture();
    const { s3 } = fixture.admin;
    await s3.send(
      new CreateBucketCommand({
        Bucket,
        ObjectOwnership: "BucketOwnerEnforced",
        CreateBucketConfiguration: {
          LocationConstraint: "eu-central-1",
          Tags: [
            { Key: "team", Value: "ü" },
            { Key: "a", Value: "" },
          ],
        },
      }),
    );
    const at = { Bucket };
    assert.equal((await s3.send(new GetBucketLocationCommand(at))).LocationConstraint, "eu-central-1");
    assert.equal((await s3.send(new HeadBucketCommand(at))).BucketRegion, "eu-central-1");
    assert.deepEqual((await s3.send(new GetBucketTaggingCommand(at))).TagSet, [
      { Key: "a", Value: "" },
      { Key: "team", Value: "ü" },
    ]);
    const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand(at));
    assert.deepEqual(OwnershipControls?.Rules, [{ ObjectOwnership: "BucketOwnerEnforced" }]);
    assert.equal((await fixture.allEvents()).length, 1);
    // They go with it.
    await s3.send(new DeleteBucketCommand(at));
    await s3.send(new CreateBucketCommand(at));
    assert.equal((await s3.send(new GetBucketLocationCommand(at))).LocationConstraint, undefined);
    assert.equal(await failure(s3.send(new GetBucketTaggingCommand(at))), "404 NoSuchTagSet");
  });

  it("in us-east-1 is told as S3 tells it", async () => {
    await using fixture = await s3Fixture();
    const { port, admin } = fixture;
    const inside = "<LocationConstraint>us-east-1</LocationConstraint>";
    const body = `<CreateBucketConfiguration>${inside}</CreateBucketConfiguration>`;
    assert.equal(told(await send(port, admin.credentials, { method: "PUT", path: `/${Bucket}`, body })), "200");
    const at = { Bucket };
    assert.equal((await admin.s3.send(new GetBucketLocationCommand(at))).LocationConstraint, undefined);
    assert.equal((await admin.s3.send(new HeadBucketCommand(at))).BucketRegion, "us-east-1");
  });

  it("is not made when it is asked for more than there is", async () => {
    await using fixture = await s3Fixture();
    const { port, admin } = fixture;
    const tags = (count: number): string =>
      Array.from({ length: count }, (_, index) => `<Tag><Key>k${index}</Key><Value>v</Value></Tag>`).join("");
    for (const [inside, headers, expected] of [
      ["<LocationConstraint>moon base</LocationConstraint>", {}, "400 InvalidLocationConstraint"],
      [`<Tags>${tags(51)}</Tags>`, {}, "400 InvalidTag"],
      ["<Tags><Tag><Key>a</Key></Tag></Tags>", {}, "400 MalformedXML"],
      [`<Tags>${tags(1)}</Tags><Tags/>`, {}, "400 MalformedXML"],
      ["<Foo>1</Foo>", {}, "400 MalformedXML"],
      ["<Bucket><Type>Directory</Type></Bucket>", {}, "501 NotImplemented"],
      ["<Location><Name>use1-az4</Name></Location>", {}, "501 NotImplemented"],
      ["", { "x-amz-object-ownership": "Everyone" }, "400 InvalidArgument"],
      ["", { "x-amz-bucket-object-lock-enabled": "true" }, "501 NotImplemented"],
    ] as const) {
      const body = `<CreateBucketConfiguration>${inside}</CreateBucketConfiguration>`;
      const answer = await send(port, admin.credentials, { method: "PUT", path: `/${Bucket}`, headers, body });
      assert.equal(told(answer), expected, inside);
    }
    assert.deepEqual(await fixture.allEvents(), []);
  });
});

describe("a bucket that is there", () => {
  it("is made again by its owner in us-east-1, and nothing happens", async () => {
    await using fixture = await s3Fixture();
    const { s3 } = fixture.admin;
    const bob = await fixture.someone("bob", "member");
    const carol = await fixture.someone("carol", "member", "other");
    await bob.s3.send(new CreateBucketCommand({ Bucket }));
    const [{ uuid } = { uuid: "" }] = await fixture.deps.store.objects.buckets({ tenant: "default" }, { max: 1 });
    const again = await send(fixture.port, bob.credentials, { method: "PUT", path: `/${Bucket}` });
    assert.deepEqual([told(again), again.headers["x-signalbox-uuid"]], ["200", uuid]);
    assert.equal((await fixture.allEvents()).length, 1);
    const make = (more: Partial<CreateBucketCommandInput>, client = bob.s3): Promise<string> =>
      failure(client.send(new CreateBucketCommand({ Bucket, ...more })));
    // What it is asked for would not be done.
    for (const more of [
      { ObjectOwnership: "ObjectWriter" as const },
      { CreateBucketConfiguration: { LocationConstraint: "eu-west-1" as const } },
      { CreateBucketConfiguration: { Tags: [{ Key: "a", Value: "b" }] } },
    ]) {
      assert.equal(await make(more), "409 BucketAlreadyOwnedByYou");
    }
    const elsewhere = fixture.client(bob.credentials, { region: "eu-west-1" });
    assert.equal(await make({}, elsewhere), "409 BucketAlreadyOwnedByYou");
    assert.equal(await make({}, s3), "409 BucketAlreadyOwnedByYou", "an admin may write to it, and does not own it");
    const dan = await fixture.someone("dan", "member");
    assert.equal(await make({}, dan.s3), "409 BucketAlreadyExists");
    assert.equal(await make({}, carol.s3), "ok", "names are those of a tenant");
  });
});
