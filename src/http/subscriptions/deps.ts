import type { MakeDeps } from "../../resources/subscriptions/make.ts";
import type { Turns } from "../../resources/turns.ts";
import type { ApiDeps } from "../deps.ts";

/** @param turns those of everything that makes subscriptions, or changes functions. */
export function subscriptionDeps(deps: ApiDeps, turns: Turns): MakeDeps {
  const { maxSubscriptionsPerUser, maxHooksPerEvent, maxRulesPerBucket, mailConfirm } = deps.config;
  const isConfirmed = mailConfirm !== "off";
  return { ...deps, turns, maxSubscriptionsPerUser, maxHooksPerEvent, maxRulesPerBucket, mailConfirm: isConfirmed };
}
