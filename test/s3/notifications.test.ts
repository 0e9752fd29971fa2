import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
} from "@aws-sdk/client-s3";
import { createDestination, removeDestination } from "../../src/subscriptions/destinations/destinations.ts";
import { Bucket, failure, type S3Fixture, type Someone, withBucket } from "../support/s3.ts";
import { send } from "../support/sign.ts";

type Kinds = "TopicConfigurations" | "QueueConfigurations" | "LambdaFunctionConfigurations";

function callerOf({ name, tenant }: Someone) {
  return { name, tenant, role: "admin" } as const;
}

async function withDestinations(...names: string[]): Promise<S3Fixture> {
  const fixture = await withBucket();
  for (const name of names) {
    const target = { url: `https://${name}.example/in` };
    await createDestination(fixture.deps, callerOf(fixture.admin), { name, target });
  }
  return fixture;
}

function set({ s3 }: Someone, configuration: NotificationConfiguration) {
  return s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: configuration,
      SkipDestinationValidation: true,
    }),
  );
}

async function got({ s3 }: Someone): Promise<Pick<NotificationConfiguration, Kinds>> {
  const { $metadata: _, ...configuration } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  return configuration;
}

async function rules({ deps }: S3Fixture) {
  const bucket = (await deps.store.objects.bucket("default", Bucket)) ?? assert.fail();
  return deps.store.subscriptions.list({ tenant: "default", face: "objects", scope: bucket.uuid }, { max: 999 });
}

const orders = "arn:signalbox:sns::default:orders";
const all: NotificationConfiguration = {
  TopicConfigurations: [
    { Id: "b", TopicArn: orders, Events: ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"] },
    {
      Id: "a",
      TopicArn: "arn:aws:sns:eu-west-1:123456789012:orders",
      Events: ["s3:ObjectCreated:Copy"],
      Filter: {
        Key: {
          FilterRules: [
            { Name: "prefix", Value: 'a_%\\"b/' },
            { Name: "suffix", Value: ".jpg" },
          ],
        },
      },
    },
  ],
  QueueConfigurations: [{ Id: "q", QueueArn: "arn:minio:sqs::orders:webhook", Events: ["s3:ObjectRemoved:*"] }],
  LambdaFunctionConfigurations: [
    {
      Id: "f",
      LambdaFunctionArn: "arn:aws:lambda:us-east-1:1:function:orders",
      Events: ["s3:ObjectCreated:Put", "s3:ObjectCreated:Post"],
    },
  ],
};

describe("S3's notification configuration", () => {
  it("is given back as it was said, in its order, and makes a rule of each", async () => {
    await using fixture = await withDestinations("orders");
    await set(fixture.admin, all);
    assert.deepEqual(await got(fixture.admin), all);
    const made = await rules(fixture);
    assert.deepEqual(
      made.map(({ managed, filter }) => [managed?.id, filter]),
      [
        ["b", undefined],
        [
          "a",
          'WHERE (`Event-Type` = "OBJECT_CREATED_PUT" AND Reason IN ("CopyObject")) AND key LIKE "a\\_\\%\\\\""b/%" AND key LIKE "%.jpg"',
        ],
        ["q", 'WHERE `Event-Type` = "OBJECT_DELETED"'],
        ["f", 'WHERE (`Event-Type` = "OBJECT_CREATED_PUT" AND Reason IN ("PutObject", "PostObject"))'],
      ],
    );
    for (const { target } of made) {
      assert.ok(target.kind === "destination" && target.webhook.sentAs === "s3" && target.webhook.ack === "200");
    }
  });

  it("changes, adds and ends only what it says otherwise, and is all gone with an empty document", async () => {
    await using fixture = await withDestinations("orders", "others");
    await set(fixture.admin, all);
    const before = await rules(fixture);
    await set(fixture.admin, all);
    assert.deepEqual(await rules(fixture), before);
    const [b, a] = all.TopicConfigurations ?? [];
    assert.ok(a !== undefined && b !== undefined);
    const next = {
      TopicConfigurations: [
        { ...a, TopicArn: "arn:signalbox:sns:::others" },
        { ...b, Id: "c" },
      ],
    };
    await set(fixture.admin, next);
    assert.deepEqual(await got(fixture.admin), next);
    const after = await rules(fixture);
    const kept = after.find(({ managed }) => managed?.id === "a");
    assert.equal(kept?.uuid, before[1]?.uuid);
    assert.ok(kept?.target.kind === "destination" && kept.target.name === "others");
    assert.equal(after.length, 2);
    await set(fixture.admin, {});
    assert.deepEqual([await got(fixture.admin), await rules(fixture)], [{}, []]);
  });

  it("without Ids gets some, which stay while the same is said again", async () => {
    await using fixture = await withDestinations("orders");
    const queue = { QueueArn: orders, Events: ["s3:ObjectCreated:*" as const] };
    await set(fixture.admin, { QueueConfigurations: [queue] });
    const first = await rules(fixture);
    // As minio-js writes it.
    const body = `<NotificationConfiguration><QueueConfiguration><Queue>${orders}</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>`;
    const { credentials } = fixture.admin;
    const headers = { "x-amz-skip-destination-validation": "true" };
    const again = await send(fixture.port, credentials, {
      method: "PUT",
      path: `/${Bucket}`,
      query: { notification: "" },
      body,
      headers,
    });
    assert.equal(again.status, 200, again.body);
    assert.deepEqual(await rules(fixture), first);
    assert.match((await got(fixture.admin)).QueueConfigurations?.[0]?.Id ?? "", /^[\w-]{44}$/);
  });

  it("is refused whole for what is wrong in it, by name", async () => {
    await using fixture = await withDestinations("orders");
    const topic = (over: object) => ({
      TopicConfigurations: [{ TopicArn: orders, Events: ["s3:ObjectCreated:*"], ...over }],
    });
    const rule = (Name: string, Value = "x") => ({ Filter: { Key: { FilterRules: [{ Name, Value }] } } });
    const twice = topic({ Id: "x" }).TopicConfigurations;
    for (const [configuration, answer] of [
      [topic({ TopicArn: "arn:signalbox:sns::default:none" }), "400 InvalidArgument"],
      [topic({ TopicArn: "arn:signalbox:sns::other:orders" }), "400 InvalidArgument"],
      [topic({ TopicArn: "orders" }), "400 InvalidArgument"],
      [topic({ Events: ["s3:ObjectTagging:*"] }), "400 InvalidArgument"],
      [topic(rule("infix")), "400 InvalidArgument"],
      [topic(rule("prefix", "x".repeat(1_025))), "400 InvalidArgument"],
      [topic(rule("prefix", "_".repeat(600))), "400 InvalidArgument"],
      [{ TopicConfigurations: [...twice, ...twice] }, "400 InvalidArgument"],
      [{ TopicConfigurations: Array.from({ length: 101 }, () => twice[0]) }, "400 InvalidArgument"],
      [{ EventBridgeConfiguration: {} }, "501 NotImplemented"],
    ] as const) {
      const is = await failure(set(fixture.admin, configuration as NotificationConfiguration));
      assert.equal(is, answer, JSON.stringify(configuration).slice(0, 200));
    }
    assert.deepEqual(await rules(fixture), []);
  });

  it("is refused as XML that is none, that is deep, that defines entities", async () => {
    await using fixture = await withDestinations("orders");
    const put = (body: string) =>
      send(fixture.port, fixture.admin.credentials, {
        method: "PUT",
        path: `/${Bucket}`,
        query: { notification: "" },
        body,
      });
    const root = (inside: string) => `<NotificationConfiguration>${inside}</NotificationConfiguration>`;
    for (const body of [
      "",
      "<NotificationConfiguration>",
      "<Other/>",
      root("<Else/>"),
      root("<TopicConfiguration/>"),
      root(`<TopicConfiguration><Topic>${orders}</Topic></TopicConfiguration>`),
      root("<a>".repeat(50) + "</a>".repeat(50)),
      `<!DOCTYPE x [<!ENTITY a "b">]>${root("")}`,
      root("&a;"),
    ]) {
      const { status, body: text } = await put(body);
      assert.equal(status, 400, body.slice(0, 80));
      assert.match(text, /<Code>(MalformedXML|MissingRequestBodyError)</, body.slice(0, 80));
    }
    assert.equal((await put(root(" ".repeat(3 * 2 ** 20)))).status, 400);
  });

  it("is for who may manage the bucket", async () => {
    await using fixture = await withDestinations("orders");
    const mia = await fixture.someone("mia", "member");
    assert.match(await failure(set(mia, {})), /^40[34] /);
    assert.match(await failure(got(mia)), /^40[34] /);
  });

  it("goes on once its destination is there again", async () => {
    await using fixture = await withDestinations("orders");
    await set(fixture.admin, all);
    await removeDestination(fixture.deps, callerOf(fixture.admin), "orders", true);
    assert.ok((await rules(fixture)).every(({ paused }) => paused?.reason === "destination"));
    assert.deepEqual(await got(fixture.admin), all);
    await createDestination(fixture.deps, callerOf(fixture.admin), {
      name: "orders",
      target: { url: "https://b.example/" },
    });
    await set(fixture.admin, all);
    assert.ok((await rules(fixture)).every(({ paused }) => paused === undefined));
  });
});
