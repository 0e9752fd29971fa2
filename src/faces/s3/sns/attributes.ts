import { isDeepStrictEqual } from "node:util";
import { defined } from "../../../domain/defined.ts";
import { type Destination, endpointTag } from "../../../domain/destination.ts";
import type { EgressAllow } from "../../../domain/egress.ts";
import { shortened } from "../../../domain/plain-text.ts";
import { type ParsedWebhookUrl, parseWebhookUrl } from "../../../domain/webhook-url.ts";
import { SignalboxError } from "../../../errors.ts";
import type { RequestedDestinationChange } from "../../../subscriptions/destinations/destinations.ts";
import type { TagsChange } from "../../../subscriptions/destinations/tags.ts";
import { destinationArn } from "../../../subscriptions/s3-configuration/arn.ts";
import { invalidParameter } from "./errors.ts";

/** The attributes of a topic: what Ceph has beyond SNS says where a topic with a push endpoint goes, and how often. */

/** What was said of a topic. */
export interface RequestedTopic {
  readonly endpoint?: ParsedWebhookUrl;
  /** `null`: as each face has it. */
  readonly maxRetries?: number | null;
  readonly sleepMs?: number;
  /** By key, where `null` takes one away. */
  readonly tags?: TagsChange;
}

const mostRetries = 100;
const longestSleepSeconds = 86_400;
/** Ceph's word for a bound that is not set. */
const none = "None";

const kept = ["push-endpoint", "max_retries", "retry_sleep_duration"] as const;

/** Terraform reads one of every topic. This one permits nothing: roles do that. */
const policy = JSON.stringify({ Version: "2012-10-17", Statement: [] });

/** Attributes that change nothing as long as they say what is so anyway, and what is to be done instead of saying something else. */
const settled: Readonly<Record<string, { readonly is: readonly string[]; readonly why: string }>> = {
  persistent: { is: ["true"], why: "is true: what was accepted is kept until it is delivered or a dead letter" },
  "verify-ssl": { is: ["true"], why: "is true: certificates are verified" },
  "use-ssl": { is: ["false"], why: "is for Kafka: a push-endpoint is an http or https URL" },
  cloudevents: { is: ["false"], why: "is the format of the destination: PATCH /api/cloud/destinations/{name}/" },
  time_to_live: { is: ["", none], why: "is not kept: say max_retries and retry_sleep_duration" },
  OpaqueData: {
    is: [""],
    why: "is in no record: give the destination a header (PATCH /api/cloud/destinations/{name}/)",
  },
  DisplayName: { is: [""], why: "is not kept: it is of messages by SMS" },
  Policy: { is: ["", policy], why: "is not kept: who may change topics is told by roles" },
  DeliveryPolicy: { is: [""], why: "is not kept: say max_retries and retry_sleep_duration" },
  KmsMasterKeyId: { is: [""], why: "is not kept: no topic keeps messages" },
  TracingConfig: { is: ["", "PassThrough"], why: "is PassThrough" },
  FifoTopic: { is: ["false"], why: "is false: a rule keeps the order of events if it is `ordered`" },
  ContentBasedDeduplication: { is: ["", "false"], why: "is false: a delivery is known by its webhook-id" },
};

/** Of logs of AWS's own, of which Terraform says that there are to be none. */
const feedback =
  /^(?:Application|Firehose|HTTP|Lambda|SQS)(?:SuccessFeedbackSampleRate|(?:Success|Failure)FeedbackRoleArn)$/;
const noFeedback = {
  is: ["", "0"],
  why: "is of logs that are not here: attempts are told by GET /api/cloud/deliveries/",
};

function settledOf(name: string): (typeof settled)[string] | undefined {
  if (feedback.test(name)) return noFeedback;
  return Object.hasOwn(settled, name) ? settled[name] : undefined;
}

/** @throws SnsError InvalidParameter, naming the attribute and what to do. */
export function readTopicAttributes(said: ReadonlyMap<string, string>, egressAllow: EgressAllow): RequestedTopic {
  for (const [name, value] of said) {
    if ((kept as readonly string[]).includes(name)) continue;
    const known = settledOf(name);
    if (known === undefined) {
      throw invalidParameter(shortened(name), `there is no such attribute here: there are ${kept.join(", ")}`);
    }
    if (!known.is.includes(value)) throw invalidParameter(name, known.why);
  }
  const retries = said.get("max_retries");
  const endpoint = said.get("push-endpoint");
  return defined({
    endpoint: endpoint === undefined ? undefined : readEndpoint(endpoint, egressAllow),
    maxRetries: retries === none ? null : readNumber("max_retries", retries, 0, mostRetries),
    sleepMs: inMs(readNumber("retry_sleep_duration", said.get("retry_sleep_duration"), 1, longestSleepSeconds)),
  });
}

function readEndpoint(text: string, egressAllow: EgressAllow): ParsedWebhookUrl {
  if (!/^https?:/i.test(text)) throw invalidParameter("push-endpoint", "must be an http or https URL");
  try {
    return parseWebhookUrl(text, { egressAllow });
  } catch (thrown) {
    throw aboutTopic(thrown);
  }
}

/** Which a topic does not show, so that they are named here as the destination has them. */
const ofCredentials = /^target\.(?:auth$|headers\.)/;

/** What a destination says of its webhook is said of the endpoint, and what it says of tags of them. */
export function aboutTopic(thrown: unknown): unknown {
  if (!(thrown instanceof SignalboxError) || thrown.code !== "invalid_request") return thrown;
  const { path, message } = thrown.fields[0] ?? { path: "", message: thrown.message };
  if (ofCredentials.test(path)) {
    const remedy = `PATCH /api/cloud/destinations/{name}/ does that, and for auth a user and password in the URL too`;
    return invalidParameter(endpointTag, `leads to another origin, and ${path} ${message}; ${remedy}`);
  }
  const isOfTags = path.startsWith("tags") && path !== `tags.${endpointTag}`;
  return invalidParameter(isOfTags ? shortened(path, 200) : endpointTag, message);
}

function readNumber(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw invalidParameter(name, `must be a whole number from ${min} to ${max}`);
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}

/** How a destination says it. */
export function topicRetries({ maxRetries, sleepMs }: RequestedTopic) {
  return defined({ maxRetries, backoff: sleepMs === undefined ? undefined : { scheduleMs: [sleepMs], jitter: 0 } });
}

/** What of it is another than the destination has; `undefined` when nothing is, so that to say the same again changes nothing. */
export function changeOf(
  { webhook, policy: before, tags: had = {} }: Destination,
  asked: RequestedTopic,
): RequestedDestinationChange | undefined {
  const { endpoint, maxRetries, sleepMs, tags } = asked;
  const isMoved = endpoint !== undefined && (endpoint.url !== webhook.url || endpoint.auth !== undefined);
  const hasRetries = maxRetries === undefined || maxRetries === (before?.maxRetries ?? null);
  const hasSleep = sleepMs === undefined || isDeepStrictEqual(before?.scheduleMs, [sleepMs]);
  const hasTags = Object.entries(tags ?? {}).every(([key, value]) => (had[key] ?? null) === value);
  if (!isMoved && hasRetries && hasSleep && hasTags) return undefined;
  const target = isMoved ? { url: endpoint.url, ...defined({ auth: endpoint.auth }) } : undefined;
  return { ...(hasRetries && hasSleep ? {} : topicRetries(asked)), ...defined({ target, tags }) };
}

/** What GetTopicAttributes tells. Credentials are never shown. */
export function showTopicAttributes({
  tenant,
  name,
  webhook,
  policy: retries,
}: Destination): Readonly<Record<string, string>> {
  const sleepMs = retries?.scheduleMs[0];
  return {
    TopicArn: destinationArn(tenant, name),
    Owner: tenant,
    DisplayName: "",
    Policy: policy,
    "push-endpoint": webhook.url,
    persistent: "true",
    "verify-ssl": "true",
    max_retries: retries === undefined ? none : String(retries.maxRetries),
    ...(retries?.scheduleMs.length === 1 && sleepMs !== undefined
      ? { retry_sleep_duration: String(Math.ceil(sleepMs / 1_000)) }
      : {}),
  };
}
