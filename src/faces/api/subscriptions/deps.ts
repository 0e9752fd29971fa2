import type { KeyedMutex } from "../../../pace/keyed-mutex.ts";
import type { MakeDeps } from "../../../subscriptions/make.ts";
import type { ApiDeps } from "../../http/deps.ts";

/** @param mutex that of everything that makes subscriptions, or changes functions. */
export function subscriptionDeps(deps: ApiDeps, mutex: KeyedMutex): MakeDeps {
  const { maxSubscriptionsPerUser, maxRulesPerBucket, mailConfirm, maxHooksPerEvent, maxFunctionsPerEvent } =
    deps.config;
  const most = { maxSubscriptionsPerUser, maxRulesPerBucket, maxHooksPerEvent, maxFunctionsPerEvent };
  return { ...deps, mutex, ...most, mailConfirm: mailConfirm !== "off" };
}
