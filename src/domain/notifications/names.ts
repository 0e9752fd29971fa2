import type { Event } from "../event.ts";
import { type OwnEvent, otherNames } from "../raised-events.ts";
import type { Subscription } from "../subscription.ts";
import { parentsOf } from "./parents.ts";
import { kindNameOf } from "./resource-data.ts";

/** Which names events have on the notifications face, and which subscriptions get which. */

/** What Signalbox itself raises on a subscription. */
export const subscriptionEvents = {
  created: "CREATED",
  updated: "UPDATED",
  deleted: "DELETED",
  success: "SUCCESS",
  failure: "FAILURE",
  /** Its owner asks to be sent something now. */
  forced: "FORCED_EVENT",
  /** That was done. */
  forcedAttempt: "FORCED_ATTEMPT",
  /** The owner of its address is asked to agree. */
  confirmation: "CONFIRMATION_REQUESTED",
} as const satisfies Readonly<Record<string, OwnEvent<"subscription">>>;

/** Raised on a bucket, beside the event's own name, when something in it changes. */
const contentChanged: OwnEvent<"bucket"> = "CONTENT_CHANGED";

/** What happens to a file that changes its bucket. */
const changesContent: ReadonlySet<string> = new Set<OwnEvent<"file">>([
  "UPLOADED",
  "CREATED",
  "OVERWRITTEN",
  "DELETED",
  "RENAME",
  "MOVED",
]);

/** The names of an event on its own resource: first the one under which it was raised. */
export function ownNames(kind: string, name: string): readonly string[] {
  const other = otherNames[kind]?.[name];
  return other === undefined ? [name] : [name, other];
}

/**
 * The names, on its parents, of what happened to a resource of a kind: with its kind before it, `JOB_RUNNING`, as documented. What
 * changes a bucket's content has that name, too.
 */
export function namesAtParents(kind: string, name: string): readonly string[] {
  const before = kind.toUpperCase();
  const names = ownNames(kind, name).map((one) => `${before}_${one}`);
  return kind === "file" && changesContent.has(name) ? [...names, contentChanged] : names;
}

/** What a tenant's alert target is notified of, on the subscription that it is about. */
export const alertEvents = {
  /** The first attempt after one that was acknowledged has failed. */
  failing: "FAILING",
  deadLetter: "DEAD_LETTER",
  paused: "PAUSED",
} as const satisfies Readonly<Record<string, OwnEvent<"subscription">>>;

/** Only for who asked for those of this very subscription, never for who watches everything: that would go round for ever. */
const outcomes: ReadonlySet<string> = new Set<OwnEvent<"subscription">>([
  subscriptionEvents.success,
  subscriptionEvents.failure,
]);

/** Whether it goes only to subscriptions to that very resource. */
export function isPrivate({ resource, names }: Pick<Event, "resource" | "names">): boolean {
  return resource.endsWith("-011") && names.notifications !== undefined && outcomes.has(names.notifications);
}

/** Whether it announces the outcome of a delivery. Deliveries of such events raise no further ones. */
export function tellsOutcome(event: Pick<Event, "resource" | "names">): boolean {
  return isPrivate(event);
}

/** What a subscription calls an event: by the name that it asked for, and where it asked for all of them by the first that the event has. */
export function nameForSubscription(
  event: Event,
  subscription: Pick<Subscription, "face" | "scope" | "event">,
): string {
  const { face, scope, event: wanted } = subscription;
  const name = event.names[face] ?? event.names.notifications ?? event.names.lifecycle ?? event.names.objects ?? "";
  if (face !== "notifications" || event.addressee !== undefined) return name;
  const kind = kindNameOf(event);
  const isAtParent = scope !== event.resource && parentsOf(event).some(({ uuid }) => uuid === scope);
  const names = isAtParent ? namesAtParents(kind, name) : [...ownNames(kind, name), ...namesAtParents(kind, name)];
  return names.includes(wanted) ? wanted : (names[0] ?? name);
}
