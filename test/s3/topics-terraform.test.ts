/**
 * What Terraform asks, call by call, as its provider of AWS 5.100 was heard to ask it: of `aws_sns_topic` and
 * `aws_s3_bucket_notification`, made, planned again and destroyed. The provider itself is run by `npm run test:terraform`.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GetBucketNotificationConfigurationCommand } from "@aws-sdk/client-s3";
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  SetTopicAttributesCommand,
  SNSClient,
} from "@aws-sdk/client-sns";
import { Bucket, withBucket } from "../support/s3.ts";
import { send } from "../support/sign.ts";

describe("Terraform", () => {
  it("makes a topic whose tag says where it goes, and a bucket's notifications; finds both as it said; destroys them", async () => {
    await using fixture = await withBucket();
    const { admin, url: endpoint, port } = fixture;
    const sns = new SNSClient({ endpoint, region: "us-east-1", credentials: admin.credentials, maxAttempts: 1 });
    const Tags = [
      { Key: "push-endpoint", Value: "https://orders.example" },
      { Key: "team", Value: "shop" },
    ];
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "orders", Tags }));
    for (const protocol of ["Application", "Firehose", "HTTP", "Lambda", "SQS"]) {
      const AttributeName = `${protocol}SuccessFeedbackSampleRate`;
      await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue: "0" }));
    }
    const read = async (): Promise<void> => {
      const { Attributes = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
      assert.deepEqual(
        [Attributes["TopicArn"], Attributes["DisplayName"], Attributes["FifoTopic"]],
        [TopicArn, "", undefined],
      );
      assert.deepEqual(JSON.parse(Attributes["Policy"] ?? ""), { Version: "2012-10-17", Statement: [] });
      assert.deepEqual((await sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }))).Tags, Tags);
    };
    await read();

    const put = (inside: string) =>
      send(port, admin.credentials, {
        method: "PUT",
        path: `/${Bucket}`,
        query: { notification: "" },
        headers: { "content-type": "application/xml", "x-amz-skip-destination-validation": "true" },
        body: `<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside}</NotificationConfiguration>`,
      });
    const Id = "tf-s3-topic-20261130124201637800000001";
    const filter = "<Filter><S3Key><FilterRule><Name>prefix</Name><Value>in/</Value></FilterRule></S3Key></Filter>";
    const said = `<TopicConfiguration><Event>s3:ObjectCreated:*</Event>${filter}<Id>${Id}</Id><Topic>${TopicArn}</Topic></TopicConfiguration>`;
    const saved = await put(said);
    assert.equal(saved.status, 200, saved.body);
    const get = () => admin.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
    for (let time = 0; time < 2; time++) {
      const { TopicConfigurations } = await get();
      const FilterRules = [{ Name: "prefix", Value: "in/" }];
      assert.deepEqual(TopicConfigurations, [
        { Id, TopicArn, Events: ["s3:ObjectCreated:*"], Filter: { Key: { FilterRules } } },
      ]);
      await read();
    }

    assert.equal((await put("")).status, 200);
    assert.equal((await get()).TopicConfigurations, undefined);
    await sns.send(new DeleteTopicCommand({ TopicArn }));
    await assert.rejects(sns.send(new GetTopicAttributesCommand({ TopicArn })), { name: "NotFoundException" });
  });
});
