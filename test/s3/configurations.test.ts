import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type CORSRule,
  DeleteBucketCommand,
  DeleteBucketCorsCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketTaggingCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketRequestPaymentCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  PutBucketAccelerateConfigurationCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLoggingCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketRequestPaymentCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { Bucket, failure, refusal, type S3Fixture, withBucket } from "../support/s3.ts";
import { codeOf, send } from "../support/sign.ts";

const ns = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
const put = (fixture: S3Fixture, sub: string, body: string) =>
  send(fixture.port, fixture.admin.credentials, { method: "PUT", path: `/${Bucket}`, query: { [sub]: "" }, body });
const get = (fixture: S3Fixture, sub: string) =>
  send(fixture.port, fixture.admin.credentials, { method: "GET", path: `/${Bucket}`, query: { [sub]: "" } });

/** How often the bucket's watchers were told that it is another now. */
const updates = async (fixture: S3Fixture): Promise<number> =>
  (await fixture.allEvents()).filter(({ names }) => names.notifications === "UPDATED").length;

describe("what is said of a bucket as a whole", () => {
  const rules: CORSRule[] = [
    {
      ID: "pages",
      AllowedOrigins: ["https://app.example", "https://*.example"],
      AllowedMethods: ["GET", "PUT"],
      AllowedHeaders: ["*"],
      ExposeHeaders: ["ETag", "x-amz-request-id"],
      MaxAgeSeconds: 3000,
    },
    { AllowedOrigins: ["*"], AllowedMethods: ["HEAD"] },
  ];
  const blocked = {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: false,
  };
  const controls = { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" as const }] };
  const encrypted = {
    Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const }, BucketKeyEnabled: true }],
  };

  it("is kept and given back: tags, CORS, public access block, ownership, encryption", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const at = { Bucket };
    const TagSet = [
      { Key: "a", Value: "" },
      { Key: "z", Value: "ü 1" },
    ];
    await s3.send(new PutBucketTaggingCommand({ ...at, Tagging: { TagSet: TagSet.toReversed() } }));
    await s3.send(new PutBucketCorsCommand({ ...at, CORSConfiguration: { CORSRules: rules } }));
    await s3.send(new PutPublicAccessBlockCommand({ ...at, PublicAccessBlockConfiguration: blocked }));
    await s3.send(new PutBucketOwnershipControlsCommand({ ...at, OwnershipControls: controls }));
    await s3.send(new PutBucketEncryptionCommand({ ...at, ServerSideEncryptionConfiguration: encrypted }));

    assert.deepEqual((await s3.send(new GetBucketTaggingCommand(at))).TagSet, TagSet);
    assert.deepEqual((await s3.send(new GetBucketCorsCommand(at))).CORSRules, rules);
    assert.deepEqual((await s3.send(new GetPublicAccessBlockCommand(at))).PublicAccessBlockConfiguration, blocked);
    assert.deepEqual((await s3.send(new GetBucketOwnershipControlsCommand(at))).OwnershipControls, controls);
    const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand(at));
    assert.deepEqual(ServerSideEncryptionConfiguration, encrypted);
    assert.equal(await updates(fixture), 5);

    for (const [remove, read, code] of [
      [new DeleteBucketTaggingCommand(at), new GetBucketTaggingCommand(at), "NoSuchTagSet"],
      [new DeleteBucketCorsCommand(at), new GetBucketCorsCommand(at), "NoSuchCORSConfiguration"],
      [
        new DeletePublicAccessBlockCommand(at),
        new GetPublicAccessBlockCommand(at),
        "NoSuchPublicAccessBlockConfiguration",
      ],
      [
        new DeleteBucketOwnershipControlsCommand(at),
        new GetBucketOwnershipControlsCommand(at),
        "OwnershipControlsNotFoundError",
      ],
      [
        new DeleteBucketEncryptionCommand(at),
        new GetBucketEncryptionCommand(at),
        "ServerSideEncryptionConfigurationNotFoundError",
      ],
    ] as const) {
      // Twice: what is not there is taken away already, and nobody is told so.
      await s3.send(remove);
      await s3.send(remove);
      assert.equal(await failure(s3.send(read as GetBucketCorsCommand)), `404 ${code}`);
    }
    assert.equal(await updates(fixture), 10);
  });

  it("is kept where it says what is so: versioning and acceleration suspended, the owner pays, no logging", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    const at = { Bucket };
    await s3.send(new PutBucketVersioningCommand({ ...at, VersioningConfiguration: { Status: "Suspended" } }));
    await s3.send(
      new PutBucketAccelerateConfigurationCommand({ ...at, AccelerateConfiguration: { Status: "Suspended" } }),
    );
    await s3.send(new PutBucketRequestPaymentCommand({ ...at, RequestPaymentConfiguration: { Payer: "BucketOwner" } }));
    await s3.send(new PutBucketLoggingCommand({ ...at, BucketLoggingStatus: {} }));
    assert.equal((await s3.send(new GetBucketVersioningCommand(at))).Status, "Suspended");
    assert.equal((await s3.send(new GetBucketAccelerateConfigurationCommand(at))).Status, "Suspended");
    assert.equal((await s3.send(new GetBucketRequestPaymentCommand(at))).Payer, "BucketOwner");
  });

  it("goes with the bucket: one that is made anew has none of it", async () => {
    await using fixture = await withBucket();
    const { s3, credentials } = fixture.admin;
    await put(fixture, "tagging", `<Tagging ${ns}><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>`);
    await s3.send(new DeleteBucketCommand({ Bucket }));
    await send(fixture.port, credentials, { method: "PUT", path: `/${Bucket}` });
    assert.equal(codeOf(await get(fixture, "tagging")), "NoSuchTagSet");
  });

  it("may be no notifications of S3's own; those to what is no destination are refused with what to do instead", async () => {
    await using fixture = await withBucket();
    const { s3 } = fixture.admin;
    await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} }));
    // As minio-js writes it.
    assert.equal((await put(fixture, "notification", "<NotificationConfiguration/>")).status, 200);
    assert.equal(
      (await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))).QueueConfigurations,
      undefined,
    );
    const QueueConfigurations = [{ QueueArn: "arn:aws:sqs:us-east-1:1:q", Events: ["s3:ObjectCreated:*" as const] }];
    const queue = new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: { QueueConfigurations },
    });
    const told = await refusal(s3.send(queue));
    assert.match(told, /^400 InvalidArgument: Unable to validate the destination .*POST \/api\/cloud\/destinations\//);
  });

  const tag = (key: string, value = "v"): string => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`;
  const rule = (inside: string): string => `<CORSConfiguration><CORSRule>${inside}</CORSRule></CORSConfiguration>`;
  const from = "<AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>";
  const encryption = (inside: string): string =>
    `<ServerSideEncryptionConfiguration><Rule>${inside}</Rule></ServerSideEncryptionConfiguration>`;
  const byDefault = (inside: string): string =>
    encryption(`<ApplyServerSideEncryptionByDefault>${inside}</ApplyServerSideEncryptionByDefault>`);
  const cases: readonly [sub: string, body: string, answer: string][] = [
    ["versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>", "501 NotImplemented"],
    ["versioning", "<VersioningConfiguration><Status>On</Status></VersioningConfiguration>", "400 MalformedXML"],
    ["versioning", "<VersioningConfiguration/>", "400 MalformedXML"],
    [
      "versioning",
      "<VersioningConfiguration><Status>Suspended</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>",
      "501 NotImplemented",
    ],
    ["accelerate", "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>", "501 NotImplemented"],
    [
      "requestPayment",
      "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>",
      "501 NotImplemented",
    ],
    ["logging", "<BucketLoggingStatus><LoggingEnabled/></BucketLoggingStatus>", "501 NotImplemented"],
    ["encryption", byDefault("<SSEAlgorithm>aws:kms</SSEAlgorithm>"), "501 NotImplemented"],
    ["encryption", byDefault("<SSEAlgorithm>ROT13</SSEAlgorithm>"), "400 MalformedXML"],
    [
      "encryption",
      byDefault("<SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID>"),
      "400 InvalidArgument",
    ],
    ["encryption", encryption("<BucketKeyEnabled>true</BucketKeyEnabled>"), "400 MalformedXML"],
    [
      "ownershipControls",
      "<OwnershipControls><Rule><ObjectOwnership>Mine</ObjectOwnership></Rule></OwnershipControls>",
      "400 MalformedXML",
    ],
    [
      "publicAccessBlock",
      "<PublicAccessBlockConfiguration><BlockPublicAcls>perhaps</BlockPublicAcls></PublicAccessBlockConfiguration>",
      "400 MalformedXML",
    ],
    [
      "publicAccessBlock",
      "<PublicAccessBlockConfiguration><BlockEverything>true</BlockEverything></PublicAccessBlockConfiguration>",
      "400 MalformedXML",
    ],
    ["tagging", `<Tagging><TagSet>${tag("a")}${tag("a")}</TagSet></Tagging>`, "400 InvalidTag"],
    ["tagging", `<Tagging><TagSet>${tag("AWS:created-by")}</TagSet></Tagging>`, "400 InvalidTag"],
    ["tagging", `<Tagging>a=b<TagSet>${tag("a")}</TagSet></Tagging>`, "400 MalformedXML"],
    ["tagging", `<Tagging><TagSet>${tag("a")}</TagSet>a=b</Tagging>`, "400 MalformedXML"],
    ["tagging", `<Tagging><TagSet>${tag("a", "x".repeat(257))}</TagSet></Tagging>`, "400 InvalidTag"],
    [
      "tagging",
      `<Tagging><TagSet>${Array.from({ length: 51 }, (_, index) => tag(`k${index}`)).join("")}</TagSet></Tagging>`,
      "400 InvalidTag",
    ],
    ["cors", "<CORSConfiguration/>", "400 MalformedXML"],
    ["cors", rule("<AllowedOrigin>*</AllowedOrigin>"), "400 MalformedXML"],
    ["cors", rule("<AllowedMethod>GET</AllowedMethod>"), "400 MalformedXML"],
    ["cors", rule(`${from}<AllowedMethod>PATCH</AllowedMethod>`), "400 InvalidRequest"],
    ["cors", rule(`${from}<AllowedOrigin>https://*.*.example</AllowedOrigin>`), "400 InvalidRequest"],
    ["cors", rule(`${from}<AllowedHeader>x-*-*</AllowedHeader>`), "400 InvalidRequest"],
    ["cors", rule(`${from}<AllowedHeader>x y</AllowedHeader>`), "400 InvalidRequest"],
    ["cors", rule(`${from}<ExposeHeader>x-*</ExposeHeader>`), "400 InvalidRequest"],
    ["cors", rule(`${from}<ExposeHeader>a&#13;&#10;b: c</ExposeHeader>`), "400 InvalidRequest"],
    ["cors", rule(`${from}<MaxAgeSeconds>soon</MaxAgeSeconds>`), "400 MalformedXML"],
    ["cors", rule(`${from}<Credentials>yes</Credentials>`), "400 MalformedXML"],
    [
      "cors",
      `<CORSConfiguration>${`<CORSRule>${from}</CORSRule>`.repeat(101)}</CORSConfiguration>`,
      "400 MalformedXML",
    ],
    ["cors", rule(`${from}${"<AllowedOrigin>a</AllowedOrigin>".repeat(2_100)}`), "400 EntityTooLarge"],
    ["cors", rule(`${from}<AllowedOrigin>${"\\".repeat(40_000)}</AllowedOrigin>`), "400 MaxMessageLengthExceeded"],
    ["cors", "<CORS/>", "400 MalformedXML"],
    ["cors", "", "400 MalformedXML"],
  ];

  it("is refused, and nothing is kept, where it is not well said or promises what is not there", async () => {
    await using fixture = await withBucket();
    for (const [sub, body, expected] of cases) {
      const answer = await put(fixture, sub, body);
      assert.equal(`${answer.status} ${codeOf(answer)}`, expected, `${sub} ${body.slice(0, 200)}`);
      const { status, body: kept } = await get(fixture, sub);
      assert.ok(status === 404 || !kept.includes("Enabled"), sub);
    }
    assert.equal(await updates(fixture), 0);
  });

  it("is said by its owner and who manages the tenant, and read by who reads the bucket", async () => {
    await using fixture = await withBucket();
    const { store } = fixture.deps;
    const bucket = (await store.objects.bucket("default", Bucket))?.uuid;
    assert.ok(bucket);
    const [mia, wes, una] = [
      await fixture.someone("mia", "member"),
      await fixture.someone("wes", "member"),
      await fixture.someone("una", "member"),
    ];
    await store.commit({
      changes: [
        { do: "grant.put", grant: { resource: bucket, grantee: "mia", permission: "read" } },
        { do: "grant.put", grant: { resource: bucket, grantee: "wes", permission: "write" } },
      ],
    });
    const Tagging = { TagSet: [{ Key: "a", Value: "b" }] };
    const dev = await fixture.someone("dev", "developer");
    await dev.s3.send(new PutBucketTaggingCommand({ Bucket, Tagging }));
    for (const { s3, name } of [mia, wes, una]) {
      const seen = name === "una" ? "404 NoSuchBucket" : "403 AccessDenied";
      assert.equal(await failure(s3.send(new PutBucketTaggingCommand({ Bucket, Tagging }))), seen);
      assert.equal(await failure(s3.send(new DeleteBucketTaggingCommand({ Bucket }))), seen);
      const read = await failure(s3.send(new GetBucketTaggingCommand({ Bucket })));
      assert.equal(read, name === "una" ? "404 NoSuchBucket" : "ok");
    }
  });
});
