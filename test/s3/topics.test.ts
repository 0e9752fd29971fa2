import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type NotificationConfiguration, PutBucketNotificationConfigurationCommand } from "@aws-sdk/client-s3";
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { changeDestination } from "../../src/subscriptions/destinations/destinations.ts";
import { Bucket, refusal, type S3Fixture, type Someone, s3Fixture, withBucket } from "../support/s3.ts";

const endpoint = { "push-endpoint": "https://orders.example/in" };
const arn = "arn:signalbox:sns::default:orders";
const about = { TopicArn: arn };

function snsOf({ url }: S3Fixture, { credentials }: Pick<Someone, "credentials">): SNSClient {
  return new SNSClient({ endpoint: url, region: "eu-west-1", credentials, maxAttempts: 1 });
}

function create(sns: SNSClient, Attributes: Record<string, string> = endpoint, Name = "orders") {
  return sns.send(new CreateTopicCommand({ Name, Attributes }));
}

async function attributes(sns: SNSClient): Promise<Record<string, string>> {
  const { Attributes } = await sns.send(new GetTopicAttributesCommand(about));
  return Attributes ?? assert.fail();
}

function set(sns: SNSClient, AttributeName: string, AttributeValue: string) {
  return sns.send(new SetTopicAttributesCommand({ ...about, AttributeName, AttributeValue }));
}

async function stored({ deps }: S3Fixture, name = "orders") {
  return (await deps.store.destinations.get("default", name)) ?? assert.fail();
}

describe("topics", () => {
  it("are destinations: made, told and deleted", async () => {
    await using fixture = await s3Fixture();
    const sns = snsOf(fixture, fixture.admin);
    const said = {
      ...endpoint,
      max_retries: "7",
      retry_sleep_duration: "20",
      persistent: "true",
      "verify-ssl": "true",
    };
    const { TopicArn, $metadata } = await create(sns, said);
    assert.equal(TopicArn, arn);
    assert.match($metadata.requestId ?? "", /^[0-9A-F]{16}$/);
    const { webhook, policy, alerts } = await stored(fixture);
    assert.deepEqual(
      [webhook.url, policy, alerts],
      ["https://orders.example/in", { maxRetries: 7, scheduleMs: [20_000], jitter: 0 }, true],
    );
    const Policy = '{"Version":"2012-10-17","Statement":[]}';
    assert.deepEqual(await attributes(sns), { TopicArn: arn, Owner: "default", DisplayName: "", Policy, ...said });
    await sns.send(new DeleteTopicCommand(about));
    await sns.send(new DeleteTopicCommand(about));
    assert.equal(await refusal(attributes(sns)), `404 NotFoundException: there is no topic ${arn}`);
  });

  it("that are there are changed, and not at all when the same is said again", async () => {
    await using fixture = await s3Fixture();
    const sns = snsOf(fixture, fixture.admin);
    const said = { ...endpoint, max_retries: "7" };
    await create(sns, said);
    const first = await stored(fixture);
    await create(sns, said);
    await create(sns, {});
    await set(sns, "push-endpoint", "https://orders.example/in");
    await set(sns, "max_retries", "7");
    assert.deepEqual(await stored(fixture), first);
    await create(sns, { "push-endpoint": "https://ada:lovelace@orders.example/v2", max_retries: "None" });
    const told = await attributes(sns);
    assert.deepEqual([told["push-endpoint"], told["max_retries"]], ["https://orders.example/v2", "None"]);
    assert.doesNotMatch(JSON.stringify(told), /lovelace/);
    assert.equal((await stored(fixture)).policy, undefined);
    await set(sns, "push-endpoint", "https://orders.example/v3");
    await set(sns, "retry_sleep_duration", "3");
    const changed = await stored(fixture);
    assert.deepEqual([changed.webhook.url, changed.policy?.scheduleMs], ["https://orders.example/v3", [3_000]]);
    const moved = await refusal(set(sns, "push-endpoint", "https://evil.example/"));
    assert.match(
      moved,
      /push-endpoint Reason: leads to another origin, and target\.auth was given for https:\/\/orders\.example: .* PATCH /,
    );
  });

  it("keep what a destination has besides", async () => {
    await using fixture = await s3Fixture();
    const sns = snsOf(fixture, fixture.admin);
    await create(sns);
    const { name, tenant } = fixture.admin;
    const caller = { name, tenant, role: "admin" } as const;
    await changeDestination(fixture.deps, caller, "orders", { alerts: false, target: { ack: "2xx", timeoutMs: 70 } });
    await create(sns, { "push-endpoint": "https://orders.example/v2" });
    const { webhook, alerts } = await stored(fixture);
    assert.deepEqual(
      [webhook.url, webhook.ack, webhook.timeoutMs, alerts],
      ["https://orders.example/v2", "2xx", 70, false],
    );
  });

  it("are refused with the name of what is wrong, and what to do", async () => {
    await using fixture = await s3Fixture();
    const sns = snsOf(fixture, fixture.admin);
    for (const [asked, words] of [
      [create(sns, {}), /Attributes Reason: there is no topic orders: say where .* by a tag of that name$/],
      [create(sns, endpoint, "a b"), /Name Reason: must have 1 to 100/],
      [create(sns, endpoint, "orders.fifo"), /no FIFO topics/],
      [create(sns, { "push-endpoint": "amqp://broker.example" }), /push-endpoint Reason: must be an http or https URL/],
      [create(sns, { "push-endpoint": "http://169.254.169.254/" }), /push-endpoint Reason: /],
      [create(sns, { "push-endpoint": "https://x.example/${PATH}" }), /push-endpoint Reason: /],
      [create(sns, { "push-endpoint": `https://x.example/${"a".repeat(2_048)}` }), /push-endpoint Reason: .*2048/],
      [create(sns, { ...endpoint, max_retries: "101" }), /max_retries Reason: must be a whole number from 0 to 100/],
      [create(sns, { ...endpoint, retry_sleep_duration: "0" }), /retry_sleep_duration Reason: /],
      [create(sns, { ...endpoint, persistent: "false" }), /persistent Reason: is true: /],
      [create(sns, { ...endpoint, "verify-ssl": "false" }), /verify-ssl Reason: is true: /],
      [create(sns, { ...endpoint, OpaqueData: "x" }), /OpaqueData Reason: .* header/],
      [create(sns, { ...endpoint, time_to_live: "60" }), /time_to_live Reason: .* max_retries/],
      [create(sns, { ...endpoint, Policy: "{}" }), / Policy Reason: .* roles/],
      [create(sns, { ...endpoint, FifoTopic: "true" }), /FifoTopic Reason: is false/],
      [
        create(sns, { ...endpoint, constructor: "x" }),
        /constructor Reason: there is no such attribute here: there are push-endpoint, /,
      ],
    ] as const) {
      assert.match(await refusal(asked), /^400 InvalidParameterException: /);
      await assert.rejects(asked, words);
    }
    assert.deepEqual(await fixture.deps.store.destinations.list("default", { max: 9 }), []);
    for (const TopicArn of ["orders", "arn:signalbox:sns::other:orders", "arn:aws:s3:::orders", "a".repeat(3_000)]) {
      const asked = sns.send(new GetTopicAttributesCommand({ TopicArn }));
      assert.match(
        await refusal(asked),
        /^400 InvalidParameterException: .*TopicArn Reason: .*arn:signalbox:sns::default:/,
      );
    }
  });

  it("are not deleted while a bucket names them", async () => {
    await using fixture = await withBucket();
    const sns = snsOf(fixture, fixture.admin);
    await create(sns);
    const set = (NotificationConfiguration: NotificationConfiguration) =>
      fixture.admin.s3.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket,
          NotificationConfiguration,
          SkipDestinationValidation: true,
        }),
      );
    await set({ TopicConfigurations: [{ TopicArn: arn, Events: ["s3:ObjectCreated:*"] }] });
    const refused = await refusal(sns.send(new DeleteTopicCommand(about)));
    assert.match(
      refused,
      /^400 InvalidState.*: 1 subscription goes there: take it out of buckets' notification configurations/,
    );
    await set({});
    await sns.send(new DeleteTopicCommand(about));
  });

  it("have the tags of their destination, of which push-endpoint says where it goes", async () => {
    await using fixture = await s3Fixture();
    const sns = snsOf(fixture, fixture.admin);
    const tagged = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const say = (tags: Record<string, string>, Attributes?: Record<string, string>) =>
      sns.send(new CreateTopicCommand({ Name: "orders", Tags: tagged(tags), ...(Attributes && { Attributes }) }));
    const tag = (tags: Record<string, string>) =>
      sns.send(new TagResourceCommand({ ResourceArn: arn, Tags: tagged(tags) }));
    const untag = (...TagKeys: string[]) => sns.send(new UntagResourceCommand({ ResourceArn: arn, TagKeys }));
    const tags = async () => (await sns.send(new ListTagsForResourceCommand({ ResourceArn: arn }))).Tags;
    const goesTo = async () => (await stored(fixture)).webhook.url;

    await say({ "push-endpoint": "https://orders.example", team: "shop" });
    assert.equal(await goesTo(), "https://orders.example/");
    assert.deepEqual(await tags(), tagged({ "push-endpoint": "https://orders.example", team: "shop" }));
    const first = await stored(fixture);
    await say({ "push-endpoint": "https://orders.example", team: "shop" });
    await tag({ team: "shop" });
    await untag("other");
    assert.deepEqual(await stored(fixture), first);

    await tag({ "push-endpoint": "https://orders.example/v2", cost: "1" });
    assert.equal(await goesTo(), "https://orders.example/v2");
    await set(sns, "push-endpoint", "https://orders.example/v3");
    assert.deepEqual(await tags(), tagged({ "push-endpoint": "https://orders.example/v3", team: "shop", cost: "1" }));
    await untag("team", "push-endpoint");
    assert.deepEqual([await tags(), await goesTo()], [tagged({ cost: "1" }), "https://orders.example/v3"]);
    await untag("cost");
    assert.deepEqual([await tags(), (await stored(fixture)).tags], [[], undefined]);

    const before = await stored(fixture);
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, "v"]));
    for (const [asked, words] of [
      [tag({ "push-endpoint": "https://ada:lovelace@orders.example/" }), /push-endpoint Reason: .* user and password/],
      [tag({ "push-endpoint": "ftp://x.example/" }), /push-endpoint Reason: must be an http or https URL/],
      [say({ "push-endpoint": "https://a.example/" }, { "push-endpoint": "https://b.example/" }), /say one of them/],
      [tag({ a: "b".repeat(257) }), /tags.a Reason: must have at most 256/],
      [tag({ ["k".repeat(129)]: "" }), /tags Reason: have keys of 1 to 128/],
      [tag({ a: "\u0001" }), /tags.a Reason: .* control character/],
      [tag(many), /tags Reason: are 50 at most/],
    ] as const) {
      assert.match(await refusal(asked), /^400 InvalidParameterException: /);
      await assert.rejects(asked, words);
    }
    assert.deepEqual(await stored(fixture), before);
    const gone = sns.send(new ListTagsForResourceCommand({ ResourceArn: `${arn}s` }));
    assert.match(await refusal(gone), /^404 ResourceNotFound/);
    const mia = snsOf(fixture, await fixture.someone("mia", "member"));
    const foreign = mia.send(new TagResourceCommand({ ResourceArn: arn, Tags: tagged({ a: "b" }) }));
    assert.match(await refusal(foreign), /^403 AuthorizationErrorException/);
  });

  it("have neither subscriptions nor messages: what is there instead is told", async () => {
    await using fixture = await s3Fixture();
    const sns = snsOf(fixture, fixture.admin);
    await create(sns);
    assert.deepEqual((await sns.send(new ListSubscriptionsByTopicCommand(about))).Subscriptions, []);
    const subscribe = new SubscribeCommand({ ...about, Protocol: "https", Endpoint: "https://x.example/" });
    assert.match(await refusal(sns.send(subscribe)), /^400 InvalidAction.*push-endpoint \(SetTopicAttributes\)/);
    const publish = new PublishCommand({ ...about, Message: "hello" });
    assert.match(await refusal(sns.send(publish)), /^400 InvalidAction.*PutBucketNotificationConfiguration/);
  });

  it("are listed page by page, those of the tenant alone", async () => {
    await using fixture = await s3Fixture();
    const sns = snsOf(fixture, fixture.admin);
    const { TopicArn } = await create(sns);
    const kept = await stored(fixture);
    const changes = Array.from({ length: 120 }, (_, n) => ({
      do: "destination.add" as const,
      destination: { ...kept, name: `d${String(n).padStart(3, "0")}` },
    }));
    await fixture.deps.store.commit({ changes });
    const eve = await fixture.someone("eve", "admin", "other");
    const first = await sns.send(new ListTopicsCommand({}));
    assert.equal(first.Topics?.length, 100);
    const { NextToken } = first;
    const rest = await sns.send(new ListTopicsCommand({ NextToken }));
    assert.deepEqual([rest.Topics?.length, rest.Topics?.at(-1)?.TopicArn, rest.NextToken], [21, TopicArn, undefined]);
    const others = snsOf(fixture, eve);
    assert.deepEqual((await others.send(new ListTopicsCommand({}))).Topics, []);
    for (const [client, token] of [
      [others, NextToken],
      [sns, "x"],
    ] as const) {
      const asked = client.send(new ListTopicsCommand({ NextToken: token }));
      assert.match(await refusal(asked), /^400 InvalidParameterException: .*NextToken Reason: /);
    }
    assert.match(await refusal(others.send(new GetTopicAttributesCommand(about))), /^400 InvalidParameterException/);
  });

  it("are seen by members, and changed by developers", async () => {
    await using fixture = await s3Fixture();
    const [dora, mia] = [await fixture.someone("dora", "developer"), await fixture.someone("mia", "member")];
    const [developer, member] = [snsOf(fixture, dora), snsOf(fixture, mia)];
    await create(developer);
    assert.equal((await attributes(member))["TopicArn"], arn);
    assert.equal((await member.send(new ListTopicsCommand({}))).Topics?.length, 1);
    for (const asked of [create(member), set(member, "max_retries", "1"), member.send(new DeleteTopicCommand(about))]) {
      assert.equal(
        await refusal(asked),
        "403 AuthorizationErrorException: this needs the role developer; yours is member",
      );
    }
  });
});
