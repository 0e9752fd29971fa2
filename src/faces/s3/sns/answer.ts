import type { Principal } from "../../../domain/access.ts";
import { shortened } from "../../../domain/plain-text.ts";
import type { Authenticator } from "../auth.ts";
import type { S3Answer, S3Context } from "../call.ts";
import type { S3Exchange } from "../exchange.ts";
import { refuseRepeatedHeaders } from "../wire/unambiguous.ts";
import { writeXml } from "../wire/xml-write.ts";
import { type Action, type ActionResult, topicOf } from "./action.ts";
import { SnsError, snsNamespace } from "./errors.ts";
import { Parameters, receiveAction } from "./request.ts";
import { listTags, tag, untag } from "./tags.ts";
import { createTopic, deleteTopic, getTopicAttributes, listTopics, setTopicAttributes } from "./topics.ts";

/**
 * The part of SNS by which tools of S3 set up where a bucket's notifications go: topics with a push endpoint, as Ceph has them, on the
 * endpoint of S3.
 */

type Handler = (action: Action) => Promise<ActionResult>;

const actions: Readonly<Record<string, Handler>> = {
  CreateTopic: createTopic,
  GetTopicAttributes: getTopicAttributes,
  SetTopicAttributes: setTopicAttributes,
  ListTopics: listTopics,
  DeleteTopic: deleteTopic,
  ListTagsForResource: listTags,
  TagResource: tag,
  UntagResource: untag,
  // Of these there are never any.
  GetDataProtectionPolicy: async (action) => {
    await topicOf(action, "ResourceArn");
    return { DataProtectionPolicy: "" };
  },
  ListSubscriptions: async () => ({ Subscriptions: {} }),
  ListSubscriptionsByTopic: async (action) => {
    await topicOf(action);
    return { Subscriptions: {} };
  },
};

const subscribing =
  "a topic has one receiver, its attribute push-endpoint (SetTopicAttributes); more receivers are more topics";
const publishing =
  "what is sent to a topic comes of what happens to objects: name its ARN in PutBucketNotificationConfiguration of a bucket";
const permitting = "who may use a topic is told by the roles of principals";

/** What there is in the place of an action that there is not. */
const instead: Readonly<Record<string, string>> = {
  Subscribe: subscribing,
  ConfirmSubscription: subscribing,
  Unsubscribe: subscribing,
  GetSubscriptionAttributes: subscribing,
  SetSubscriptionAttributes: subscribing,
  Publish: publishing,
  PublishBatch: publishing,
  AddPermission: permitting,
  RemovePermission: permitting,
  PutDataProtectionPolicy: "what is sent is told by the format of the destination",
};

interface Asked {
  readonly context: S3Context;
  readonly authenticator: Authenticator;
  readonly exchange: S3Exchange;
  /** Called once it is known who signed it. */
  readonly known: (principal: Principal) => void;
}

/** @throws SnsError; S3Error and SignalboxError, which are answered as one. */
export async function answerAction({ context, authenticator, exchange, known }: Asked): Promise<S3Answer> {
  const { request, requestId: RequestId } = exchange;
  refuseRepeatedHeaders(request.rawHeaders);
  if (request.headers.authorization === undefined) {
    throw new SnsError(
      "AuthorizationError",
      "the request is not signed: sign it with an access key, for the service sns",
    );
  }
  const body = await receiveAction(exchange);
  const principal = await authenticator.authenticateAction(request, body);
  known(principal);
  const parameters = new Parameters(body);
  const name = parameters.need("Action");
  const handler = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (handler === undefined) throw unknown(name);
  const result = await handler({ context, principal, parameters });
  return {
    status: 200,
    headers: { "content-type": "text/xml", "x-amzn-requestid": RequestId },
    body: writeXml(
      `${name}Response`,
      { ...(result === undefined ? {} : { [`${name}Result`]: result }), ResponseMetadata: { RequestId } },
      { xmlns: snsNamespace },
    ),
  };
}

function unknown(name: string): SnsError {
  const remedy = Object.hasOwn(instead, name) ? instead[name] : `there are ${Object.keys(actions).join(", ")}`;
  return new SnsError("InvalidAction", `The action ${shortened(name)} is not here: ${remedy}`);
}
