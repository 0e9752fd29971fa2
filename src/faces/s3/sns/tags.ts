import { type Action, type ActionResult, mayChange, topicOf } from "./action.ts";
import { invalidParameter } from "./errors.ts";
import type { Parameters } from "./request.ts";

/** Destinations have no tags: that there are none is told, and to have none is always granted. */

/** @throws SnsError InvalidParameter */
export function refuseTags(parameters: Parameters): void {
  if (parameters.pairs("Tags.member.", ["Key", "Value"]).size === 0) return;
  throw invalidParameter("Tags", "are not kept: leave them out");
}

export async function listTags(action: Action): Promise<ActionResult> {
  await topicOf(action, "ResourceArn");
  return { Tags: {} };
}

export async function tag(action: Action): Promise<ActionResult> {
  mayChange(action);
  await topicOf(action, "ResourceArn");
  refuseTags(action.parameters);
  return {};
}

export async function untag(action: Action): Promise<ActionResult> {
  mayChange(action);
  await topicOf(action, "ResourceArn");
  return {};
}
