import type { Context } from "../../context.ts";
import { filterable } from "../../delivery/event-scopes.ts";
import type { Principal } from "../../domain/access.ts";
import type { DeliveryStatus } from "../../domain/delivery.ts";
import type { Event, Face } from "../../domain/event.ts";
import type { Filter } from "../../domain/filter/index.ts";
import { parseUuid, type Uuid } from "../../domain/ids.ts";
import { invalidField } from "../../errors.ts";
import { findBucket } from "../../storage/buckets.ts";
import { seenRule } from "../deliveries.ts";
import { readingWhere } from "../where.ts";
import { type LiveItem, type LiveTopic, liveTopics } from "./item.ts";

/** What a stream is asked for. A filter narrows the topics that have what it asks for, and leaves the others as they are. */
export interface LiveFilter {
  /** All that the caller may see by default. */
  readonly topics?: readonly LiveTopic[];
  /** Of events, and of the events of deliveries. */
  readonly face?: Face;
  readonly event?: string;
  /** By name. */
  readonly bucket?: string;
  /** By uuid: of this resource, or of what lies in it. */
  readonly resource?: string;
  /** In the language of filters; of the face that is named, by default that of objects. */
  readonly where?: string;
  /** By uuid. Of deliveries, and of the invocations that they made. */
  readonly subscription?: string;
  readonly status?: DeliveryStatus;
}

/** What a stream is asked for, read once. */
export interface Wanted {
  readonly topics: ReadonlySet<LiveTopic>;
  /** Whether it costs next to nothing to ask, whatever the item holds. */
  readonly isQuick: boolean;
  /** Whether it leaves nothing out of its topics. */
  readonly isWhole: boolean;
  /** The same for what asks for the same. */
  readonly key: string;
  /** Yields after about a millisecond. */
  matches(item: LiveItem): Generator<void, boolean, void>;
}

/** Visits of instructions up to the next interruption: less than a millisecond. */
const visitsAtOnce = 100_000;

interface Narrowed {
  readonly face?: Face;
  readonly event?: string;
  readonly places: readonly Uuid[];
  readonly filter?: Filter;
  readonly rule?: { readonly uuid: Uuid; readonly number: number };
  readonly status?: DeliveryStatus;
}

/** @throws SignalboxError `invalid_request`; `invalid_filter`; `not_found` for a bucket or subscription that the caller does not see. */
export async function readWanted(
  { store, slices }: Pick<Context, "store" | "slices">,
  caller: Principal,
  { topics = liveTopics, ...asked }: LiveFilter,
  signal: AbortSignal,
): Promise<Wanted> {
  const { where, bucket, resource, subscription, event, status } = asked;
  const face = asked.face ?? (where === undefined ? undefined : "objects");
  const filter =
    where === undefined ? undefined : await slices.run(caller.tenant, readingWhere(where, face ?? "objects"), signal);
  const scope = bucket === undefined ? undefined : (await findBucket(store, caller, bucket, "read")).uuid;
  const about = resource === undefined ? undefined : readResource(resource);
  const rule = subscription === undefined ? undefined : await seenRule(store, caller, subscription);
  const narrowed: Narrowed = {
    places: [scope, about].filter((uuid) => uuid !== undefined),
    ...(face === undefined ? {} : { face }),
    ...(event === undefined || event === "*" ? {} : { event }),
    ...(filter?.tree === undefined ? {} : { filter }),
    ...(rule === undefined ? {} : { rule: { uuid: rule.uuid, number: rule.number } }),
    ...(status === undefined ? {} : { status }),
  };
  const known = new Set(topics);
  const { places, ...narrowing } = narrowed;
  return {
    topics: known,
    isQuick: filter?.isQuick ?? true,
    isWhole: places.length === 0 && Object.keys(narrowing).length === 0,
    key: JSON.stringify([[...known].sort(), { ...asked, face, places }]),
    matches: (item) => matching(narrowed, item),
  };
}

function readResource(resource: string): Uuid {
  const uuid = parseUuid(resource);
  if (uuid === undefined) throw invalidField("resource", "must be a uuid");
  return uuid;
}

function* matching(narrowed: Narrowed, item: LiveItem): Generator<void, boolean, void> {
  switch (item.topic) {
    case "events":
      return yield* matchingEvent(narrowed, item.event, narrowed.face);
    case "deliveries": {
      const { event, face, number, status } = item.delivery;
      if (narrowed.rule !== undefined && narrowed.rule.number !== number) return false;
      if (narrowed.status !== undefined && narrowed.status !== status) return false;
      if (narrowed.face !== undefined && narrowed.face !== face) return false;
      return yield* matchingEvent(narrowed, event, face);
    }
    case "invocations": {
      const { invocation } = item.run;
      if (narrowed.rule !== undefined && narrowed.rule.number !== invocation.subscription) return false;
      return narrowed.event === undefined || narrowed.event === invocation.eventType;
    }
    case "redrives":
      return true;
    default:
      return item satisfies never;
  }
}

/** @param face by whose name it is asked for; any when absent. */
function* matchingEvent(
  { event: name, places, filter, face: asked }: Narrowed,
  event: Event,
  face: Face | undefined,
): Generator<void, boolean, void> {
  const names = face === undefined ? Object.values(event.names) : [event.names[face]];
  if (asked !== undefined && names[0] === undefined) return false;
  if (name !== undefined && !names.includes(name)) return false;
  if (!places.every((place) => liesIn(event, place))) return false;
  if (filter === undefined) return true;
  const read = filterable[asked ?? "objects"].read(event);
  return filter.isQuick ? filter.matches(read) : yield* filter.matchesInSteps(read, visitsAtOnce);
}

function liesIn({ resource, scope, parents = [] }: Event, place: Uuid): boolean {
  return resource === place || scope === place || parents.some(({ uuid }) => uuid === place);
}
