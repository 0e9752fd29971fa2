import type { Context } from "../context.ts";
import { eventScopes } from "../delivery/event-scopes.ts";
import { explainPastInSteps, historyAt, type PastMatch } from "../delivery/past-match.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Attempt } from "../domain/delivery.ts";
import type { Event } from "../domain/event.ts";
import type { Subscription } from "../domain/subscription.ts";
import { viewerOf } from "../domain/visibility.ts";
import { inTurn } from "../platform/search.ts";
import { knowsSubscription } from "../platform/visibility.ts";
import { lastOfFull } from "../store/page.ts";
import type { Delivery, Store } from "../store/store.ts";

/** Of one event: who listened as they stood then, why those did not want it that did not, and what was tried for those that did. */

export interface ExplainedRule extends PastMatch {
  readonly subscription: Subscription;
  readonly delivery?: Delivery;
  readonly attempts: readonly Attempt[];
}

/** `waiting`: it is not dispatched yet. `aside`: that was put off, see `GET /api/cloud/poisoned/` and the use of matching. */
type Dispatch = "done" | "waiting" | "aside";

export interface ExplainedEvent {
  readonly event: Event;
  readonly dispatch: Dispatch;
  /** Of subscriptions that the caller knows of, by number. */
  readonly rules: readonly ExplainedRule[];
  /** There are more than are looked at. */
  readonly more: boolean;
}

/** That are looked at of one event. */
const mostRules = 100;
/** Subscriptions to operations: they are found by what they are subscribed to, a page at a time, and so many are looked through. */
const hookPage = 200;
const mostHookPages = 10;
/** What was deleted longer before is no news. */
const deletedLatelyMs = 86_400_000;

/**
 * The subscriptions that the caller knows of, and what each made of the event, in turns of the loop and at the cost of the tenant. Whether
 * the caller sees the event is for who calls this.
 *
 * @throws SignalboxError `too_many_requests`.
 */
export async function explainEvent(
  deps: Pick<Context, "slices" | "store">,
  caller: Principal,
  event: Event,
  signal: AbortSignal,
): Promise<ExplainedEvent> {
  const { subscriptions, more } = await listeners(deps, caller, event);
  const rules: ExplainedRule[] = [];
  for (const subscription of subscriptions) rules.push(await explainRule(deps, event, subscription, signal));
  const lately = rules.filter(({ standing, subscription: { deletedMs = 0 } }) => {
    return standing !== "deleted" || deletedMs > event.timeMs - deletedLatelyMs;
  });
  const isSent = rules.some(({ delivery }) => delivery !== undefined && delivery.attempts > 0);
  return { event, dispatch: isSent ? "done" : await dispatchOf(deps.store, event), rules: lately, more };
}

export async function dispatchOf(store: Pick<Store, "aside" | "events">, { sequence }: Event): Promise<Dispatch> {
  if ((await store.aside.among(sequence, sequence)).has(sequence)) return "aside";
  return (await store.events.isDispatched(sequence)) ? "done" : "waiting";
}

interface Listeners {
  readonly subscriptions: readonly Subscription[];
  readonly more: boolean;
}

/** Who got it, who listened in its scopes, now or then, and who runs on its operation; by number. */
async function listeners(deps: Pick<Context, "slices" | "store">, caller: Principal, event: Event): Promise<Listeners> {
  const { store } = deps;
  const { tenant, sequence, addressee } = event;
  const found = new Map<number, Subscription>();
  const sent = await inTurn(deps, tenant, () =>
    store.deliveries.recorded({ from: sequence, to: sequence }, { max: mostRules + 1 }),
  );
  for (const { subscription: number } of sent.slice(0, mostRules)) {
    const one = await store.subscriptions.byNumber(number);
    if (one !== undefined && (await knowsSubscription(store, caller, one))) found.set(number, one);
  }
  if (addressee !== undefined) {
    const one = await store.subscriptions.get(addressee);
    if (one !== undefined && (await knowsSubscription(store, caller, one))) found.set(one.number, one);
  }
  const others = addressee === undefined ? await listening(deps, caller, event) : { subscriptions: [], more: false };
  let more = sent.length > mostRules || others.more;
  for (const one of others.subscriptions) {
    if (found.has(one.number)) continue;
    if (found.size < mostRules) found.set(one.number, one);
    else more = true;
  }
  return { subscriptions: [...found.values()].sort((a, b) => a.number - b.number), more };
}

async function listening(deps: Pick<Context, "slices" | "store">, caller: Principal, event: Event): Promise<Listeners> {
  const { tenant, names } = event;
  const viewer = viewerOf(caller);
  const places = [...eventScopes(event, "objects"), ...eventScopes(event, "notifications")];
  const scopes = [...new Set(places.flatMap((place) => place.scopes))];
  const query = { tenant, scopes, ...defined({ viewer }) };
  const there = await inTurn(deps, tenant, () => deps.store.subscriptions.everOn(query, { max: mostRules + 1 }));
  const onResource = there.filter(({ face }) => face !== "lifecycle");
  const more = there.length > mostRules;
  if (names.lifecycle === undefined) return { subscriptions: onResource, more };
  const onOperation = await running(deps, caller, event);
  return { subscriptions: [...onResource, ...onOperation.subscriptions], more: more || onOperation.more };
}

/** Of the lifecycle face only those for this event type: the others, of which there may be thousands, are about other operations. */
async function running(
  deps: Pick<Context, "slices" | "store">,
  caller: Principal,
  { tenant, names }: Event,
): Promise<Listeners> {
  const viewer = viewerOf(caller);
  const query = { tenant, face: "lifecycle", deleted: true, ...defined({ viewer }) } as const;
  const subscriptions: Subscription[] = [];
  let after: number | undefined;
  for (let pages = 0; pages < mostHookPages; pages += 1) {
    const page = { max: hookPage, ...defined({ after }) };
    const some = await inTurn(deps, tenant, () => deps.store.subscriptions.newest(query, page));
    subscriptions.push(...some.filter(({ event }) => event === "*" || event === names.lifecycle));
    after = lastOfFull(some, page)?.number;
    if (after === undefined) return { subscriptions, more: false };
  }
  return { subscriptions, more: true };
}

async function explainRule(
  { store, slices }: Pick<Context, "store" | "slices">,
  event: Event,
  subscription: Subscription,
  signal: AbortSignal,
): Promise<ExplainedRule> {
  const place = { sequence: event.sequence, subscription: subscription.number };
  const [stood, delivery, attempts] = await inTurn({ slices }, event.tenant, () =>
    Promise.all([historyAt(store, subscription, event), store.deliveries.get(place), store.deliveries.attempts(place)]),
  );
  const wanted = await slices.run(event.tenant, explainPastInSteps(event, subscription, stood), signal);
  const isFound = delivery !== undefined && delivery.reason !== "not_matched";
  // It was found then to match, whatever can still be known of that: what is known not to have matched was sent on request.
  const matched =
    isFound && (wanted.matched === undefined || event.addressee !== undefined) ? asMatched(wanted) : wanted;
  return { ...matched, subscription, attempts, ...defined({ delivery }) };
}

function asMatched(wanted: PastMatch): PastMatch {
  return { ...wanted, standing: "live", matched: true, reasons: [] };
}
