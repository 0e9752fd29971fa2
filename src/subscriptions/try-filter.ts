import type { Context } from "../context.ts";
import { filterable } from "../delivery/event-scopes.ts";
import type { Principal } from "../domain/access.ts";
import type { Event, Face, FaceNames, Json } from "../domain/event.ts";
import {
  type Explanation,
  explainInSteps,
  type Filter,
  type ReadField,
  readFilterInSteps,
  readObjectField,
  readParamField,
} from "../domain/filter/index.ts";
import { fieldsOf } from "./options.ts";
import type { Place } from "./place.ts";
import { recentEvents } from "./recent-events.ts";

/** A filter, tried on an event or on what happened lately. It leaves no trace. */

/** An event that a filter is tried on; what it lacks is absent to the filter. */
export interface FilterCandidate {
  readonly names: FaceNames;
  /** As the event holds it; of one that was given, on other faces than that of objects, the params or the resource itself. */
  readonly data: Readonly<Record<string, Json>>;
  /** When it is one that happened. */
  readonly event?: Event;
}

export interface Checked {
  readonly candidate: FilterCandidate;
  readonly explanation: Explanation;
}

interface FilterTrial {
  /** Where the caller may listen, as `wantedPlace` says. */
  readonly place: Place;
  readonly filter: string;
  /** An event, or how many of the newest that the caller sees. */
  readonly against: FilterCandidate | number;
  /** Aborts when the caller waits no more. */
  readonly signal: AbortSignal;
}

export interface TriedFilter {
  readonly filter: Filter;
  /** Newest first. */
  readonly checked: readonly Checked[];
}

/** Visits of instructions up to the next interruption: a millisecond. */
const visitsAtOnce = 250_000;

/** @throws SignalboxError `invalid_filter`; `too_many_requests`. */
export async function tryFilter(
  deps: Pick<Context, "store" | "slices">,
  caller: Principal,
  { place, filter: text, against, signal }: FilterTrial,
): Promise<TriedFilter> {
  const { tenant } = caller;
  const filter = await deps.slices.run(tenant, readFilterInSteps(text, fieldsOf(place)), signal);
  const candidates =
    typeof against === "number"
      ? (await recentEvents(deps, caller, { place, most: against, signal })).map((event) => ({ ...event, event }))
      : [against];
  return { filter, checked: await deps.slices.run(tenant, explaining(filter, place.face, candidates), signal) };
}

function* explaining(
  filter: Filter,
  face: Face,
  candidates: readonly FilterCandidate[],
): Generator<void, readonly Checked[], void> {
  const checked: Checked[] = [];
  for (const candidate of candidates) {
    yield;
    const explanation = yield* explainInSteps(filter, readerOf(face, candidate), visitsAtOnce);
    checked.push({ candidate, explanation });
  }
  return checked;
}

function readerOf(face: Face, { event, ...given }: FilterCandidate): ReadField {
  if (event !== undefined) return filterable[face].read(event);
  return face === "objects" ? readObjectField(given) : readParamField(given.data);
}
