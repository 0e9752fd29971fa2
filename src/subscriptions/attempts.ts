import type { Context } from "../context.ts";
import { defined } from "../domain/defined.ts";
import type { DeliveryStatus } from "../domain/delivery.ts";
import { deliveryUuid, parseDeliveryUuid } from "../domain/ids.ts";
import { nameForSubscription } from "../domain/notifications/names.ts";
import type { FieldType, SearchTerm } from "../domain/notifications/search.ts";
import { viewOf } from "../domain/notifications/view.ts";
import type { Subscription } from "../domain/subscription.ts";
import { parseTemplate } from "../domain/template.ts";
import { notFound } from "../errors.ts";
import { inTurn, type SearchValue, searcher } from "../platform/search.ts";
import type { Delivery, DeliveryPlace, Store } from "../store/store.ts";
import { urlOf } from "./facts.ts";
import { requires } from "./surfaces.ts";
import { targetKindOf } from "./target-kinds/target-kinds.ts";

/** What became of the events of one subscription: the notifications face calls a delivery an attempt, however often it was tried. */

export const attemptStatuses = ["WAITING", "DELIVERED", "FAILED", "PAUSED"] as const;
type AttemptStatus = (typeof attemptStatuses)[number];

const statusNames: Readonly<Record<DeliveryStatus, AttemptStatus>> = {
  waiting: "WAITING",
  delivered: "DELIVERED",
  dead: "FAILED",
  paused: "PAUSED",
};

/** One event on its way to a subscription. The last try of several is the one that is shown. */
export interface AttemptFacts {
  readonly id: string;
  readonly url: string;
  readonly event: string;
  readonly associatedUuid: string;
  readonly notificationId: string;
  readonly owner: string;
  readonly provider: string;
  readonly status: AttemptStatus;
  readonly attempts: number;
  /** When the event happened. */
  readonly createdMs: number;
  /** Absent when there is to be none. */
  readonly nextMs?: number;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly code?: number;
  readonly message?: string;
}

export function attemptFacts(
  deps: Pick<Context, "kinds" | "publicUrl">,
  subscription: Subscription,
  delivery: Delivery,
): AttemptFacts {
  return { ...recorded(subscription, delivery), url: sentTo(deps, subscription)(delivery) };
}

/** All but what macros stood for, which is dear: it is found for those deliveries only of which it is wanted. */
function recorded(subscription: Subscription, delivery: Delivery): Omit<AttemptFacts, "url"> {
  const { event, last, status, attempts, dueMs, reason } = delivery;
  const message = last?.snippet ?? last?.message ?? reason;
  return {
    id: deliveryUuid(event.sequence, subscription.uuid),
    event: nameForSubscription(event, subscription),
    associatedUuid: event.resource,
    notificationId: subscription.uuid,
    owner: subscription.owner,
    provider: subscription.target.kind.toUpperCase(),
    status: statusNames[status],
    attempts,
    createdMs: event.timeMs,
    ...(status === "waiting" && dueMs !== undefined ? { nextMs: dueMs } : {}),
    ...(last === undefined ? {} : { startMs: last.startedMs, endMs: last.startedMs + last.durationMs }),
    ...(last?.status === undefined ? {} : { code: last.status }),
    ...defined({ message }),
  };
}

/**
 * With what its macros stand for, once that has left here: a subscriber who lost sight of the resource before that must not learn it from a list.
 */
function sentTo(
  { kinds, publicUrl }: Pick<Context, "kinds" | "publicUrl">,
  subscription: Subscription,
): (delivery: Delivery) => string {
  const { target } = subscription;
  const written = urlOf(subscription);
  const { expand } = targetKindOf(target);
  if (expand === undefined || !written.includes("${")) return () => written;
  const template = parseTemplate(written);
  return ({ event, attempts }) => {
    if (attempts === 0) return written;
    const view = viewOf(event, subscription, { publicUrl: publicUrl() });
    return expand(template, view, kinds);
  };
}

/** What can be searched for in lists of attempts. */
export const attemptFields = {
  id: "text",
  url: "text",
  event: "text",
  eventName: "text",
  associatedUuid: "text",
  notificationId: "text",
  owner: "text",
  provider: "text",
  status: "text",
  attempts: "number",
  attemptNumber: "number",
  created: "time",
  scheduledTime: "time",
  startTime: "time",
  endTime: "time",
  "response.code": "number",
  "response.message": "text",
} as const satisfies Readonly<Record<string, FieldType>>;

type Recorded = Exclude<keyof typeof attemptFields, "url">;

function fieldOf(facts: Omit<AttemptFacts, "url">, field: Recorded): SearchValue {
  const { id, event, associatedUuid, notificationId, owner, provider, status, attempts, createdMs } = facts;
  const fields: Readonly<Record<Recorded, SearchValue>> = {
    id,
    event,
    eventName: event,
    associatedUuid,
    notificationId,
    owner,
    provider,
    status,
    attempts,
    attemptNumber: attempts,
    created: createdMs,
    scheduledTime: facts.nextMs ?? null,
    startTime: facts.startMs ?? null,
    endTime: facts.endMs ?? null,
    "response.code": facts.code ?? null,
    "response.message": facts.message ?? null,
  };
  return fields[field];
}

interface AttemptQuery {
  /** Of {@link attemptFields}. */
  readonly terms: readonly SearchTerm[];
  readonly limit: number;
  readonly offset: number;
  readonly signal: AbortSignal;
}

/** Deliveries that one list looks at, the newest; what lies behind them, only a search by `status` finds. */
export const mostLookedAt = 10_000;
const lookedAt = 100;

/**
 * Newest event first.
 *
 * @throws SignalboxError as {@link searcher}.
 */
export async function listAttempts(
  deps: Pick<Context, "kinds" | "publicUrl" | "store" | "slices" | "offload">,
  subscription: Subscription,
  { terms, limit, offset, signal }: AttemptQuery,
): Promise<AttemptFacts[]> {
  const { tenant, uuid } = subscription;
  const query = { tenant, subscription: uuid, ...statusWanted(terms) };
  const expand = sentTo(deps, subscription);
  const known = new WeakMap<Delivery, string>();
  const sent = (delivery: Delivery): string => {
    const url = known.get(delivery) ?? expand(delivery);
    known.set(delivery, url);
    return url;
  };
  const fitting = searcher<Delivery>(deps, {
    payer: tenant,
    terms,
    valueOf: (delivery, field) =>
      field === "url" ? sent(delivery) : fieldOf(recorded(subscription, delivery), field as Recorded),
    signal,
  });
  const found: Delivery[] = [];
  let passed = 0;
  let looked = 0;
  let after: DeliveryPlace | undefined;
  do {
    const place = { max: lookedAt, ...defined({ after }) };
    const page = await inTurn(deps, tenant, () => deps.store.deliveries.list(query, place));
    for (const delivery of await fitting(page.deliveries)) {
      if (passed < offset) passed += 1;
      else if (found.length < limit) found.push(delivery);
    }
    looked += page.deliveries.length;
    after = page.next;
  } while (found.length < limit && after !== undefined && looked < mostLookedAt && !signal.aborted);
  const shown = function* (): Generator<void, AttemptFacts[], void> {
    const facts: AttemptFacts[] = [];
    for (const delivery of found) {
      facts.push({ ...recorded(subscription, delivery), url: sent(delivery) });
      yield;
    }
    return facts;
  };
  return deps.slices.run(tenant, shown(), signal);
}

/** What the store can find by itself. */
function statusWanted(terms: readonly SearchTerm[]): { readonly statuses?: readonly DeliveryStatus[] } {
  const name = terms.find(({ field, op }) => field === "status" && op === "eq")?.value;
  const [status] = Object.entries(statusNames).find(([, shown]) => shown === name) ?? [];
  return status === undefined ? {} : { statuses: [status as DeliveryStatus] };
}

/** @throws SignalboxError `not_found` when the subscription has no such delivery, or it was cleared. */
export async function findAttempt(store: Store, { uuid, number }: Subscription, id: string): Promise<Delivery> {
  const place = parseDeliveryUuid(id);
  const found =
    place?.subscription === uuid
      ? await store.deliveries.get({ sequence: place.sequence, subscription: number })
      : undefined;
  if (found === undefined) throw notFound("an attempt with that uuid");
  return found;
}

/** The newest, if there was any. */
export async function lastDelivery(store: Store, { tenant, uuid }: Subscription): Promise<Delivery | undefined> {
  let after: DeliveryPlace | undefined;
  do {
    const page = await store.deliveries.list({ tenant, subscription: uuid }, { max: 1, ...defined({ after }) });
    if (page.deliveries[0] !== undefined) return page.deliveries[0];
    after = page.next;
  } while (after !== undefined);
  return undefined;
}

/** Failed deliveries are listed no more, and cannot be sent again. */
export async function clearAttempts({ publish }: Pick<Context, "publish">, { number }: Subscription): Promise<void> {
  await publish({ changes: [{ do: "delivery.clear", subscription: number }] });
}

/** @throws SignalboxError `not_found`; `precondition_failed` for one that has not failed. */
export async function clearAttempt(
  { store, publish }: Pick<Context, "store" | "publish">,
  subscription: Subscription,
  id: string,
): Promise<void> {
  const { status, event } = await findAttempt(store, subscription, id);
  const why = status === "delivered" ? "it was delivered" : "it still waits to be sent";
  requires(status === "dead", `only failed attempts can be cleared: ${why}`);
  await publish({ changes: [{ do: "delivery.clear", subscription: subscription.number, sequence: event.sequence }] });
}
