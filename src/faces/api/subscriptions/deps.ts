import type { Turns } from "../../../platform/turns.ts";
import type { MakeDeps } from "../../../subscriptions/make.ts";
import type { ApiDeps } from "../../http/deps.ts";

/** @param turns those of everything that makes subscriptions, or changes functions. */
export function subscriptionDeps(deps: ApiDeps, turns: Turns): MakeDeps {
  const { maxSubscriptionsPerUser, maxRulesPerBucket, mailConfirm, maxHooksPerEvent, maxFunctionsPerEvent } =
    deps.config;
  const most = { maxSubscriptionsPerUser, maxRulesPerBucket, maxHooksPerEvent, maxFunctionsPerEvent };
  return { ...deps, turns, ...most, mailConfirm: mailConfirm !== "off" };
}
