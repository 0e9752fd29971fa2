import type { Principal } from "../domain/access.ts";
import type { Pause } from "../domain/subscription.ts";
import { SignalboxError } from "../errors.ts";
import type { SubscriptionPatch } from "../store/unit.ts";

/** Of one whose owner was ended or may not have it any more, who lets it go on is its owner: it hears what they may hear. */
export function resumed({ name }: Principal, { reason }: Pause): Pick<SubscriptionPatch, "paused" | "owner"> {
  return reason === "owner_ended" || reason === "owner_role" ? { paused: null, owner: name } : { paused: null };
}

/**
 * What a change that says `enabled: true` does beside: it resumes what a 410 or a filter has paused, since a caller that says that wants it to
 * send. One that waits for its function goes on with that.
 *
 * @throws SignalboxError `conflict` for one whose owner may not have it any more: going on makes the caller its owner, which is only done
 * when asked for.
 */
export function resumedByEnabling(
  enabled: boolean | undefined,
  paused: Pause | undefined,
): Pick<SubscriptionPatch, "paused"> {
  if (enabled !== true || paused === undefined || paused.reason === "disabled") return {};
  if (paused.reason === "gone" || paused.reason === "filter") return { paused: null };
  throw new SignalboxError(
    "conflict",
    "enabled: it is paused because of its owner; POST to its resume/ and become the owner",
  );
}
