import type { Context } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Event } from "../domain/event.ts";
import { isRecord } from "../domain/schema/unions.ts";
import { inTurn } from "../platform/search.ts";
import { findBucket } from "../storage/buckets.ts";
import type { Bucket } from "../store/records.ts";
import type { RecentEvents } from "../store/store.ts";
import { type ExplainedEvent, explainEvent } from "./explain-event.ts";

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

/** @throws SignalboxError `not_found` when there is no such bucket that the caller may read; `too_many_requests`. */
export async function explainKey(
  deps: Pick<Context, "slices" | "store">,
  caller: Principal,
  query: ExplainQuery,
): Promise<Explained> {
  const bucket = await findBucket(deps.store, caller, query.bucket, "read");
  const { events, next } = await eventsOf(deps, bucket, query);
  const explained: ExplainedEvent[] = [];
  for (const event of events) {
    if (query.signal.aborted) break;
    explained.push(await explainEvent(deps, caller, event, query.signal));
  }
  return { bucket, events: explained, ...defined({ next }) };
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
