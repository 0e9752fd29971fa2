import { type Static, Type } from "typebox";
import type { SubscriptionContext } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { healthOf } from "../../history/health.ts";
import { lastOfFull } from "../../store/page.ts";
import { changeSubscription, resumeSubscription, rotateSigningSecret } from "../../subscriptions/change.ts";
import { createSubscription } from "../../subscriptions/create.ts";
import { findSubscription, type Reference } from "../../subscriptions/find.ts";
import { listRules } from "../../subscriptions/list.ts";
import { removeSubscription } from "../../subscriptions/remove.ts";
import { healthMember, includeHealth, withHealth } from "../api/health-schema.ts";
import { Cursors } from "../http/cursors.ts";
import { editedSubscription, etagsOf } from "../http/edited.ts";
import { nextCursor, paging, shownInstant } from "../http/fields.ts";
import { warned } from "../http/filter-warnings.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";
import {
  changedRule,
  madeRule,
  newRule,
  readRule,
  readRuleChange,
  rotatedRule,
  savedRule,
  shownRule,
  showRule,
} from "./rule-schema.ts";

const path = "/api/cloud/buckets/:bucket/notifications/";
export const bucketParams = Type.Object({ bucket: Type.String() });
export const ruleParams = Type.Object({ bucket: Type.String(), id: Type.String() });

const listedRule = named(
  "ListedRule",
  Type.Object({
    ...shownRule.properties,
    ...withHealth,
    etag: Type.Optional(
      Type.String({ description: "In a list: what `If-Match` takes. One alone has it in the header `ETag`." }),
    ),
  }),
);

export function ruleAt({ bucket, id }: Static<typeof ruleParams>): Reference<"rules"> {
  return { surface: "rules", of: bucket, id };
}

/** The notification rules of a bucket: subscriptions to all that happens to its objects, by webhook. */
export function ruleRoutes(deps: SubscriptionContext): Route[] {
  const { store } = deps;
  const cursors = new Cursors<number>(deps.vault, "rules");
  const common = { role: "member", tag: "rules" } as const;
  const edited = ({ caller, params }: { readonly caller: Principal; readonly params: Static<typeof ruleParams> }) =>
    editedSubscription(store, caller, ruleAt(params));
  const show = (rule: Subscription, bucket: string) => showRule(deps, rule, bucket);
  const odd = (filter: string | null | undefined, bucket: string) =>
    warned("objects", filter, { savedMs: deps.clock.now(), bucket });
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists a bucket's rules, oldest first",
      params: bucketParams,
      query: Type.Object({ ...includeHealth, ...paging }),
      message: "Rules retrieved",
      data: Type.Object({ rules: Type.Array(listedRule), next_cursor: nextCursor }),
      handle: async ({ caller, params, query }) => {
        const page = cursors.page(caller, query);
        const place = { bucket: params.bucket, ...page };
        const listed = await listRules(store, caller, place);
        const etags = await etagsOf(
          store,
          listed.map(({ uuid }) => uuid),
        );
        // Again, as they are now: one that is changed between is shown with an ETag that is over, not the other way round.
        const rules = (await listRules(store, caller, place)).filter(({ uuid }) => etags.has(uuid));
        const healths = query.include === undefined ? [] : await healthOf(deps, rules);
        return {
          rules: rules.map((rule, index) => ({
            ...show(rule, params.bucket),
            ...healthMember(healths[index]),
            ...defined({ etag: etags.get(rule.uuid) }),
          })),
          ...cursors.next(caller, lastOfFull(listed, page)?.number),
        };
      },
    }),
    route({
      ...common,
      method: "POST",
      path,
      summary: "Makes a rule: from now on, the bucket's matching events go to this webhook",
      params: bucketParams,
      body: newRule,
      status: 201,
      made: ({ id }) => id,
      message: "Rule created; keep the signing secret, it is not shown again",
      data: madeRule,
      handle: async ({ caller, params, body }) => {
        const { subscription, signingSecret } = await createSubscription(deps, caller, readRule(body, params.bucket));
        const shown = show(subscription, params.bucket);
        return { ...shown, ...defined({ signing_secret: signingSecret }), ...odd(body.filter, params.bucket) };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: `${path}:id/`,
      summary: "Shows a rule",
      params: ruleParams,
      query: Type.Object(includeHealth),
      edited,
      message: "Rule retrieved",
      data: listedRule,
      handle: async ({ caller, params, query: { include } }) => {
        const rule = await findSubscription(store, caller, ruleAt(params));
        const [health] = include === undefined ? [] : await healthOf(deps, [rule]);
        return { ...show(rule, params.bucket), ...healthMember(health) };
      },
    }),
    route({
      ...common,
      method: "PATCH",
      path: `${path}:id/`,
      summary: "Changes a rule",
      params: ruleParams,
      edited,
      body: changedRule,
      message: "Rule changed",
      data: savedRule,
      handle: async ({ caller, params, body, conditional }) => {
        const { subscription } = await changeSubscription(conditional(deps), caller, ruleAt(params), () =>
          readRuleChange(body),
        );
        return { ...show(subscription, params.bucket), ...odd(body.filter, params.bucket) };
      },
    }),
    route({
      ...common,
      method: "DELETE",
      path: `${path}:id/`,
      summary: "Deletes a rule; what still waited becomes a dead letter",
      params: ruleParams,
      edited,
      message: "Rule deleted",
      data: Type.Object({}),
      handle: async ({ caller, params, conditional }) => {
        await removeSubscription(conditional(deps), caller, ruleAt(params));
        return {};
      },
    }),
    route({
      ...common,
      method: "POST",
      path: `${path}:id/rotate-secret/`,
      summary: "Makes a new signing secret; the one before signs too for 24 hours",
      params: ruleParams,
      edited,
      message: "Signing secret rotated; keep the new one, it is not shown again",
      data: rotatedRule,
      handle: async ({ caller, params, conditional }) => {
        const { subscription, signingSecret, untilMs } = await rotateSigningSecret(
          conditional(deps),
          caller,
          ruleAt(params),
        );
        const shown = show(subscription, params.bucket);
        return { ...shown, signing_secret: signingSecret, previous_secret_until: shownInstant(untilMs) };
      },
    }),
    route({
      ...common,
      method: "POST",
      path: `${path}:id/resume/`,
      summary: "Sends again to a receiver that had answered 410; what was kept meanwhile goes too",
      params: ruleParams,
      edited,
      message: "Rule resumed",
      data: shownRule,
      handle: async ({ caller, params, conditional }) =>
        show(await resumeSubscription(conditional(deps), caller, ruleAt(params)), params.bucket),
    }),
  ];
}
