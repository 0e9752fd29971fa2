import type { Phase } from "../domain/catalog.ts";
import { SignalboxError } from "../errors.ts";

/**
 * How many functions of one tenant may be subscribed to one event type. Apart, because hooks cost the caller of the operation their
 * time, while functions on a POST event cost nobody more than their own deliveries.
 */
export interface SubscriberLimits {
  readonly maxHooksPerEvent: number;
  readonly maxFunctionsPerEvent: number;
}

export function mostSubscribers(phase: Phase, limits: SubscriberLimits): number {
  return phase === "pre" ? limits.maxHooksPerEvent : limits.maxFunctionsPerEvent;
}

/** A 409 for one too many. */
export function tooManySubscribers(event: string, phase: Phase, limits: SubscriberLimits): SignalboxError {
  const setting = phase === "pre" ? "SIGNALBOX_MAX_HOOKS_PER_EVENT" : "SIGNALBOX_MAX_FUNCTIONS_PER_EVENT";
  const most = mostSubscribers(phase, limits);
  return new SignalboxError(
    "conflict",
    `event '${event}' has ${most} subscribers and may have no more (${setting}); unsubscribe one`,
  );
}
