import type { Context } from "../context.ts";
import { eventScopes } from "../delivery/event-scopes.ts";
import { explainPastInSteps, historyAt, type PastMatch } from "../delivery/past-match.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Attempt } from "../domain/delivery.ts";
import type { Event } from "../domain/event.ts";
import { isRecord } from "../domain/schema/unions.ts";
import type { Subscription } from "../domain/subscription.ts";
import { viewerOf } from "../domain/visibility.ts";
import { inTurn } from "../platform/search.ts";
import { knowsSubscription } from "../platform/visibility.ts";
import { findBucket } from "../storage/buckets.ts";
import type { Bucket } from "../store/records.ts";
import type { Delivery, RecentEvents, Store } from "../store/store.ts";

/**
 * "The object was written, and nothing came": what happened to a key, who listened to it as they stood then, why those did not want it
 * that did not, and what was tried for those that did. For who reads the bucket; of subscriptions only those that the caller knows of.
 */

interface ExplainQuery {
  /** By name. */
  readonly bucket: string;
  readonly key: string;
  /** Only what happened within five minutes of this instant. */
  readonly atMs?: number;
  /** Sequence before which to go on. */
  readonly after?: number;
  /** Events at most. */
  readonly max: number;
  /** Aborts when the caller waits no more. */
  readonly signal: AbortSignal;
}

export interface ExplainedRule extends PastMatch {
  readonly subscription: Subscription;
  readonly delivery?: Delivery;
  readonly attempts: readonly Attempt[];
}

export interface ExplainedEvent {
  readonly event: Event;
  /** `waiting`: it is not dispatched yet. `aside`: that was put off, see `GET /api/cloud/poisoned/` and the use of matching. */
  readonly dispatch: "done" | "waiting" | "aside";
  readonly rules: readonly ExplainedRule[];
  /** There are more than are looked at. */
  readonly more: boolean;
}

interface Explained {
  readonly bucket: Bucket;
  /** Newest first. */
  readonly events: readonly ExplainedEvent[];
  /** Sequence before which to look further. */
  readonly next?: number;
}

const windowMs = 300_000;
/** Windows of the store's that one answer looks through: 100,000 events of all buckets. */
const mostWindows = 100;
/** Events read together: few, as most that have the key as a value are about it. */
const pageEvents = 100;
/** That are looked at of one event. */
const mostRules = 100;
/** What was deleted longer before is no news. */
const deletedLatelyMs = 86_400_000;

/** @throws SignalboxError `not_found` when there is no such bucket that the caller may read; `too_many_requests`. */
export async function explainKey(
  deps: Pick<Context, "slices" | "store">,
  caller: Principal,
  query: ExplainQuery,
): Promise<Explained> {
  const { store, slices } = deps;
  const bucket = await findBucket(store, caller, query.bucket, "read");
  const { events, next } = await eventsOf(deps, bucket, query);
  const explained: ExplainedEvent[] = [];
  for (const event of events) {
    if (query.signal.aborted) break;
    const { subscriptions, more } = await inTurn({ slices }, caller.tenant, () => listeners(store, caller, event));
    const rules: ExplainedRule[] = [];
    for (const subscription of subscriptions)
      rules.push(await explainRule(deps, { caller, event, subscription }, query));
    const lately = rules.filter(({ standing, subscription: { deletedMs = 0 } }) => {
      return standing !== "deleted" || deletedMs > event.timeMs - deletedLatelyMs;
    });
    const isSent = rules.some(({ delivery }) => delivery !== undefined);
    explained.push({ event, dispatch: isSent ? "done" : await dispatchOf(store, event), rules: lately, more });
  }
  return { bucket, events: explained, ...defined({ next }) };
}

async function dispatchOf(store: Store, { sequence }: Event): Promise<ExplainedEvent["dispatch"]> {
  if ((await store.aside.among(sequence, sequence)).has(sequence)) return "aside";
  return sequence <= (await store.events.dispatchedTo()) ? "done" : "waiting";
}

async function eventsOf(
  deps: Pick<Context, "slices" | "store">,
  bucket: Bucket,
  query: ExplainQuery,
): Promise<RecentEvents> {
  const { atMs, after, key } = query;
  const around = atMs === undefined ? {} : { sinceMs: atMs - windowMs, untilMs: atMs + windowMs };
  const found = await walk(deps, { bucket, query, bounds: around, after });
  if (found.events.length > 0 || atMs !== undefined || after !== undefined || found.next === undefined) return found;
  // It was written long ago: the object itself says when.
  const object = await deps.store.objects.object(bucket.uuid, key);
  if (object === undefined) return found;
  return walk(deps, { bucket, query, bounds: { untilMs: object.modifiedMs + windowMs }, after });
}

interface Walk {
  readonly bucket: Bucket;
  readonly query: ExplainQuery;
  readonly bounds: { readonly sinceMs?: number; readonly untilMs?: number };
  readonly after: number | undefined;
}

/** Newest first, up to as many windows as one answer may look through. */
async function walk(
  deps: Pick<Context, "slices" | "store">,
  { bucket, query, bounds, after }: Walk,
): Promise<RecentEvents> {
  const { tenant, uuid: scope } = bucket;
  const { key, max, signal } = query;
  const events: Event[] = [];
  let place = after;
  for (let window = 0; window < mostWindows && !signal.aborted; window++) {
    const page = { max: pageEvents, ...defined({ after: place }) };
    const read = (): Promise<RecentEvents> =>
      deps.store.events.recent({ tenant, scope, withValue: key, ...bounds }, page);
    const found = await inTurn(deps, tenant, read);
    for (const event of found.events) {
      if (isAbout(event, key)) events.push(event);
      if (events.length >= max) return { events, next: event.sequence };
    }
    // A full page may have more behind it in the same window.
    place = found.events.length < pageEvents ? found.next : found.events.at(-1)?.sequence;
    if (place === undefined) return { events };
  }
  return { events, ...defined({ next: place }) };
}

/** Whether it is about the object with this key, or that had it before it was moved. */
function isAbout({ data }: Event, key: string): boolean {
  const from = data["from"];
  return data["key"] === key || (isRecord(from) && from["key"] === key);
}

/** Who listened in the event's scopes, now or then, and who got it otherwise; by number. */
async function listeners(
  store: Store,
  caller: Principal,
  event: Event,
): Promise<{ readonly subscriptions: readonly Subscription[]; readonly more: boolean }> {
  const { tenant, sequence } = event;
  const viewer = viewerOf(caller);
  const places = [...eventScopes(event, "objects"), ...eventScopes(event, "notifications")];
  const scopes = [...new Set(places.flatMap((place) => place.scopes))];
  const query = { tenant, scopes, ...defined({ viewer }) };
  const there = await store.subscriptions.everOn(query, { max: mostRules + 1 });
  const found = new Map(there.slice(0, mostRules).map((subscription) => [subscription.number, subscription]));
  const sent = await store.deliveries.recorded({ from: sequence, to: sequence }, { max: mostRules + 1 });
  for (const { subscription: number } of sent.slice(0, mostRules)) {
    const other = found.has(number) ? undefined : await store.subscriptions.byNumber(number);
    if (other !== undefined && (await knowsSubscription(store, caller, other))) found.set(number, other);
  }
  const subscriptions = [...found.values()].sort((a, b) => a.number - b.number);
  return { subscriptions, more: there.length > mostRules || sent.length > mostRules };
}

interface Asked {
  readonly caller: Principal;
  readonly event: Event;
  readonly subscription: Subscription;
}

async function explainRule(
  { store, slices }: Pick<Context, "store" | "slices">,
  { caller: { tenant }, event, subscription }: Asked,
  { signal }: ExplainQuery,
): Promise<ExplainedRule> {
  const place = { sequence: event.sequence, subscription: subscription.number };
  const [stood, delivery, attempts] = await inTurn({ slices }, tenant, () =>
    Promise.all([historyAt(store, subscription, event), store.deliveries.get(place), store.deliveries.attempts(place)]),
  );
  const wanted = await slices.run(tenant, explainPastInSteps(event, subscription, stood), signal);
  // It was found then to match, whatever can still be known of that.
  const matched = delivery === undefined || delivery.reason === "not_matched" ? wanted : asMatched(wanted);
  return { ...matched, subscription, attempts, ...defined({ delivery }) };
}

function asMatched(wanted: PastMatch): PastMatch {
  return wanted.matched === true ? wanted : { ...wanted, standing: "live", matched: true, reasons: [] };
}
