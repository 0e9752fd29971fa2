/** `s3:TestEvent`: what a bucket's notifications begin to go to has to acknowledge it, or nothing is saved. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CreateBucketCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
} from "@aws-sdk/client-s3";
import { runServer } from "../support/in-process.ts";
import { refusal } from "../support/s3.ts";
import { webhookReceiver } from "../support/webhooks.ts";

const Bucket = "photos";
const arnOf = (name: string): string => `arn:signalbox:sns::default:${name}`;

describe("s3:TestEvent", () => {
  it("is sent to each destination that something goes to anew, and all have to acknowledge it", async () => {
    await using server = await runServer();
    const answers: Record<string, number> = { "/good": 200, "/bad": 500, "/created": 201, "/any": 201 };
    await using ears = await webhookReceiver(({ path }) => answers[path] ?? 404);
    const made = (name: string, target: object) =>
      server.api("POST", "/api/cloud/destinations/", { name, target: { type: "webhook", ...target } });
    for (const name of ["good", "bad", "created"]) await made(name, { url: `${ears.url}/${name}` });
    await made("any", { url: `${ears.url}/any`, ack: "2xx" });
    await made("silent", { url: "http://127.0.0.1:9/" });
    await server.s3.send(new CreateBucketCommand({ Bucket }));
    const put = (names: readonly string[], SkipDestinationValidation = false) =>
      server.s3.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket,
          NotificationConfiguration: {
            TopicConfigurations: names.map((name) => ({
              Id: name,
              TopicArn: arnOf(name),
              Events: ["s3:ObjectCreated:*"],
            })),
          },
          SkipDestinationValidation,
        }),
      );
    const ids = async (): Promise<readonly (string | undefined)[]> => {
      const got = await server.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
      return (got.TopicConfigurations ?? []).map(({ Id }) => Id);
    };

    const refused = await refusal(put(["good", "bad", "created", "silent"]));
    assert.match(refused, /^400 InvalidArgument: Unable to validate the following destination configurations: /);
    for (const name of ["bad", "created", "silent"]) assert.ok(refused.includes(`${name} (`), refused);
    assert.ok(!refused.includes("good ("), refused);
    assert.match(refused, /x-amz-skip-destination-validation: true/);
    assert.deepEqual(await ids(), []);
    const tests = ears.received.map(({ path, body }) => [path, (JSON.parse(body) as { Event?: string }).Event]);
    assert.deepEqual(
      tests.toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
      ["/bad", "/created", "/good"].map((path) => [path, "s3:TestEvent"]),
    );

    await put(["good", "any"]);
    assert.deepEqual(await ids(), ["good", "any"]);
    assert.equal(ears.received.length, 5);
    await put(["any", "good"]);
    assert.equal(ears.received.length, 5, "nothing goes anywhere anew");
    assert.match(await refusal(put(["any", "good", "bad"])), /^400 InvalidArgument: .*: bad \(/);
    assert.deepEqual(await ids(), ["any", "good"]);
    assert.equal(ears.received.length, 6);

    await put(["good", "bad"], true);
    assert.deepEqual([await ids(), ears.received.length], [["good", "bad"], 6]);
  });
});
