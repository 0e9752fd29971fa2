import type { Event } from "../domain/event.ts";
import { type Explanation, explainInSteps } from "../domain/filter/index.ts";
import { type PastPause, type PastState, pastStateAt } from "../domain/past-state.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { Stood, Store } from "../store/store.ts";
import { filterable, matchesScope, storedFilter } from "./event-scopes.ts";

/** Whether a subscription, as it stood when an event happened, wanted it, and why not. */

export interface PastMatch extends PastState {
  /** Over the instant of the event. What it matched meanwhile was kept, and is sent once it is resumed. */
  readonly pause?: Omit<PastPause, "untilMs"> & { readonly untilMs?: number };
  /** Absent when that cannot be known any more. */
  readonly matched?: boolean;
  /** Why not, in sentences; empty when it matched. */
  readonly reasons: readonly string[];
}

/** What {@link explainPastInSteps} needs to know of an event. */
export function historyAt(store: Pick<Store, "subscriptions">, now: Subscription, event: Event): Promise<Stood> {
  return store.subscriptions.stood(now.number, { revision: event.revision, atMs: event.timeMs });
}

/** Visits of instructions up to the next interruption: a millisecond. */
const visitsAtOnce = 250_000;

export function* explainPastInSteps(event: Event, now: Subscription, stood: Stood): Generator<void, PastMatch, void> {
  const state = pastStateAt(event, now, stood);
  const { standing, version } = state;
  const pause = stood.pause ?? pauseSince(now, event);
  const known = { ...state, ...(pause === undefined ? {} : { pause }) };
  if (version === undefined || standing !== "live") {
    const matched = standing === "unknown" ? {} : { matched: false };
    return { ...known, ...matched, reasons: [offReason(standing, now)] };
  }
  if (!matchesScope(event, { ...version, face: now.face }, now)) {
    const name = event.names[now.face];
    const is = name === undefined ? "the event has no name on its face" : `the event is ${name}`;
    return { ...known, matched: false, reasons: [`it was subscribed to ${version.event}, and ${is}`] };
  }
  yield;
  const { face } = now;
  const filter = storedFilter({ face, ...(version.filter === undefined ? {} : { filter: version.filter }) });
  if (filter === undefined) return { ...known, reasons: ["its filter cannot be read any more"] };
  const explained: Explanation = yield* explainInSteps(filter, filterable[face].read(event), visitsAtOnce);
  return { ...known, matched: explained.matches, reasons: explained.reasons };
}

function pauseSince({ paused }: Subscription, { timeMs }: Event): PastMatch["pause"] {
  return paused !== undefined && paused.sinceMs <= timeMs ? paused : undefined;
}

/** Why it could match nothing. */
function offReason(standing: PastState["standing"], { createdMs, deletedMs = 0, endedMs = 0 }: Subscription): string {
  const at = (ms: number): string => new Date(ms).toISOString();
  switch (standing) {
    case "disabled":
      return "it was off: it had been disabled, and what is disabled matches nothing";
    case "unconfirmed":
      return "it was off: the owner of its address had not agreed yet";
    case "taken":
      return "it was over: it was for one event only, which had come before";
    case "not_made":
      return `it was not there yet: it was made at ${at(createdMs)}`;
    case "deleted":
      return `it was not there any more: it had been deleted at ${at(deletedMs)}`;
    case "ended":
      return `it was over: what it was about had been deleted at ${at(endedMs)}`;
    case "unknown":
    case "live":
      return "it has been changed since, and how it stood is kept no longer";
    default:
      return standing satisfies never;
  }
}
