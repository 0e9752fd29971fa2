import { type Static, Type } from "typebox";
import type { Attempt } from "../../domain/delivery.ts";
import { instant, nullable, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";

/** One try, as it is shown. */
export const attempt = named(
  "Attempt",
  Type.Object({
    number: Type.Integer(),
    started_at: instant,
    duration_ms: Type.Integer(),
    status: nullable(Type.Integer({ description: "HTTP status, when there was an answer." })),
    reason: nullable(Type.String({ description: "Why it was not acknowledged; null when it was." })),
    error: nullable(Type.String({ description: "For humans: what went wrong." })),
    snippet: nullable(Type.String({ description: "The first 2 KiB at most of the answer's body." })),
    batch: nullable(
      named(
        "AttemptBatch",
        Type.Object(
          { id: Type.String({ description: "`webhook-id` of the request." }), size: Type.Integer() },
          { description: "The request that it was made in with other events." },
        ),
      ),
    ),
  }),
);

export function attemptBody(made: Attempt): Static<typeof attempt> {
  return {
    number: made.number,
    started_at: shownInstant(made.startedMs),
    duration_ms: made.durationMs,
    status: made.status ?? null,
    reason: made.reason ?? null,
    error: made.message ?? null,
    snippet: made.snippet ?? null,
    batch: made.batch === undefined ? null : { ...made.batch },
  };
}
