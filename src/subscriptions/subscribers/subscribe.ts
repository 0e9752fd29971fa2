import type { Clock } from "../../clock.ts";
import type { Publish } from "../../delivery/publish.ts";
import type { Principal } from "../../domain/access.ts";
import type { Catalog, EventTypeDefinition } from "../../domain/catalog.ts";
import type { Uuid } from "../../domain/ids.ts";
import { subscriptionEvents } from "../../domain/notifications/names.ts";
import { runsFunction } from "../../domain/subscription.ts";
import { SignalboxError } from "../../errors.ts";
import type { KeyedMutex } from "../../pace/keyed-mutex.ts";
import { byCaller } from "../../platform/asking.ts";
import { freshUuid } from "../../platform/deps.ts";
import { turnOfFunction } from "../../platform/functions/deps.ts";
import { subscriptionEvent } from "../../platform/subscription-event.ts";
import type { KnownFunction } from "../../store/records.ts";
import type { Store } from "../../store/store.ts";
import type { Change, NewSubscription } from "../../store/unit.ts";
import { mostSubscribers, type SubscriberLimits, tooManySubscribers } from "../limits.ts";
import { removeSubscription } from "../remove.ts";
import { eventType, findSubscriber, type Subscriber, type SubscriberPlace } from "./find.ts";
import { mergeSubscriber, newSubscriberState, type SubscriberInput, type SubscriberState, stateOf } from "./input.ts";

/** Subscribing functions to event types. Sentences in `'` and with capital letters are those of the documented API. */

export interface SubscriberDeps extends SubscriberLimits {
  readonly store: Store;
  readonly publish: Publish;
  readonly clock: Clock;
  readonly mutex: KeyedMutex;
  readonly catalog: Catalog;
  /** A hint that this subscription (`Subscription.number`) may send, or never will. */
  readonly wake: (subscription: number) => void;
}

/** Which function, and which event type. */
export interface Pair {
  readonly event: string;
  /** The function's number. */
  readonly fn: number;
}

/** Times that a change is made anew because somebody else changed the same thing in between. */
const mostTries = 10;

/**
 * From now on the function hears of the event type: of the app's events, and of those that are of no app.
 *
 * @throws SignalboxError `invalid_request`, as documented, for an unknown event type, an unknown function, and a function that is
 * subscribed already; what {@link mergeSubscriber} throws; `conflict` when the event type has as many subscribers as it may have.
 */
export async function subscribe(
  deps: SubscriberDeps,
  caller: Principal,
  pair: Pair,
  input: SubscriberInput,
): Promise<Subscriber> {
  const definition = eventType(deps.catalog, pair.event);
  const state = mergeSubscriber(newSubscriberState(pair.fn, definition), input, definition);
  return deps.mutex.take(turnOfFunction(pair.fn), async () => {
    for (let tries = 0; tries < mostTries; tries++) {
      const fn = await liveFunction(deps.store, caller, pair.fn);
      if (fn === undefined) {
        throw new SignalboxError("invalid_request", `Function with id ${pair.fn} does not exist`);
      }
      const made = await add(deps, caller, { definition, fn, state });
      if (made !== undefined) return made;
    }
    throw new SignalboxError("unavailable", "others keep changing this function; try again");
  });
}

async function liveFunction(store: Store, caller: Principal, number: number): Promise<KnownFunction | undefined> {
  const fn = await store.functions.byNumber(number);
  return fn?.tenant === caller.tenant && fn.deletedMs === undefined ? fn : undefined;
}

interface Wanted {
  readonly definition: EventTypeDefinition;
  readonly fn: KnownFunction;
  readonly state: SubscriberState;
}

/** `undefined`: the function was changed meanwhile. */
async function add(
  deps: SubscriberDeps,
  caller: Principal,
  { definition: { name: event, phase }, fn, state }: Wanted,
): Promise<Subscriber | undefined> {
  const { store, publish, clock } = deps;
  const { tenant } = caller;
  const uuid = freshUuid(clock, "subscription");
  const atMs = clock.now();
  const of = { uuid, tenant, face: "lifecycle", scope: fn.appUuid, event } as const;
  const made: NewSubscription = { ...state, ...of, owner: caller.name, createdMs: atMs };
  const commit = await publish({
    conditions: [
      { if: "function.revision", number: fn.number, revision: fn.revision },
      { if: "subscriber.absent", function: fn.number, event },
      { if: "subscribers.fewer", tenant, event, fewer: mostSubscribers(phase, deps) },
    ],
    changes: [{ do: "subscription.add", subscription: made }, ...waiting(fn, uuid, atMs)],
    events: [subscriptionEvent(deps, caller, made, subscriptionEvents.created)],
  });
  if (commit.kind === "refused") {
    if (commit.condition.if === "subscribers.fewer") throw tooManySubscribers(event, phase, deps);
    return refused(commit.condition.if, { event, fn: fn.number });
  }
  const subscription = await store.subscriptions.get(uuid);
  if (subscription === undefined || !runsFunction(subscription)) {
    throw new RangeError(`subscription ${uuid} was committed and is not there`);
  }
  return { subscription, fn };
}

/** While its function is disabled, a subscription waits with the others. */
export function waiting({ enabled }: KnownFunction, uuid: Uuid, atMs: number): Change[] {
  const paused = { reason: "disabled", sinceMs: atMs } as const;
  return enabled ? [] : [{ do: "subscription.change", uuid, patch: { paused }, atMs }];
}

function refused(condition: string, { event, fn }: Pair): undefined {
  if (condition !== "subscriber.absent") return undefined;
  throw new SignalboxError("invalid_request", `Function ${fn} is already subscribed to event '${event}'`);
}

/**
 * The function hears of the event type no more; what still waited becomes dead letters.
 *
 * @throws SignalboxError `invalid_request`, as documented, for an unknown event type; `not_found` for a function that is not
 * subscribed, whether it exists or not.
 */
export async function unsubscribe(deps: SubscriberDeps, caller: Principal, { event, fn: number }: Pair): Promise<void> {
  eventType(deps.catalog, event);
  await deps.mutex.take(turnOfFunction(number), async () => {
    const fn = await liveFunction(deps.store, caller, number);
    const found = fn === undefined ? undefined : await deps.store.functions.subscription({ function: number, event });
    if (found === undefined) {
      throw new SignalboxError("not_found", `Function ${number} was not subscribed to event '${event}'`);
    }
    await removeSubscription(deps, found, byCaller(caller));
  });
}

/**
 * Merges what was said into the subscription.
 *
 * @throws SignalboxError `not_found`; what {@link mergeSubscriber} throws.
 */
export async function changeSubscriber(
  deps: SubscriberDeps,
  caller: Principal,
  place: SubscriberPlace,
  input: SubscriberInput,
): Promise<Subscriber> {
  const definition = eventType(deps.catalog, place.event);
  for (let tries = 0; tries < mostTries; tries++) {
    const { subscription } = await findSubscriber(deps.store, caller, place);
    const { uuid, revision, number } = subscription;
    const { filter, ...state } = mergeSubscriber(stateOf(subscription), input, definition);
    const { enabled } = state;
    const commit = await deps.publish({
      conditions: [{ if: "subscription.revision", uuid, revision }],
      changes: [
        { do: "subscription.change", uuid, patch: { ...state, filter: filter ?? null }, atMs: deps.clock.now() },
      ],
      events: [subscriptionEvent(deps, caller, { ...subscription, enabled }, subscriptionEvents.updated)],
    });
    if (commit.kind === "committed") {
      deps.wake(number);
      return findSubscriber(deps.store, caller, place);
    }
  }
  throw new SignalboxError("unavailable", "others keep changing this subscription; try again");
}
