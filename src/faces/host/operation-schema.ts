import { type Static, Type } from "typebox";
import type { KnownOperation } from "../../platform/host/operations/report.ts";
import type { Intent } from "../../store/records.ts";
import { instant, nullable, shownInstant, shownOptional } from "../http/fields.ts";
import { named } from "../http/named.ts";

/** How operations of a platform are shown to it. */

export const shownHostOperation = named(
  "HostOperation",
  Type.Object({
    operation_id: Type.String(),
    event: Type.String({ description: "What follows `PRE_` and `POST_`." }),
    state: Type.Enum(["open", "unresolved", "committed", "aborted"]),
    params: nullable(
      Type.Object({}, { additionalProperties: true, description: "As the hooks left them; null once it has ended." }),
    ),
    resource: nullable(Type.String({ description: "Uuid, where one was said when it was begun." })),
    begun_at: nullable(instant),
    ask_at: nullable(
      Type.String({ format: "date-time", description: "When the resolver is asked next; null: not by itself." }),
    ),
    reason: nullable(Type.String({ description: "Why it is unresolved, or was aborted." })),
    ended_at: nullable(instant),
  }),
);

type ShownHostOperation = Static<typeof shownHostOperation>;

export function showIntent(intent: Intent): ShownHostOperation {
  const { operation, type, params, resource, createdMs, askMs, unresolved } = intent;
  return {
    operation_id: operation,
    event: type,
    state: unresolved === undefined ? "open" : "unresolved",
    params: { ...params },
    resource: resource ?? null,
    begun_at: shownInstant(createdMs),
    ask_at: shownOptional(askMs),
    reason: unresolved ?? null,
    ended_at: null,
  };
}

export function showKnown(known: KnownOperation): ShownHostOperation {
  if (known.kind === "begun") return showIntent(known.intent);
  const { operation, type, outcome, reason, endedMs } = known.ended;
  return {
    operation_id: operation,
    event: type,
    state: outcome,
    params: null,
    resource: null,
    begun_at: null,
    ask_at: null,
    reason: reason ?? null,
    ended_at: shownInstant(endedMs),
  };
}
