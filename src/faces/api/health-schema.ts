import { type Static, Type } from "typebox";
import { healthStates } from "../../domain/health.ts";
import { type Health, mostCountedEach } from "../../history/health.ts";
import { instant, nullable, shownInstant, shownOptional } from "../http/fields.ts";
import { named } from "../http/named.ts";

/** How health is shown, of subscriptions of every face. */

const countedSoFar = `Counted up to ${mostCountedEach.toLocaleString("en")}.`;

export const shownHealth = named(
  "Health",
  Type.Object({
    state: Type.Enum([...healthStates], {
      description:
        "`failing`: the last three attempts failed, or the last did and nothing was acknowledged in the minute before now. `slow`: half of what was acknowledged in its last hour took a second or more. `paused`, `disabled`, `unconfirmed`: nothing is sent. `complete`, `failed`: what came of the one event of a subscription that is not persistent.",
    }),
    waiting: Type.Integer({ description: `Deliveries that wait, paused ones included. ${countedSoFar}` }),
    dead: Type.Integer({ description: `Dead letters. ${countedSoFar}` }),
    oldest_waiting_at: nullable({ ...instant, description: "When the event happened that has waited for longest." }),
    last_acknowledged_at: nullable({ ...instant, description: "Of the last 90 days, as what follows." }),
    last_failure: nullable(
      Type.Object({
        at: instant,
        reason: Type.String(),
        status: nullable(Type.Integer({ description: "Of HTTP, when there was an answer." })),
      }),
    ),
    failures: Type.Integer({ description: "Attempts that failed since the last that was acknowledged." }),
    failing_since: nullable({ ...instant, description: "When the first of these ended." }),
    latency_ms: nullable(
      Type.Number({ description: "Half of what was acknowledged in its last hour took no longer, in milliseconds." }),
    ),
    attempts_per_minute: Type.Number({ description: "On average since the hour before the present one began." }),
  }),
);

export const includeHealth = {
  include: Type.Optional(
    Type.Enum(["health"], { description: "`health`: how each of them fares, in a member of that name." }),
  ),
};

/** Present when it was asked for. */
export const withHealth = { health: Type.Optional(shownHealth) };

export function showHealth(health: Health): Static<typeof shownHealth> {
  const { state, waiting, dead, oldestWaitingMs, acknowledgedMs, failure, failures, failingSinceMs } = health;
  return {
    state,
    waiting,
    dead,
    oldest_waiting_at: shownOptional(oldestWaitingMs),
    last_acknowledged_at: shownOptional(acknowledgedMs),
    last_failure:
      failure === undefined
        ? null
        : { at: shownInstant(failure.atMs), reason: failure.reason, status: failure.status ?? null },
    failures,
    failing_since: shownOptional(failingSinceMs),
    latency_ms: health.usualMs ?? null,
    attempts_per_minute: toTenths(health.attemptsPerMinute),
  };
}

/** Of an answer: nothing when it was not asked for. */
export function healthMember(health: Health | undefined): { readonly health?: Static<typeof shownHealth> } {
  return health === undefined ? {} : { health: showHealth(health) };
}

export function toTenths(value: number): number {
  return Math.round(value * 10) / 10;
}
