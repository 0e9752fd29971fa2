import type { Context } from "../../../context.ts";
import type { MakeDeps } from "../../../subscriptions/make.ts";

export function subscriptionDeps(context: Context): MakeDeps {
  const { maxSubscriptionsPerUser, maxRulesPerBucket, mailConfirm, maxHooksPerEvent, maxFunctionsPerEvent } =
    context.config;
  const most = { maxSubscriptionsPerUser, maxRulesPerBucket, maxHooksPerEvent, maxFunctionsPerEvent };
  return { ...context, ...most, mailConfirm: mailConfirm !== "off" };
}
