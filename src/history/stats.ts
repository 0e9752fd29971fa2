import type { Context } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Subscription } from "../domain/subscription.ts";
import { type Viewer, viewerOf } from "../domain/visibility.ts";
import { invalidField, SignalboxError } from "../errors.ts";
import { spanMs } from "../store/figures.ts";
import { seenRule } from "./deliveries.ts";
import { type Series, type SeriesShape, Tally } from "./stat-series.ts";
import { type Counting, countHours, countMinutes, countTotals } from "./stat-sources.ts";

/** What was accepted and sent over time, in steps, for who sees it. */

export const steps = { "1m": 60_000, "5m": 300_000, "1h": 3_600_000, "1d": 86_400_000 } as const;
export const divisions = ["outcome", "reason", "face", "subscription"] as const;
export const measures = ["events", "attempts", "delivered", "dead", "latency_p50", "latency_p99"] as const;
type Division = (typeof divisions)[number];
type Measure = (typeof measures)[number];

/** What each measure can be divided by. */
const divided: Readonly<Record<Measure, readonly Division[]>> = {
  events: [],
  attempts: ["outcome", "reason", "face", "subscription"],
  delivered: ["face", "subscription"],
  dead: ["reason", "face", "subscription"],
  latency_p50: ["face", "subscription"],
  latency_p99: ["face", "subscription"],
};

interface StatsQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly step: keyof typeof steps;
  readonly measure: Measure;
  readonly by?: Division;
  /** By uuid, as it was given. */
  readonly rule?: string;
}

interface Stats {
  /** When each step begins. */
  readonly at: readonly number[];
  readonly series: readonly Series[];
  /** Before then not all was counted, or nothing is kept; absent: everything was. */
  readonly countedSinceMs?: number;
}

/** Of one answer: two days in minutes. */
export const mostSteps = 2_880;

/**
 * Minutes and hours of a whole tenant, and hours of subscriptions, are kept. Minutes of one subscription, or of those that a caller sees who
 * does not see all, are counted from their newest deliveries.
 *
 * @throws SignalboxError `invalid_request` naming the field; `not_found` of a rule that the caller may not see; `forbidden` for events that
 * were accepted, which only admins see all of.
 */
export async function statsOf(
  deps: Pick<Context, "store" | "clock">,
  caller: Principal,
  query: StatsQuery,
): Promise<Stats> {
  const { measure, by, step, rule } = query;
  const stepMs = steps[step];
  check(query);
  const viewer = viewerOf(caller);
  if (measure === "events" && viewer !== undefined) {
    throw new SignalboxError("forbidden", "how many events were accepted is for admins: ask for attempts");
  }
  const subscription = rule === undefined ? undefined : await seenRule(deps.store, caller, rule);
  const fromMs = Math.floor(query.fromMs / stepMs) * stepMs;
  const toMs = Math.ceil(query.toMs / stepMs) * stepMs;
  const shape: SeriesShape = { fromMs, toMs, stepMs, measure, ...defined({ by }) };
  const tally = new Tally(shape);
  const counting: Counting = { ...deps, tenant: caller.tenant, nowMs: deps.clock.now(), shape, tally };
  const countedSinceMs = await count(counting, { subscription, viewer });
  const series = await named(deps, tally.series());
  return {
    at: Array.from({ length: (toMs - fromMs) / stepMs }, (_, index) => fromMs + index * stepMs),
    series,
    ...(countedSinceMs === undefined || countedSinceMs <= fromMs ? {} : { countedSinceMs }),
  };
}

interface Whose {
  readonly subscription: Subscription | undefined;
  readonly viewer: Viewer | undefined;
}

function count(counting: Counting, { subscription, viewer }: Whose): Promise<number | undefined> {
  const { stepMs, by } = counting.shape;
  const isFine = stepMs < spanMs.hour;
  if (subscription === undefined && viewer === undefined && by !== "subscription") return countTotals(counting);
  // A caller that names one was found to see it.
  const of = subscription === undefined ? defined({ viewer }) : { subscription };
  return isFine ? countMinutes(counting, of) : countHours(counting, of);
}

function check({ fromMs, toMs, step, measure, by, rule }: StatsQuery): void {
  const stepMs = steps[step];
  if (fromMs >= toMs) throw invalidField("to", "must be later than from");
  if ((toMs - fromMs) / stepMs > mostSteps) {
    throw invalidField("step", `makes more than ${mostSteps} steps: take a longer one, or a shorter time`);
  }
  if (by !== undefined && !divided[measure].includes(by)) {
    const others = divided[measure];
    const which = others.length === 0 ? "leave it out" : `take ${others.join(", ")}, or leave it out`;
    throw invalidField("by", `${measure} cannot be divided by ${by}: ${which}`);
  }
  if (by === "subscription" && stepMs < spanMs.hour) {
    throw invalidField("step", "by=subscription is counted by the hour: take 1h or 1d");
  }
  if (measure === "events" && rule !== undefined) {
    throw invalidField("rule", "events are accepted for all alike: leave it out, or take another measure");
  }
}

/** Subscriptions by their uuids. */
async function named({ store }: Pick<Context, "store">, series: readonly Series[]): Promise<readonly Series[]> {
  return Promise.all(
    series.map(async (one) => {
      if (typeof one.name !== "number") return one;
      const found = await store.subscriptions.byNumber(one.name);
      return { ...one, name: found?.uuid ?? "deleted" };
    }),
  );
}
