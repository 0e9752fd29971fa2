import { type Static, Type } from "typebox";
import { faces } from "../../domain/event.ts";
import type { MatchState } from "../../history/matching.ts";
import { shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";

/** What filters cost, as the API tells it. */

const ms = (description: string) => Type.Integer({ description });

export const shownMatching = named(
  "MatchingCost",
  Type.Object(
    {
      since: Type.String({ format: "date-time", description: "The beginning of the minute before this one." }),
      limit_ms_per_second: ms("What the tenant's filters may take of each second; beyond, its events wait."),
      spent_ms: ms("What they took since then."),
      waited_ms: ms("How long events and operations waited since then because the limit was reached."),
      events_waiting: Type.Integer({ description: "Now, for the filters of an event before them or for their own." }),
      refused: Type.Integer({ description: "Operations answered 429 since then: their hooks' filters had to wait." }),
      filter_bytes: Type.Integer({ description: "Memory of the tenant's compiled filters." }),
      limit_filter_bytes: Type.Integer({ description: "Beyond, those that were not asked for longest are let go." }),
      costliest: Type.Array(
        Type.Object({
          subscription: Type.String({ description: "Its uuid: of a rule, its id." }),
          face: Type.Enum([...faces]),
          filter: Type.String(),
          spent_ms: ms("What asking it took since then."),
          instructions: Type.Integer({ description: "Of its patterns, for each character that they are asked about." }),
        }),
        { description: "Filters that took most since then, of subscriptions that one knows of: ten at the most." },
      ),
    },
    { description: "What matching the tenant's filters costs, and which of them to make simpler." },
  ),
);

export function showMatching({ costliest, ...state }: MatchState): Static<typeof shownMatching> {
  return {
    since: shownInstant(state.sinceMs),
    limit_ms_per_second: state.limitMs,
    spent_ms: Math.round(state.spentMs),
    waited_ms: Math.round(state.waitedMs),
    events_waiting: state.waiting,
    refused: state.refused,
    filter_bytes: state.bytes,
    limit_filter_bytes: state.limitBytes,
    costliest: costliest.map(({ subscription: { uuid, face, filter = "" }, ms: spentMs, program }) => ({
      subscription: uuid,
      face,
      filter,
      spent_ms: Math.round(spentMs),
      instructions: program,
    })),
  };
}
