import type { Principal } from "../../domain/access.ts";
import type { Pause } from "../../domain/subscription.ts";
import type { SubscriptionPatch } from "../../store/unit.ts";

/** Of one whose owner was ended or may not have it any more, who lets it go on is its owner: it hears what they may hear. */
export function resumed({ name }: Principal, { reason }: Pause): Pick<SubscriptionPatch, "paused" | "owner"> {
  return reason === "owner_ended" || reason === "owner_role" ? { paused: null, owner: name } : { paused: null };
}
