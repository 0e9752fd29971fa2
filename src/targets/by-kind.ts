import {
  type EmailSubscription,
  type FunctionSubscription,
  runsFunction,
  type Subscription,
  sendsMail,
  sendsToWebhook,
  type WebhookSubscription,
} from "../domain/subscription.ts";
import type { PreparedTarget } from "./target.ts";

/** Who prepares which kind of target. */
export interface TargetKinds {
  readonly webhook: (subscription: WebhookSubscription) => PreparedTarget;
  readonly function: (subscription: FunctionSubscription) => PreparedTarget;
  readonly email: (subscription: EmailSubscription) => PreparedTarget;
}

/** One way to prepare the target of any subscription. */
export function targetsByKind(kinds: TargetKinds): (subscription: Subscription) => PreparedTarget {
  return (subscription) => {
    if (sendsToWebhook(subscription)) return kinds.webhook(subscription);
    if (runsFunction(subscription)) return kinds.function(subscription);
    if (sendsMail(subscription)) return kinds.email(subscription);
    throw new TypeError(`no target of the kind ${JSON.stringify(subscription.target)}`);
  };
}
