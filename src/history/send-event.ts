import type { Context } from "../context.ts";
import { eventScopes, isAboutItself, reaches } from "../delivery/event-scopes.ts";
import { parkedRecord } from "../delivery/judge.ts";
import { Visibility } from "../delivery/visibility.ts";
import type { Principal } from "../domain/access.ts";
import type { Event, Face } from "../domain/event.ts";
import { isListening, type Subscription } from "../domain/subscription.ts";
import { invalidField, notFound, SignalboxError } from "../errors.ts";
import { seenSubscription } from "../platform/visibility.ts";
import { commitOptimistically } from "../store/optimistic.ts";
import type { Delivery } from "../store/store.ts";
import { checkMaySend, type DeliveryContext } from "./deliveries.ts";
import { dispatchOf } from "./explain-event.ts";
import { findEvent } from "./find-event.ts";

interface Sending {
  /** Of the event, or its sequence. */
  readonly id: string;
  /** Uuid, as it was given. */
  readonly subscription: string;
}

/**
 * Sends an event that is kept to a subscription that did not get it: because it was made later, was disabled, or did not match. The event has
 * to be about what the subscription is about, and its owner to see that; name and filter are not asked. It becomes a delivery like others:
 * durable, with its own id, retried by the subscription's policy and at its pace.
 *
 * @throws SignalboxError `not_found` for an event or subscription that the caller does not see; `forbidden` for an owner who may not have
 * the subscription any more; `invalid_request` about `subscription` when it cannot get such an event; `conflict` when it is off, has the
 * event already, or the event waits to be dispatched.
 */
export async function sendEvent(
  deps: DeliveryContext & Pick<Context, "slices">,
  caller: Principal,
  { id, subscription: to }: Sending,
): Promise<Delivery> {
  const { store, publish, clock, wake, firstAttempts } = deps;
  const event = await findEvent(deps, caller, id);
  const { sequence } = event;
  const had = (): never => {
    throw new SignalboxError(
      "conflict",
      `subscription '${to}' has had this event: redrive its delivery to send that again`,
    );
  };
  return commitOptimistically({ publish, what: "subscription" }, async () => {
    const subscription = await seenSubscription(store, caller, to);
    if (subscription === undefined || subscription.deletedMs !== undefined) throw notFound(`subscription '${to}'`);
    await checkMaySend(store, caller, subscription);
    checkListens(subscription);
    checkIsAbout(event, subscription);
    if ((await new Visibility(store).among(event, [subscription])).length === 0) {
      throw invalidField("subscription", "its owner does not see what this event is about");
    }
    const { uuid, revision, number } = subscription;
    const place = { sequence, subscription: number };
    if (firstAttempts.get(place) !== undefined) had();
    if ((await dispatchOf(store, event)) !== "done") {
      throw new SignalboxError(
        "conflict",
        "this event is not dispatched yet: send it once it is known who gets it anyway",
      );
    }
    return {
      unit: {
        conditions: [
          { if: "subscription.revision", uuid, revision },
          { if: "delivery.absent", ...place },
        ],
        changes: [{ do: "delivery.add", delivery: parkedRecord(event, subscription, clock.steady()) }],
      },
      committed: async () => {
        wake(number);
        const delivery = await store.deliveries.get(place);
        if (delivery === undefined)
          throw new RangeError(`delivery ${sequence}/${number} was committed and is not there`);
        return delivery;
      },
      refused: (condition) => {
        if (condition.if === "delivery.absent") had();
      },
    };
  });
}

/** One that is paused gets it when it goes on. */
function checkListens(subscription: Subscription): void {
  if (isListening(subscription)) return;
  const { enabled, unconfirmed, taken } = subscription;
  const why =
    unconfirmed === true
      ? "the owner of its address has not agreed yet to be sent mail"
      : taken !== undefined
        ? "it was for one event, and has had that"
        : enabled
          ? "what it was about is gone"
          : "it is disabled: enable it first";
  throw new SignalboxError("conflict", `subscription '${subscription.uuid}' gets nothing: ${why}`);
}

const faceNames: Readonly<Record<Face, string>> = {
  objects: "events of objects",
  lifecycle: "events of operations",
  notifications: "events of resources",
};

/** Wherever it listens there, under whatever name. */
function checkIsAbout(event: Event, subscription: Subscription): void {
  const { face, scope } = subscription;
  const scopes = eventScopes(event, face).flatMap((place) => place.scopes);
  if (scopes.length === 0) throw invalidField("subscription", `gets ${faceNames[face]}, which this is not`);
  const isThere = face === "lifecycle" ? reaches(event, subscription) : scopes.includes(scope);
  if (!isThere) throw invalidField("subscription", "is about something else: the event does not lie in its scope");
  if (subscription.target.kind === "function" && subscription.target.hook !== undefined) {
    throw invalidField("subscription", "is a hook, which is asked before an operation and gets no events");
  }
  if (isAboutItself(event, subscription) || isForAnother(event, subscription)) {
    throw invalidField("subscription", "never gets this event: it is about a subscription, and not for it");
  }
}

function isForAnother({ addressee }: Event, { uuid }: Subscription): boolean {
  return addressee !== undefined && addressee !== uuid;
}
