import type { SubscriptionContext } from "../context.ts";
import type { Subscription } from "../domain/subscription.ts";
import { SignalboxError } from "../errors.ts";
import type { Condition, SubscriptionPatch } from "../store/unit.ts";
import { checkedFilter } from "./options.ts";
import { type Place, typeStill } from "./place.ts";
import type { RequestedChange } from "./request.ts";

/** How a paused subscription goes on, and when it may. */

interface Resumption {
  readonly patch: Pick<SubscriptionPatch, "paused">;
  readonly conditions: readonly Condition[];
}

/**
 * What a change that says `enabled: true` does beside: it resumes what a 410 or a filter has paused, since a caller that says that wants it to
 * send. One that waits for its function goes on with that.
 *
 * @throws SignalboxError `invalid_filter` when it is paused for its filter, which is not changed and still cannot be read; `conflict` for one
 * whose owner may not have it any more: going on makes the caller its owner, which is only done when asked for.
 */
export function resumedByEnabling(
  deps: Pick<SubscriptionContext, "catalog">,
  place: Place,
  found: Pick<Subscription, "paused" | "filter">,
  { enabled, filter }: Pick<RequestedChange, "enabled" | "filter">,
): Resumption {
  const { paused } = found;
  if (enabled !== true || paused === undefined || paused.reason === "disabled") return { patch: {}, conditions: [] };
  if (paused.reason === "gone") return { patch: { paused: null }, conditions: [] };
  if (paused.reason === "filter") {
    return { patch: { paused: null }, conditions: filter === undefined ? filterStill(deps, place, found) : [] };
  }
  // Another destination resumes it.
  if (paused.reason === "destination") return { patch: {}, conditions: [] };
  throw new SignalboxError(
    "conflict",
    "enabled: it is paused because of its owner; POST to its resume/ and become the owner",
  );
}

/** While this holds, its filter can be read. @throws SignalboxError `invalid_filter` when it cannot. */
export function filterStill(
  deps: Pick<SubscriptionContext, "catalog">,
  place: Place,
  { filter }: Pick<Subscription, "filter">,
): readonly Condition[] {
  checkedFilter(place, filter);
  return typeStill(deps, place);
}
