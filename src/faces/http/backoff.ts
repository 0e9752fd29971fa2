import { type Static, Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import type { RetryPolicy } from "../../domain/retry.ts";
import type { RetryInput } from "../../subscriptions/options.ts";
import { named } from "./named.ts";

/** How the waits between tries are written, of whatever is tried again. */

const longestWaitMs = 86_400_000;

export function backoffOf(defaults: RetryPolicy) {
  return Type.Object(
    {
      schedule_ms: Type.Optional(
        Type.Array(Type.Integer({ minimum: 0, maximum: longestWaitMs }), {
          minItems: 1,
          maxItems: 100,
          default: [...defaults.scheduleMs],
          description: "Wait before retry 1, 2, …; the last step repeats.",
        }),
      ),
      jitter: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: 1,
          default: defaults.jitter,
          description: "Share of a step that is added or taken away at random.",
        }),
      ),
    },
    { additionalProperties: false },
  );
}

interface Written {
  readonly max_retries?: number | undefined;
  readonly backoff?: Static<ReturnType<typeof backoffOf>> | null | undefined;
}

export function readRetries({ max_retries: maxRetries, backoff: said }: Written): RetryInput {
  const backoff = said && defined({ scheduleMs: said.schedule_ms, jitter: said.jitter });
  return defined({ maxRetries, backoff });
}

export const shownBackoff = named(
  "Backoff",
  Type.Object({ schedule_ms: Type.Array(Type.Integer()), jitter: Type.Number() }),
);

export function showBackoff({ scheduleMs, jitter }: RetryPolicy): Static<typeof shownBackoff> {
  return { schedule_ms: [...scheduleMs], jitter };
}
