import { type Static, Type } from "typebox";
import type { Context, SubscriptionContext } from "../../context.ts";
import { sequenceText } from "../../domain/ids.ts";
import { standings } from "../../domain/past-state.ts";
import { invalidField } from "../../errors.ts";
import { findSubscription, managedBucket } from "../../subscriptions/find.ts";
import { type CheckedForRules, checkFilter, testRule } from "../../subscriptions/trials.ts";
import { shownTest, showTest } from "../api/test-attempt.ts";
import { instant, nullable, shownOptional } from "../http/fields.ts";
import { warned, warnings } from "../http/filter-warnings.ts";
import { givenEvent, readEvent } from "../http/given-event.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";
import { bucketParams, ruleAt, ruleParams } from "./rules.ts";

const checkedEvent = named(
  "CheckedEvent",
  Type.Object({
    matches: Type.Boolean(),
    reasons: Type.Array(Type.String(), { description: "Why not; empty when it matches." }),
    rules: Type.Array(Type.Object({ rule: Type.String(), standing: Type.Enum([...standings]) }), {
      description:
        "Of a filter that is tried on past events: the bucket's rules with this very filter (5 at most), as they stood then. One that was not `live` matched nothing.",
    }),
    event: Type.Object({
      event_id: nullable(Type.String()),
      sequence: nullable(Type.String()),
      event_name: Type.String(),
      event_time: nullable(instant),
      key: Type.String(),
    }),
  }),
);

const mostRecent = 100;

/** Trying out: a test event to a rule's receiver, a filter against events. */
export function trialRoutes(deps: SubscriptionContext & Pick<Context, "prepareTarget" | "slices">): Route[] {
  const path = "/api/cloud/buckets/:bucket/notifications/";
  const common = { method: "POST", role: "member", tag: "rules" } as const;
  return [
    route({
      ...common,
      path: `${path}:id/test/`,
      summary: "Sends a marked test event now and answers with the attempt",
      description: "The payload has `test: true`. Nothing is recorded and nothing is retried.",
      params: ruleParams,
      message: "Test event sent",
      data: shownTest,
      handle: async ({ caller, params, signal }) => {
        const bucket = await managedBucket(deps.store, caller, params.bucket);
        const subscription = await findSubscription(deps.store, caller, ruleAt(params));
        return showTest(await testRule(deps, caller, { subscription, bucket }, signal));
      },
    }),
    route({
      ...common,
      path: `${path}check/`,
      operationId: "checkFilter",
      summary: "Says what a filter would match, and why not",
      description:
        "Against `event`, or the bucket's `last` events (default 100), newest first. A `filter` is tried on them as if a rule had it; a `rule` as that stood when each of them happened: while it was disabled, or not yet made, it matched nothing, whatever its filter says. Why something came or did not: `GET /api/cloud/explain/`.",
      params: bucketParams,
      body: Type.Object(
        {
          filter: Type.Optional(Type.String()),
          rule: Type.Optional(
            Type.String({ minLength: 1, maxLength: 256, description: "Id of a rule of the bucket." }),
          ),
          event: Type.Optional(givenEvent),
          last: Type.Optional(Type.Integer({ minimum: 1, maximum: mostRecent, default: mostRecent })),
        },
        { additionalProperties: false },
      ),
      message: "Filter checked",
      data: Type.Object({ checks: Type.Array(checkedEvent), matched: Type.Integer(), warnings }),
      handle: async ({ caller, params, body: { filter: text, rule, event, last }, signal }) => {
        const filter = readWhat(text, rule);
        if (event !== undefined && last !== undefined) {
          throw invalidField("last", "goes without event: check one event, or the last ones");
        }
        const against = event === undefined ? (last ?? mostRecent) : readEvent(event);
        const tried = await checkFilter(deps, caller, { bucket: params.bucket, filter, against, signal });
        const { checked } = tried;
        const matched = checked.filter(({ explanation }) => explanation.matches).length;
        return {
          checks: checked.map(showChecked),
          matched,
          ...warned("objects", tried.filter, { bucket: params.bucket }),
        };
      },
    }),
  ];
}

function readWhat(filter: string | undefined, rule: string | undefined): string | { readonly rule: string } {
  if (filter !== undefined && rule !== undefined) throw invalidField("rule", "goes without filter: check one of them");
  if (filter !== undefined) return filter;
  if (rule === undefined) throw invalidField("filter", "is required, unless a rule is given");
  return { rule };
}

function showChecked({
  candidate: { names, data, event },
  explanation,
  rules = [],
}: CheckedForRules): Static<typeof checkedEvent> {
  const key = data["key"];
  return {
    matches: explanation.matches,
    reasons: [...explanation.reasons],
    rules: [...rules],
    event: {
      event_id: event?.id ?? null,
      sequence: event === undefined ? null : sequenceText(event.sequence),
      event_name: names.objects ?? "",
      event_time: shownOptional(event?.timeMs),
      key: typeof key === "string" ? key : "",
    },
  };
}
