import { defined } from "../../../domain/defined.ts";
import { type DestinationTags, endpointTag } from "../../../domain/destination.ts";
import { type Action, type ActionResult, mayChange, topicOf } from "./action.ts";
import { readTopicAttributes } from "./attributes.ts";
import { changeTopic } from "./change.ts";
import { invalidParameter } from "./errors.ts";
import type { Parameters } from "./request.ts";

/** Tags of topics are those of their destinations. */

/** @throws SnsError InvalidParameter */
export function tagsIn(parameters: Parameters): DestinationTags | undefined {
  const tags = parameters.pairs("Tags.member.", ["Key", "Value"]);
  return tags.size === 0 ? undefined : Object.fromEntries(tags);
}

/**
 * The attributes that were said, with the endpoint that a tag says: Terraform can say nothing of a new topic but tags.
 *
 * @throws SnsError InvalidParameter for two endpoints.
 */
export function withEndpointOf(
  attributes: ReadonlyMap<string, string>,
  tags: DestinationTags | undefined,
): ReadonlyMap<string, string> {
  const endpoint = tags?.[endpointTag];
  if (endpoint === undefined) return attributes;
  if ((attributes.get(endpointTag) ?? endpoint) === endpoint) return new Map([...attributes, [endpointTag, endpoint]]);
  throw invalidParameter(endpointTag, "is one thing as an attribute, and another as a tag: say one of them");
}

export async function listTags(action: Action): Promise<ActionResult> {
  const { tags = {} } = await topicOf(action, "ResourceArn");
  return { Tags: { member: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) } };
}

/** Those of other keys stay. */
export async function tag(action: Action): Promise<ActionResult> {
  mayChange(action);
  const { context, parameters } = action;
  const found = await topicOf(action, "ResourceArn");
  const tags = tagsIn(parameters);
  const asked = readTopicAttributes(withEndpointOf(new Map(), tags), context.egressAllow);
  await changeTopic(action, found, { ...asked, ...defined({ tags }) });
  return {};
}

/** Where the topic goes stays, also when no tag says it any more. */
export async function untag(action: Action): Promise<ActionResult> {
  mayChange(action);
  const found = await topicOf(action, "ResourceArn");
  const keys = action.parameters.list("TagKeys.member.");
  await changeTopic(action, found, { tags: Object.fromEntries(keys.map((key) => [key, null])) });
  return {};
}
