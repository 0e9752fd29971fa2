import { Type } from "typebox";
import {
  changeRule,
  createRule,
  findRule,
  listRules,
  type RuleDeps,
  removeRule,
  resumeRule,
  rotateSecret,
} from "../../subscriptions/rules.ts";
import { Cursors } from "../http/cursors.ts";
import { nextCursor, paging, shownInstant } from "../http/fields.ts";
import { warned } from "../http/filter-warnings.ts";
import { type Route, route } from "../http/route.ts";
import {
  changedRule,
  madeRule,
  newRule,
  readRule,
  rotatedRule,
  savedRule,
  shownRule,
  showRule,
} from "./rule-schema.ts";

const path = "/api/cloud/buckets/:bucket/notifications/";
export const bucketParams = Type.Object({ bucket: Type.String() });
export const ruleParams = Type.Object({ bucket: Type.String(), id: Type.String() });

/** The notification rules of a bucket. */
export function ruleRoutes(deps: RuleDeps): Route[] {
  const cursors = new Cursors<number>(deps.vault, "rules");
  const common = { role: "member", tag: "rules" } as const;
  const odd = (filter: string | null | undefined, bucket: string) =>
    warned("objects", filter, { savedMs: deps.clock.now(), bucket });
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists a bucket's rules, oldest first",
      params: bucketParams,
      query: Type.Object(paging),
      message: "Rules retrieved",
      data: Type.Object({ rules: Type.Array(shownRule), next_cursor: nextCursor }),
      handle: async ({ caller, params, query }) => {
        const page = cursors.page(caller, query);
        const rules = await listRules(deps, caller, { bucket: params.bucket, ...page });
        const last = rules.length < page.max ? undefined : rules.at(-1)?.subscription.number;
        return { rules: rules.map(showRule), ...cursors.next(caller, last) };
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
      message: "Rule created; keep the signing secret, it is not shown again",
      data: madeRule,
      handle: async ({ caller, params, body }) => {
        const input = { ...readRule(body), url: body.url, bucket: params.bucket };
        const { rule, signingSecret } = await createRule(deps, caller, input);
        return { ...showRule(rule), signing_secret: signingSecret, ...odd(body.filter, params.bucket) };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: `${path}:id/`,
      summary: "Shows a rule",
      params: ruleParams,
      message: "Rule retrieved",
      data: shownRule,
      handle: async ({ caller, params }) => showRule(await findRule(deps, caller, params)),
    }),
    route({
      ...common,
      method: "PATCH",
      path: `${path}:id/`,
      summary: "Changes a rule",
      params: ruleParams,
      body: changedRule,
      message: "Rule changed",
      data: savedRule,
      handle: async ({ caller, params, body }) => ({
        ...showRule(await changeRule(deps, caller, params, readRule(body))),
        ...odd(body.filter, params.bucket),
      }),
    }),
    route({
      ...common,
      method: "DELETE",
      path: `${path}:id/`,
      summary: "Deletes a rule; what still waited becomes a dead letter",
      params: ruleParams,
      message: "Rule deleted",
      data: Type.Object({}),
      handle: async ({ caller, params }) => {
        await removeRule(deps, caller, params);
        return {};
      },
    }),
    route({
      ...common,
      method: "POST",
      path: `${path}:id/rotate-secret/`,
      summary: "Makes a new signing secret; the one before signs too for 24 hours",
      params: ruleParams,
      message: "Signing secret rotated; keep the new one, it is not shown again",
      data: rotatedRule,
      handle: async ({ caller, params }) => {
        const { rule, signingSecret, untilMs } = await rotateSecret(deps, caller, params);
        return { ...showRule(rule), signing_secret: signingSecret, previous_secret_until: shownInstant(untilMs) };
      },
    }),
    route({
      ...common,
      method: "POST",
      path: `${path}:id/resume/`,
      summary: "Sends again to a receiver that had answered 410; what was kept meanwhile goes too",
      params: ruleParams,
      message: "Rule resumed",
      data: shownRule,
      handle: async ({ caller, params }) => showRule(await resumeRule(deps, caller, params)),
    }),
  ];
}
