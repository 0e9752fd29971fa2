import { type Static, Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import { fastestPerSecond, type Pace, slotsPerTarget, slowestPerSecond } from "../../domain/pace.ts";
import type { PaceInput } from "../../subscriptions/options.ts";
import { nullable } from "./fields.ts";

/** How fast and in what order events are sent, as it is written and shown, of rules and subscriptions of every face. */

const perSecond = Type.Number({
  minimum: slowestPerSecond,
  maximum: fastestPerSecond,
  description:
    "Attempts that begin in a second at the most, evenly; `0.1`: one in ten seconds. Null, the default: no bound.",
});
const concurrency = Type.Integer({
  minimum: 1,
  maximum: slotsPerTarget,
  description: `Attempts under way at once at the most. Null, the default: ${slotsPerTarget}.`,
});

export const paceOptions = {
  max_per_second: Type.Optional(nullable(perSecond)),
  max_concurrency: Type.Optional(nullable(concurrency)),
  ordered: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        "One at a time of what happens to one resource (objects: to one key), in its order: one that fails holds those behind it until it is acknowledged or dead.",
    }),
  ),
};

export const shownPace = {
  max_per_second: nullable(Type.Number()),
  max_concurrency: nullable(Type.Integer()),
  ordered: Type.Boolean(),
};

const written = Type.Object(paceOptions);
const shown = Type.Object(shownPace);

export function showPace({ maxPerSecond, maxConcurrency, ordered }: Pace = {}): Static<typeof shown> {
  return {
    max_per_second: maxPerSecond ?? null,
    max_concurrency: maxConcurrency ?? null,
    ordered: ordered === true,
  };
}

/** Out of a body, with the rest of that. */
export function readPace<T extends Static<typeof written>>(body: T): PaceInput & Omit<T, keyof Static<typeof written>> {
  const { max_per_second: maxPerSecond, max_concurrency: maxConcurrency, ordered, ...rest } = body;
  return { ...rest, ...defined({ ordered, maxPerSecond, maxConcurrency }) };
}
