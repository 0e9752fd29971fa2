import { defined } from "./defined.ts";
import type { Event } from "./event.ts";
import type { FilterText } from "./filter/index.ts";
import type { Uuid } from "./ids.ts";
import type { Pause, Subscription } from "./subscription.ts";

/** How a subscription stood when an event happened. */

/** What decided about matching at a past revision. */
export interface MatchedVersion {
  readonly scope: Uuid;
  /** Event name of the face, or `*`. */
  readonly event: string;
  readonly filter?: FilterText;
  /** Why it could match nothing. */
  readonly off?: "disabled" | "unconfirmed" | "taken";
}

export interface PastPause {
  readonly reason: Pause["reason"];
  readonly sinceMs: number;
  readonly untilMs: number;
}

export const standings = [
  "live",
  "disabled",
  "unconfirmed",
  "taken",
  "not_made",
  "deleted",
  "ended",
  "unknown",
] as const;
/**
 * `live`: it met events. `taken`: it was for one event, and had met it. `not_made`: it was made afterwards. `ended`: its scope was gone.
 * `unknown`: it has been changed since, and how it stood is kept no longer.
 */
export type Standing = (typeof standings)[number];

export interface PastState {
  readonly standing: Standing;
  /** Present when it is known what it wanted. */
  readonly version?: MatchedVersion;
}

type Moment = Pick<Event, "revision" | "sequence" | "timeMs">;

/**
 * @param stood what is kept of it from before it was changed: the version as of the event's revision, and the oldest revision that is known.
 */
export function pastStateAt(
  { revision, sequence, timeMs }: Moment,
  now: Subscription,
  stood: { readonly version?: MatchedVersion; readonly fromRevision?: number },
): PastState {
  if (stood.version !== undefined) return standing(stood.version, { sequence, taken: now.taken });
  if (now.fromRevision <= revision) {
    if (now.deletedMs !== undefined) return { standing: revision >= now.revision ? "deleted" : "unknown" };
    if (now.endedMs !== undefined) return { standing: timeMs >= now.endedMs ? "ended" : "unknown" };
    const { scope, event, filter, enabled, unconfirmed } = now;
    const version = { scope, event, ...defined({ filter }) };
    const off = unconfirmed === true ? "unconfirmed" : enabled ? undefined : "disabled";
    return standing(off === undefined ? version : { ...version, off }, { sequence, taken: now.taken });
  }
  // Older than all that is known of it.
  return { standing: timeMs <= now.createdMs ? "not_made" : "unknown" };
}

function standing(
  version: MatchedVersion,
  { sequence, taken }: { readonly sequence: number; readonly taken: number | undefined },
): PastState {
  if (taken !== undefined && taken < sequence) return { standing: "taken", version };
  // It was taken by this event, or by a later one: at this one it still listened.
  if (version.off === undefined || version.off === "taken") return { standing: "live", version };
  return { standing: version.off, version };
}
