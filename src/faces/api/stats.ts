import { Type } from "typebox";
import type { Context } from "../../context.ts";
import { defined } from "../../domain/defined.ts";
import { otherSeries } from "../../history/stat-series.ts";
import { divisions, measures, mostSteps, statsOf, steps } from "../../history/stats.ts";
import { instant, nullable, readInstant, shownInstant, shownOptional } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";

const stepNames = Object.keys(steps) as (keyof typeof steps)[];
const defaultMs = 3_600_000;

/** Figures over time: what charts are made of. */
export function statRoutes(deps: Pick<Context, "store" | "clock">): Route[] {
  return [
    route({
      method: "GET",
      path: "/api/cloud/stats/",
      role: "member",
      tag: "deliveries",
      summary: "Counts what was accepted and sent over time, in steps",
      description:
        "Admins see the whole tenant, other callers what was sent for subscriptions that they see. Minutes are kept for two days, hours for ninety; minutes of one subscription, and of a caller's own, are counted from their newest 5,000 deliveries. `counted_since` says before when not all was counted.",
      query: Type.Object({
        from: Type.Optional({ ...instant, description: "Default: an hour before `to`." }),
        to: Type.Optional({ ...instant, description: "Default: now." }),
        step: Type.Optional(
          Type.Enum(stepNames, {
            default: "1m",
            description: `From and to are widened to whole steps, at most ${mostSteps} of them.`,
          }),
        ),
        measure: Type.Optional(
          Type.Enum([...measures], {
            default: "attempts",
            description:
              "`events`: of objects and operations, as usage counts what was accepted; for admins. `latency_p50`, `latency_p99`: milliseconds that half, or 99 of 100, of the acknowledged attempts took at the most.",
          }),
        ),
        by: Type.Optional(
          Type.Enum([...divisions], {
            description:
              "One series for each: attempts by outcome, reason, face and subscription, dead letters by the last three, latency and delivered by face and subscription. By subscription the step is an hour or a day, and there are ten series and all others together.",
          }),
        ),
        rule: Type.Optional(
          Type.String({ minLength: 1, maxLength: 256, description: "Of one subscription alone, by id." }),
        ),
      }),
      message: "Figures retrieved",
      data: Type.Object({
        from: instant,
        to: instant,
        step: Type.Enum(stepNames),
        measure: Type.Enum([...measures]),
        by: nullable(Type.Enum([...divisions])),
        counted_since: nullable({
          ...instant,
          description: "Before then not all was counted, or nothing is kept. Null: everything was.",
        }),
        at: Type.Array(instant, { description: "When each step begins." }),
        series: Type.Array(
          named(
            "StatSeries",
            Type.Object({
              name: nullable(
                Type.String({
                  description: `Outcome (\`acknowledged\`, \`failed\`), reason, face, or id of the subscription (\`${otherSeries}\`: of all others). Null: of everything.`,
                }),
              ),
              total: nullable(Type.Number({ description: "Of all steps together." })),
              values: Type.Array(nullable(Type.Number()), {
                description: "One for each step; null where there was nothing to measure.",
              }),
            }),
          ),
        ),
      }),
      handle: async ({ caller, query }) => {
        const { step = "1m", measure = "attempts", by, rule } = query;
        const toMs = query.to === undefined ? deps.clock.now() : readInstant("to", query.to);
        const fromMs = query.from === undefined ? toMs - defaultMs : readInstant("from", query.from);
        const asked = { fromMs, toMs, step, measure, ...defined({ by, rule }) };
        const { at, series, countedSinceMs } = await statsOf(deps, caller, asked);
        const [first = fromMs] = at;
        return {
          from: shownInstant(first),
          to: shownInstant((at.at(-1) ?? toMs) + steps[step]),
          step,
          measure,
          by: by ?? null,
          counted_since: shownOptional(countedSinceMs),
          at: at.map(shownInstant),
          series: series.map(({ name, total, values }) => ({
            name: name === null ? null : String(name),
            total,
            values: [...values],
          })),
        };
      },
    }),
  ];
}
