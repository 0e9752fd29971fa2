import { managesTenant, mayManage, type Owned, type Principal } from "./access.ts";
import type { Face } from "./event.ts";
import { circleOf } from "./face-rules.ts";
import { kinds } from "./ids.ts";
import type { Target } from "./subscription.ts";

/**
 * Who knows of a subscription, and so of everything that came of it: its deliveries, their attempts and the receiver's answers, its
 * usage, and sending again. There is no other rule: a grant on the resource that it is about shows the resource, never who watches it.
 * A store judges lists by the same rule (`Viewer`); its conformance suite compares the two.
 */

/** What the rule needs to know of a subscription, deleted ones included. */
interface ViewedSubscription {
  readonly tenant: string;
  readonly owner: string;
  readonly face: Face;
  readonly target: Pick<Target, "kind">;
}

/** A caller who does not see all of its tenant. */
export interface Viewer {
  /** Of the principal. */
  readonly name: string;
  /** Whether it manages every bucket and function of the tenant. */
  readonly developer: boolean;
}

/** Whether the caller sees everything in its tenant, other people's subscriptions included. */
export function isAdmin({ role }: Pick<Principal, "role">): boolean {
  return role === "admin" || role === "operator";
}

/** Through whose eyes lists are judged; `undefined`: the caller sees all of its tenant. */
export function viewerOf(caller: Principal): Viewer | undefined {
  return isAdmin(caller) ? undefined : { name: caller.name, developer: managesTenant(caller) };
}

/**
 * Whether `caller` knows of the subscription: admins do, and its owner; a bucket's rules belong to who manages the bucket, and what runs
 * functions to developers.
 *
 * @param bucket on which the subscription is, deleted or not; absent when its scope is none.
 */
export function seesSubscription(caller: Principal, subscription: ViewedSubscription, bucket?: Owned): boolean {
  const { tenant, owner } = subscription;
  if (caller.tenant !== tenant) return false;
  if (isAdmin(caller) || owner === caller.name) return true;
  const circle = circleOf(subscription);
  switch (circle) {
    case "managers":
      return bucket !== undefined && mayManage(caller, bucket);
    case "developers":
      return managesTenant(caller);
    case undefined:
      return false;
    default:
      return circle satisfies never;
  }
}

/** What developers reach all of; of everything else they see what is theirs, or was shared with them. */
const developersSee: ReadonlySet<string> = new Set([
  kinds.profile,
  kinds.file,
  kinds.app,
  kinds.bucket,
  kinds.function,
]);

/** Whether developers see all resources of the kind of this uuid. */
export function openToDevelopers(uuid: string): boolean {
  return developersSee.has(uuid.slice(-3));
}
