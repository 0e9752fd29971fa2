import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import { authorOf } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { invalidField, SignalboxError } from "../../errors.ts";
import type { SimulatedHook, Simulation } from "../../hooks/guard.ts";
import { originOf, userOf } from "../../platform/asking.ts";
import { eventType } from "../../subscriptions/find.ts";
import { nullable } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";
import { closed } from "./app-schema.ts";
import { eventParams, judgeEvent } from "./event-names.ts";
import { logLine, showLogLine, showVerdict, verdict } from "./invocation-schema.ts";
import { params, readParams, readUser, user } from "./params.ts";

const simulatedHook = named(
  "SimulatedHook",
  Type.Object({
    subscriber_id: Type.Integer(),
    function_id: Type.Integer(),
    function_name: Type.String(),
    function_slug: Type.String(),
    stage: Type.Enum(["prepare", "validate"]),
    priority: Type.Integer(),
    verdict: nullable(verdict),
    failure: nullable(Type.String({ description: "Why it gave no verdict." })),
    skipped: nullable(Type.String({ description: "Why it was not asked." })),
    duration_ms: Type.Number(),
    queue_ms: Type.Number(),
    cold_start_ms: Type.Number(),
    logs: Type.Array(logLine),
  }),
);

const simulation = named(
  "Simulation",
  Type.Object({
    event: Type.String(),
    outcome: Type.Enum(["allowed", "denied", "failed"]),
    message: nullable(
      Type.String({ description: "The message of the answer that the caller would get; null when it is allowed." }),
    ),
    params: { ...params, description: "After both waves, or as far as they came." },
    hooks: Type.Array(simulatedHook),
    conflicts: Type.Array(
      named(
        "HookConflict",
        Type.Object({
          path: Type.String(),
          subscriber_ids: Type.Array(Type.Integer(), { description: "In the order of merging: the last had its way." }),
        }),
      ),
    ),
    duration_ms: Type.Number(),
  }),
);

function showHook(hook: SimulatedHook): Static<typeof simulatedHook> {
  return {
    subscriber_id: hook.subscription,
    function_id: hook.function.number,
    function_name: hook.function.name,
    function_slug: hook.function.slug,
    stage: hook.stage,
    priority: hook.priority,
    verdict: showVerdict(hook.verdict),
    failure: hook.failure ?? null,
    skipped: hook.skipped ?? null,
    duration_ms: hook.durationMs,
    queue_ms: hook.queueMs,
    cold_start_ms: hook.coldMs,
    logs: hook.logs.map(showLogLine),
  };
}

function show(event: string, { outcome, message, params, hooks, ...rest }: Simulation): Static<typeof simulation> {
  return {
    event,
    outcome,
    message: message ?? null,
    params,
    hooks: hooks.map(showHook),
    conflicts: rest.conflicts.map(({ path, subscriptions }) => ({ path, subscriber_ids: [...subscriptions] })),
    duration_ms: rest.durationMs,
  };
}

/** What the hooks would say. */
export function simulateRoutes({ store, catalog, guard }: Pick<Context, "store" | "catalog" | "guard">): Route[] {
  return [
    route({
      method: "POST",
      path: "/api/cloud/events/:event/simulate/",
      role: "developer",
      tag: "events",
      summary: "Asks all hooks of a PRE event about a candidate; nothing comes of it",
      description: "The functions run, with `dry_run: true`. Nothing is recorded, and their `api` only reads.",
      params: eventParams,
      body: Type.Object(
        {
          params,
          user: Type.Optional(user),
          app: Type.Optional(
            Type.String({ maxLength: 63, description: "Slug: asks its functions alone. Absent: all of the tenant's." }),
          ),
        },
        closed,
      ),
      judgePath: judgeEvent(catalog),
      message: ({ params }) => `Event '${params.event}' simulated successfully`,
      data: simulation,
      handle: async ({ caller, params: { event }, body, signal }) => {
        if (eventType(catalog, event).phase !== "pre") {
          throw new SignalboxError(
            "invalid_request",
            `'${event}' comes after its operation: only PRE events have hooks`,
          );
        }
        const proposed = readParams("params", body.params);
        const asking = body.user === undefined ? userOf(caller) : readUser("user", body.user);
        const app = body.app === undefined ? undefined : await store.apps.app(caller.tenant, body.app);
        if (body.app !== undefined && app === undefined) throw invalidField("app", `'${body.app}' does not exist`);
        const simulated = await guard.simulate({
          tenant: caller.tenant,
          type: event,
          params: proposed,
          ...(asking === undefined || asking === null ? {} : { user: asking, actor: caller.name }),
          origin: originOf(caller),
          invoker: { author: authorOf(caller), role: caller.role },
          ...(app === undefined ? {} : { app: { uuid: app.uuid, slug: app.slug } }),
          ...defined({ chain: caller.chain }),
          signal,
        });
        return show(event, simulated);
      },
    }),
  ];
}
