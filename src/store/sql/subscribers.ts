import type { Functions } from "../store.ts";
import type { SubscriberCondition } from "../subscriptions.ts";
import type { Check, Reads, Step } from "./step.ts";
import { readSubscription, whole } from "./subscription-reads.ts";
import { keep, remove } from "./subscriptions.ts";

/** Functions as subscribers: subscriptions by the function that their target names. */

const live = "deleted_ms IS NULL AND ended_ms IS NULL";
/** Of which a function has one for each event. */
const counted = `once_per_function = 1 AND ${live}`;
const byFunction = "function = ?1";

const reviseTenantOfFunction = `UPDATE tenant SET revision = revision + 1
  WHERE id = (SELECT f.tenant FROM function f WHERE f.number = ? AND f.deleted_ms IS NULL)`;
const keepSubscribers = keep(byFunction);
const removeThem = remove(byFunction);

/** Does with the subscriptions of a function that is not deleted yet what `subscription.remove` does with one. */
export function removeSubscribers(fn: number, atMs: number): Step[] {
  return [
    { sql: reviseTenantOfFunction, params: [fn] },
    { sql: keepSubscribers, params: [fn, atMs] },
    { sql: removeThem, params: [fn, atMs] },
  ];
}

const subscribed = `SELECT 1 FROM subscription INDEXED BY subscription_by_function
  WHERE ${byFunction} AND event = ?2 AND ${counted}`;
const crowded = `SELECT count(*) FROM subscription INDEXED BY subscription_by_event
  WHERE tenant = ?1 AND event = ?2 AND ${counted}
  HAVING count(*) >= ?3`;

const toFunctionSince = `SELECT 1 FROM subscription INDEXED BY subscription_to_function
  WHERE ${byFunction} AND ${live} AND number > ?2 LIMIT 1`;
const onScopeSince = `SELECT 1 FROM subscription INDEXED BY subscription_by_scope
  WHERE tenant = ?1 AND scope = ?2 AND face = ?3 AND ${live} AND number > ?4 LIMIT 1`;

export function subscriberCheck(condition: SubscriberCondition): Check {
  switch (condition.if) {
    case "subscriber.absent":
      return { sql: subscribed, params: [condition.function, condition.event], expect: "none" };
    case "subscribers.fewer":
      return { sql: crowded, params: [condition.tenant, condition.event, condition.fewer], expect: "none" };
    case "subscriptions.noneSince": {
      const { of, last } = condition;
      return "function" in of
        ? { sql: toFunctionSince, params: [of.function, last], expect: "none" }
        : { sql: onScopeSince, params: [of.tenant, of.scope, of.face, last], expect: "none" };
    }
    default:
      return condition satisfies never;
  }
}

const ofFunctionTo = `SELECT ${whole} FROM subscription s INDEXED BY subscription_by_function
  WHERE ${byFunction} AND event = ?2 AND ${counted}`;
const ofFunction = `SELECT ${whole} FROM subscription s INDEXED BY subscription_to_function
  WHERE ${byFunction} AND ${live} ORDER BY number`;

export function subscribers(reads: Reads): Pick<Functions, "subscription" | "subscriptions"> {
  return {
    subscription: async (place) => await reads.one(readSubscription, ofFunctionTo, place.function, place.event),
    subscriptions: async (fn) => (await reads.all(ofFunction, fn)).map(readSubscription),
  };
}
