/** S3's way of setting notifications up, by the tools that people have: a topic, a bucket that tells it, and the record that comes. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { until } from "../support/until.ts";
import { webhookReceiver } from "../support/webhooks.ts";
import { installed, pythonWith, type RunOptions, type Workshop, workshop } from "./harness.ts";

const script = fileURLToPath(new URL("./topics.py", import.meta.url));

function environment({ server }: Workshop): Readonly<Record<string, string>> {
  const { accessKeyId, secretAccessKey } = server.credentials;
  return {
    S3_URL: server.s3Url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
    PYTHONDONTWRITEBYTECODE: "1",
  };
}

interface Records {
  readonly Event?: string;
  readonly Records?: readonly {
    readonly eventName: string;
    readonly s3: { readonly object: { readonly key: string } };
  }[];
}

describe("topics and notification configurations", () => {
  it("by aws-cli", async () => {
    await using shop = await workshop();
    await using ears = await webhookReceiver();
    const aws = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
      const all = ["--endpoint-url", shop.server.s3Url, "--output", "json", ...args];
      const out = (await shop.run(installed("aws"), all, { env: environment(shop) })).toString();
      return out.trim().startsWith("{") ? (JSON.parse(out) as Record<string, unknown>) : {};
    };
    await aws("s3api", "create-bucket", "--bucket", "photos");
    const endpoint = `push-endpoint=${ears.url}/orders`;
    const { TopicArn } = await aws("sns", "create-topic", "--name", "orders", "--attributes", endpoint);
    assert.equal(TopicArn, "arn:signalbox:sns::default:orders");
    const topic = ["--topic-arn", TopicArn];
    await aws("sns", "set-topic-attributes", ...topic, "--attribute-name", "max_retries", "--attribute-value", "5");
    const { Attributes } = (await aws("sns", "get-topic-attributes", ...topic)) as {
      Attributes: Record<string, string>;
    };
    assert.deepEqual([Attributes["push-endpoint"], Attributes["max_retries"]], [`${ears.url}/orders`, "5"]);
    assert.deepEqual((await aws("sns", "list-topics"))["Topics"], [{ TopicArn }]);

    const rules = [
      { Name: "prefix", Value: "in/" },
      { Name: "suffix", Value: ".txt" },
    ];
    const wanted = {
      TopicConfigurations: [
        { Id: "a", TopicArn, Events: ["s3:ObjectCreated:*"], Filter: { Key: { FilterRules: rules } } },
      ],
    };
    const ofBucket = ["--bucket", "photos"];
    const set = (document: object) =>
      aws(
        "s3api",
        "put-bucket-notification-configuration",
        ...ofBucket,
        "--notification-configuration",
        JSON.stringify(document),
      );
    await set(wanted);
    assert.deepEqual(await aws("s3api", "get-bucket-notification-configuration", ...ofBucket), wanted);
    const file = await shop.file("up.txt", 10);
    for (const key of ["out/a.txt", "in/a.jpg", "in/a b+c.txt"]) await aws("s3", "cp", file.path, `s3://photos/${key}`);
    await until("the test and the record", () => ears.received.length >= 2);
    const [test, heard, ...more] = ears.received.map(({ body }) => JSON.parse(body) as Records);
    assert.equal(test?.Event, "s3:TestEvent");
    assert.deepEqual(
      heard?.Records?.map(({ eventName, s3 }) => [eventName, s3.object.key]),
      [["ObjectCreated:Put", "in/a+b%2Bc.txt"]],
    );
    assert.deepEqual(more, []);

    await assert.rejects(aws("sns", "delete-topic", ...topic), /InvalidState.*1 subscription/);
    await assert.rejects(aws("sns", "publish", ...topic, "--message", "hello"), /InvalidAction.*PutBucketNotification/);
    await set({});
    await aws("sns", "delete-topic", ...topic);
    await aws("sns", "delete-topic", ...topic);
    await assert.rejects(aws("sns", "get-topic-attributes", ...topic), /NotFound.*there is no topic/);
  });

  it("by boto3, whose reader of records finds the object", async () => {
    await using shop = await workshop();
    await using ears = await webhookReceiver();
    const python = await pythonWith("boto3");
    const run = async (args: readonly string[], options: Pick<RunOptions, "input"> = {}): Promise<unknown> =>
      JSON.parse((await shop.run(python, [script, ...args], { env: environment(shop), ...options })).toString());
    await shop.server.s3.send(new CreateBucketCommand({ Bucket: "scans" }));
    assert.deepEqual(await run(["set-up", "scans", `${ears.url}/scans`]), {
      same: true,
      again: true,
      retries: "4",
      topics: ["arn:signalbox:sns::default:scans"],
      tags: [],
      publishing: "InvalidAction",
      deleting: "InvalidState",
      missing: "NotFound",
    });
    await shop.put("scans", "in/ü 1+2.txt", "bytes");
    await until("the record", () => ears.received.length >= 2);
    const input = Buffer.from(ears.received[1]?.body ?? "");
    assert.deepEqual(await run(["consume"], { input }), [["ObjectCreated:Put", "of-boto3", "in/ü 1+2.txt", "bytes"]]);
    assert.deepEqual(await run(["take-down", "scans"]), []);
  });
});
