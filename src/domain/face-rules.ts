import type { Role } from "./access.ts";
import type { Face } from "./event.ts";
import { anyResource, type Uuid } from "./ids.ts";
import { type Target, targetFactsOf } from "./subscription.ts";

/**
 * What a subscription's face means for how it is kept: who knows of it, who may have it, when it ends and when it is forgotten. A store
 * gets this with the subscription and keeps it; it knows no face's rules itself.
 */

/** Who sees it besides its owner and admins: who manages the bucket that is its scope, or developers. */
type Circle = "managers" | "developers";

/** What its owner has to be: one who manages the bucket that is its scope, a developer, or an admin. */
export type Need = "manager" | "developer" | "admin";

export interface FaceRules {
  /** Absent: nobody. */
  readonly seenBy?: Circle;
  /** Absent: whatever the owner's role is. */
  readonly needs?: Need;
  /** False: it gets the event of its scope's end, and outlives that. */
  readonly endsWithScope: boolean;
  /** Whether it is forgotten once it is over or deleted, and nothing that was sent to it is kept. */
  readonly dropWhenOver: boolean;
  /** Whether its function has only one of them for each event, and is counted among the event's subscribers. */
  readonly oncePerFunction: boolean;
}

/** What the rules depend on. */
interface Faced {
  readonly face: Face;
  readonly scope: Uuid;
  readonly target: Pick<Target, "kind">;
}

/** Once for all: on the one face where scope and target may change, `notifications`, the rules depend on neither. */
export function faceRulesOf(subscription: Faced): FaceRules {
  const { face, target } = subscription;
  const [seenBy, needs] = [circleOf(subscription), needOf(subscription)];
  return {
    ...(seenBy === undefined ? {} : { seenBy }),
    ...(needs === undefined ? {} : { needs }),
    // Who watches a resource is notified of its end, too.
    endsWithScope: face !== "notifications",
    dropWhenOver: face === "notifications",
    oncePerFunction: face === "lifecycle" && target.kind === "function",
  };
}

/** A bucket's rules belong to who manages the bucket, and what runs functions on operations to developers. */
export function circleOf({ face, target }: Pick<Faced, "face" | "target">): Circle | undefined {
  switch (face) {
    case "objects":
      return "managers";
    case "lifecycle":
      return targetFactsOf(target).ofDevelopers === undefined ? undefined : "developers";
    case "notifications":
      return undefined;
    default:
      return face satisfies never;
  }
}

/** Who may get the events of a resource is judged with each of them. */
export function needOf({ face, scope }: Pick<Faced, "face" | "scope">): Need | undefined {
  switch (face) {
    case "objects":
      return scope === anyResource ? "admin" : "manager";
    case "lifecycle":
      return "developer";
    case "notifications":
      return undefined;
    default:
      return face satisfies never;
  }
}

/** What a role does not meet by itself: a member manages the buckets that it owns. */
export function needsBeyond(role: Role): readonly Need[] {
  return beyond[role];
}

const beyond: Readonly<Record<Role, readonly Need[]>> = {
  member: ["manager", "developer", "admin"],
  developer: ["admin"],
  admin: [],
  operator: [],
  host: ["manager", "developer", "admin"],
};
