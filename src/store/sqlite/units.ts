import type { Change, Condition, Unit } from "../unit.ts";
import { deliveryChange, deliveryCheck } from "./deliveries.ts";
import { identityChange, identityCheck } from "./identities.ts";
import { objectChange, objectCheck } from "./objects.ts";
import type { Check, Step } from "./step.ts";
import { subscriptionChange, subscriptionCheck } from "./subscriptions.ts";

/** A unit's conditions and changes as SQL. Check `i` is of condition `i`: a refusal is reported by its index. */
export function unitSteps(unit: Unit): { checks: Check[]; steps: Step[] } {
  return { checks: (unit.conditions ?? []).map(check), steps: (unit.changes ?? []).flatMap(steps) };
}

function check(condition: Condition): Check {
  switch (condition.if) {
    case "tenant.absent":
    case "tenant.exists":
    case "accessKey.absent":
      return identityCheck(condition);
    case "bucket.nameFree":
    case "bucket.live":
    case "bucket.empty":
    case "object.version":
    case "upload.open":
    case "upload.changes":
    case "part.blob":
      return objectCheck(condition);
    case "subscription.revision":
      return subscriptionCheck(condition);
    case "delivery.finished":
      return deliveryCheck(condition);
    default:
      return condition satisfies never;
  }
}

function steps(change: Change): Step[] {
  switch (change.do) {
    case "tenant.add":
    case "principal.put":
    case "token.put":
    case "token.revoke":
    case "accessKey.put":
    case "accessKey.remove":
    case "grant.put":
    case "grant.remove":
      return identityChange(change);
    case "bucket.add":
    case "bucket.remove":
    case "object.put":
    case "object.remove":
    case "upload.add":
    case "upload.remove":
    case "part.put":
      return objectChange(change);
    case "subscription.add":
    case "subscription.change":
    case "subscription.remove":
      return subscriptionChange(change);
    case "delivery.redrive":
    case "redrive.add":
      return deliveryChange(change);
    default:
      return change satisfies never;
  }
}
