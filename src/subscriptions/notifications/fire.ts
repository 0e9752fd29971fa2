import type { Principal } from "../../domain/access.ts";
import type { NewEvent } from "../../domain/event.ts";
import { anyResource, type Uuid } from "../../domain/ids.ts";
import { parseEventName } from "../../domain/notifications/known-kinds.ts";
import { subscriptionEvents } from "../../domain/notifications/names.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { isAdmin } from "../../domain/visibility.ts";
import { invalidField, SignalboxError } from "../../errors.ts";
import { byCaller } from "../../platform/asking.ts";
import { raised } from "../../platform/raise.ts";
import { seenResource } from "../../platform/registry.ts";
import { subscriptionEvent } from "../../platform/subscription-event.ts";
import type { Delivery, DeliveryPlace } from "../../store/store.ts";
import type { NotificationDeps } from "./deps.ts";
import { findNotification, requires } from "./find.ts";
import { Problems } from "./problems.ts";
import { saidOf } from "./properties.ts";
import { readEvent, readScope } from "./wish.ts";

/** Sending something to a subscription now, because its owner asks for it: to see that it arrives. */

const longestMessage = 65_536;
const known = ["event", "associatedUuid", "message"] as const;

/** What is to be sent; absent where nothing was said. */
interface Firing {
  readonly event: string | undefined;
  readonly associatedUuid: Uuid | undefined;
  readonly message: string | undefined;
}

/** Times that it is tried anew because somebody changed the subscription in between. */
const mostTries = 10;
/** How long the first try is waited for. */
const longestWaitMs = 10_000;
const lookEveryMs = 500;

export interface Asking {
  /** Uuid of the subscription, as it was given. */
  readonly id: string;
  readonly body: unknown;
  readonly signal: AbortSignal;
}

export interface Fired {
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
export async function fireNotification(deps: NotificationDeps, caller: Principal, asked: Asking): Promise<Fired> {
  for (let tries = 0; tries < mostTries; tries++) {
    const subscription = await findNotification(deps.store, caller, asked.id);
    const firing = readFiring(asked.body);
    checkReady(subscription);
    await checkFiring(deps, caller, { subscription, firing });
    const { uuid, revision, number } = subscription;
    const commit = await deps.publish({
      // Its address may have become one that nobody asked yet.
      conditions: [{ if: "subscription.revision", uuid, revision }],
      events: [
        forcedEvent(deps, caller, { subscription, firing }),
        subscriptionEvent(deps, caller, subscription, subscriptionEvents.forcedAttempt),
      ],
    });
    if (commit.kind === "refused") continue;
    const sequence = commit.sequences[0] ?? 0;
    const delivery = await firstTry(deps, { sequence, subscription: number }, asked.signal);
    return { subscription, delivery: delivery ?? (await notYet(deps, subscription, sequence)) };
  }
  throw new SignalboxError("unavailable", "others keep changing this subscription; try again");
}

function readFiring(body: unknown): Firing {
  const problems = new Problems();
  const said = saidOf(body, { known, ignored: [] }, problems);
  const optional = <T>(name: (typeof known)[number], read: (value: unknown) => T): T | undefined => {
    const value = said.get(name);
    return value === undefined || value === null ? undefined : problems.read(undefined, () => read(value));
  };
  const firing = {
    event: optional("event", readOneEvent),
    associatedUuid: optional("associatedUuid", readScope),
    message: optional("message", readMessage),
  };
  problems.tell();
  return firing;
}

function readOneEvent(value: unknown): string {
  const event = readEvent(value);
  if (event === "*") throw invalidField("event", "must be the name of one event, not *");
  return event;
}

function readMessage(value: unknown): string {
  if (typeof value !== "string") throw invalidField("message", "must be a string");
  if (value.length > longestMessage) throw invalidField("message", `must have at most ${longestMessage} characters`);
  return value;
}

function checkReady({ unconfirmed, enabled, endedMs }: Subscription): void {
  requires(unconfirmed === undefined, "the owner of this subscription's address has not agreed yet to be sent mail");
  requires(enabled && endedMs === undefined, "this subscription is disabled");
}

interface Shot {
  readonly subscription: Subscription;
  readonly firing: Firing;
}

async function checkFiring(
  { store }: NotificationDeps,
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
function forcedEvent({ clock }: NotificationDeps, caller: Principal, { subscription, firing }: Shot): NewEvent {
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
      ...(message === undefined ? {} : { message }),
    },
    ...byCaller(caller),
    addressee: uuid,
  });
}

/** `undefined`: nothing of it was recorded in that time. */
async function firstTry(
  { store, clock, nextRecord }: NotificationDeps,
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
  { store }: NotificationDeps,
  { uuid, number, face }: Subscription,
  sequence: number,
): Promise<Delivery> {
  const event = await store.events.get(sequence);
  if (event === undefined) throw new RangeError(`event ${sequence} was committed and is not there`);
  return { event, subscription: uuid, number, face, status: "waiting", attempts: 0 };
}
