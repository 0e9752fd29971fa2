import type { Context, SubscriptionContext } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { NewEvent } from "../domain/event.ts";
import { anyResource, type Uuid } from "../domain/ids.ts";
import { parseEventName } from "../domain/notifications/known-kinds.ts";
import { subscriptionEvents } from "../domain/notifications/names.ts";
import type { Subscription } from "../domain/subscription.ts";
import { isAdmin } from "../domain/visibility.ts";
import { invalidField, SignalboxError } from "../errors.ts";
import { byCaller } from "../platform/asking.ts";
import { raised } from "../platform/raise.ts";
import { seenResource } from "../platform/registry.ts";
import { subscriptionEvent } from "../platform/subscription-event.ts";
import { commitOptimistically } from "../store/optimistic.ts";
import type { Delivery, DeliveryPlace } from "../store/store.ts";
import { findSubscription, type Reference } from "./find.ts";
import { requires } from "./surfaces.ts";

/** Sending something to a subscription now, because its owner asks for it: to see that it arrives. */

/** What is to be sent; absent where nothing was said. */
export interface RequestedFiring {
  readonly event: string | undefined;
  readonly associatedUuid: Uuid | undefined;
  readonly message: string | undefined;
}

/** How long the first try is waited for. */
const longestWaitMs = 10_000;
const lookEveryMs = 500;

interface FiringRequest {
  readonly reference: Reference<"notifications">;
  /** What is to be sent; asked for once the subscription was found. */
  readonly read: () => RequestedFiring;
  readonly signal: AbortSignal;
}

interface Fired {
  readonly subscription: Subscription;
  /** As it stands once it was tried, or 10 s have passed; it goes on by itself. */
  readonly delivery: Delivery;
}

/**
 * Sends a durable event to this subscription alone, which uses up nothing of it, and tells who watches it (`FORCED_ATTEMPT`).
 *
 * @throws SignalboxError `not_found`; `precondition_failed` while nothing may be sent; `invalid_request`; `forbidden` for what only
 * admins may say.
 */
export function fireSubscription(
  deps: SubscriptionContext & Pick<Context, "nextRecord">,
  caller: Principal,
  { reference, read, signal }: FiringRequest,
): Promise<Fired> {
  return commitOptimistically({ publish: deps.publish, what: "subscription" }, async () => {
    const subscription = await findSubscription(deps.store, caller, reference);
    const firing = read();
    checkReady(subscription);
    await checkFiring(deps, caller, { subscription, firing });
    const { uuid, revision, number } = subscription;
    return {
      unit: {
        // Its address may have become one whose owner was not asked yet.
        conditions: [{ if: "subscription.revision", uuid, revision }],
        events: [
          forcedEvent(deps, caller, { subscription, firing }),
          subscriptionEvent(deps, caller, subscription, subscriptionEvents.forcedAttempt),
        ],
      },
      committed: async ([sequence = 0]) => {
        const delivery = await firstTry(deps, { sequence, subscription: number }, signal);
        return { subscription, delivery: delivery ?? (await notYet(deps, subscription, sequence)) };
      },
    };
  });
}

function checkReady({ unconfirmed, enabled, endedMs }: Subscription): void {
  requires(unconfirmed === undefined, "the owner of this subscription's address has not agreed yet to be sent mail");
  requires(enabled && endedMs === undefined, "this subscription is disabled");
}

interface Shot {
  readonly subscription: Subscription;
  readonly firing: RequestedFiring;
}

async function checkFiring(
  { store }: Pick<Context, "store">,
  caller: Principal,
  { subscription, firing }: Shot,
): Promise<void> {
  const { event, associatedUuid, message } = firing;
  const isOther = {
    event: event !== undefined && !isSame(event, subscriptionEvents.forced),
    associatedUuid: associatedUuid !== undefined && associatedUuid !== subscription.scope,
    message: message !== undefined,
  };
  const [field] = Object.entries(isOther).find(([, other]) => other) ?? [];
  if (field !== undefined && !isAdmin(caller)) {
    throw new SignalboxError("forbidden", `${field}: only admins may choose what is sent: leave it out`);
  }
  if (isOther.event && subscription.event !== "*" && !isSame(event, subscription.event)) {
    throw invalidField("event", `must be ${subscription.event}, to which this is a subscription, or be left out`);
  }
  if (isOther.associatedUuid && associatedUuid !== anyResource) await seenResource(store, caller, associatedUuid);
}

/** Whatever the case of the letters. */
function isSame(said: string | undefined, name: string): boolean {
  return said?.toUpperCase() === name.toUpperCase();
}

/** Nothing of the resource is in it: the subscriber may see it no more. */
function forcedEvent({ clock }: Pick<Context, "clock">, caller: Principal, { subscription, firing }: Shot): NewEvent {
  const { uuid, tenant, owner, scope, createdMs } = subscription;
  const { event: said = subscriptionEvents.forced, associatedUuid = scope, message } = firing;
  const event = [subscriptionEvents.forced, subscription.event].find((name) => isSame(said, name)) ?? said;
  return raised(clock, {
    tenant,
    uuid: associatedUuid === anyResource ? uuid : associatedUuid,
    kind: "subscription",
    owners: [owner],
    name: parseEventName(event) ?? subscriptionEvents.forced,
    resource: {
      id: uuid,
      event,
      owner,
      associatedUuid,
      created: new Date(createdMs).toISOString(),
      ...defined({ message }),
    },
    ...byCaller(caller),
    addressee: uuid,
  });
}

/** `undefined`: nothing of it was recorded in that time. */
async function firstTry(
  { store, clock, nextRecord }: Pick<Context, "store" | "clock" | "nextRecord">,
  place: DeliveryPlace,
  signal: AbortSignal,
): Promise<Delivery | undefined> {
  const endMs = clock.steady() + longestWaitMs;
  for (;;) {
    const delivery = await store.deliveries.get(place);
    const leftMs = endMs - clock.steady();
    const wasTried = delivery !== undefined && (delivery.attempts > 0 || delivery.status !== "waiting");
    if (wasTried || leftMs <= 0 || signal.aborted) return delivery;
    await nextRecord(place, Math.min(leftMs, lookEveryMs), signal);
  }
}

async function notYet(
  { store }: Pick<Context, "store">,
  { uuid, number, face, target }: Subscription,
  sequence: number,
): Promise<Delivery> {
  const event = await store.events.get(sequence);
  if (event === undefined) throw new RangeError(`event ${sequence} was committed and is not there`);
  return { event, subscription: uuid, number, face, target, status: "waiting", attempts: 0 };
}
