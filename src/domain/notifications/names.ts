import type { Event } from "../event.ts";
import type { Subscription } from "../subscription.ts";

/** Which names events have on the notifications face, and who hears which. */

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
} as const;

/** What is raised on a bucket when something in it changes. */
export const contentChanged = "CONTENT_CHANGED";

/** What happens to a file that changes its bucket. */
const changesContent: ReadonlySet<string> = new Set([
  "UPLOADED",
  "CREATED",
  "OVERWRITTEN",
  "DELETED",
  "RENAME",
  "MOVED",
]);

/** The name under which whoever watches a bucket hears what happened to a file in it; `undefined`: they do not. */
export function nameInScope(name: string): string | undefined {
  return changesContent.has(name) ? contentChanged : undefined;
}

/** Outcomes are told to who asked for those of this subscription, and never to who watches everything: that would go round for ever. */
const outcomes: ReadonlySet<string> = new Set([subscriptionEvents.success, subscriptionEvents.failure]);

/** Whether only those hear it who are subscribed to that very resource. */
export function isPrivate({ resource, names }: Pick<Event, "resource" | "names">): boolean {
  return resource.endsWith("-011") && names.notifications !== undefined && outcomes.has(names.notifications);
}

/** Whether it tells what came of a delivery. Of its own deliveries nothing is told. */
export function tellsOutcome(event: Pick<Event, "resource" | "names">): boolean {
  return isPrivate(event);
}

/** What a subscription calls an event. */
export function toldName(event: Event, { face, scope }: Pick<Subscription, "face" | "scope">): string {
  const name = event.names[face] ?? event.names.notifications ?? event.names.lifecycle ?? event.names.objects ?? "";
  if (face !== "notifications" || scope !== event.scope || scope === event.resource) return name;
  return nameInScope(name) ?? name;
}
