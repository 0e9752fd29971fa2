import { type DestinationTags, type DestinationWebhook, endpointTag } from "../../domain/destination.ts";
import type { EgressAllow } from "../../domain/egress.ts";
import { longestUrl, type ParsedWebhookUrl, parseWebhookUrl } from "../../domain/webhook-url.ts";
import { invalidField } from "../../errors.ts";

/** Tags of a destination: texts of its owner's tools, of which {@link endpointTag} always says where it goes. */

/** By key, where `null` takes one away. */
export type TagsChange = Readonly<Record<string, string | null>>;

/** As of topics of SNS. */
export const maxDestinationTags = 50;
const longestKey = 128;
const longestValue = 256;
const plain = /^[^\p{Cc}\p{Cs}]*$/u;

interface TagsDeps {
  readonly egressAllow: EgressAllow;
}

interface Changed {
  readonly had: DestinationTags | undefined;
  readonly said: TagsChange | null | undefined;
  readonly was: DestinationWebhook;
  readonly webhook: DestinationWebhook;
}

/** What is to be kept after a change; `undefined` when the tags stay as they are. @throws SignalboxError as {@link checkedTags}. */
export function tagsAfter(
  deps: TagsDeps,
  { had = {}, said, was, webhook }: Changed,
): DestinationTags | null | undefined {
  if (said === null) return null;
  const isMoved = webhook.url !== was.url && had[endpointTag] !== undefined;
  if (said === undefined && !isMoved) return undefined;
  const moved: TagsChange = isMoved ? { [endpointTag]: webhook.url } : {};
  const kept = Object.entries({ ...had, ...moved, ...said }).filter((tag): tag is [string, string] => tag[1] !== null);
  return kept.length === 0 ? null : checkedTags(deps, Object.fromEntries(kept), webhook);
}

/** @throws SignalboxError `invalid_request` naming the tag and the remedy. */
export function checkedTags(
  { egressAllow }: TagsDeps,
  tags: DestinationTags,
  { url }: DestinationWebhook,
): DestinationTags | undefined {
  const all = Object.entries(tags);
  if (all.length > maxDestinationTags) throw invalidField("tags", `are ${maxDestinationTags} at most`);
  for (const [key, value] of all) {
    const most = key === endpointTag ? longestUrl : longestValue;
    if (key === "" || key.length > longestKey || !plain.test(key)) {
      throw invalidField("tags", `have keys of 1 to ${longestKey} characters, none of which is a control character`);
    }
    if (value.length > most || !plain.test(value)) {
      throw invalidField(`tags.${key}`, `must have at most ${most} characters, none of which is a control character`);
    }
  }
  const endpoint = tags[endpointTag];
  if (endpoint === undefined || endpoint === url) return tags;
  const parsed = parsedOrNot(endpoint, egressAllow);
  if (parsed?.auth !== undefined) {
    throw invalidField(`tags.${endpointTag}`, "must not hold a user and password, as tags are shown: say auth");
  }
  if (parsed?.url !== url)
    throw invalidField(`tags.${endpointTag}`, "says where it goes: say target.url, or both alike");
  return tags;
}

function parsedOrNot(text: string, egressAllow: EgressAllow): ParsedWebhookUrl | undefined {
  try {
    return parseWebhookUrl(text, { egressAllow });
  } catch {
    return undefined;
  }
}
