import { type Static, Type } from "typebox";
import { notFound } from "../../../errors.ts";
import type { Decision, DecisionHook } from "../../../store/records.ts";
import type { Store } from "../../../store/store.ts";
import { instant, nullable, shownInstant } from "../../http/fields.ts";
import { named } from "../../http/named.ts";
import { type Route, route } from "../../http/route.ts";
import { showVerdict, verdict } from "../../lifecycle/invocation-schema.ts";

const shownHook = named(
  "DecidedHook",
  Type.Object({
    subscriber_id: Type.Integer(),
    subscriber_revision: Type.Integer({ description: "As it was when it was settled who is asked." }),
    function_id: Type.Integer(),
    function_name: nullable(Type.String()),
    function_slug: nullable(Type.String()),
    version: Type.Integer({ description: "Of the function's code." }),
    stage: Type.Enum(["prepare", "validate"]),
    invocation_id: nullable(Type.Integer({ description: "Null when it was not run." })),
    verdict: nullable(verdict),
    failure: nullable(Type.String({ description: "Why it gave no verdict." })),
    skipped: nullable(Type.String({ description: "Why it was not run." })),
    duration_ms: Type.Number(),
  }),
);

const shownDecision = named(
  "Decision",
  Type.Object({
    operation_id: Type.String(),
    event: Type.String(),
    outcome: Type.Enum(["allowed", "denied", "failed"]),
    resource: nullable(Type.String({ description: "Uuid of what it was about, once that was known." })),
    actor: nullable(Type.String()),
    origin: Type.String(),
    decided_at: instant,
    duration_ms: Type.Number(),
    hooks: Type.Array(shownHook),
    conflicts: Type.Array(
      named(
        "HookConflict",
        Type.Object({
          path: Type.String(),
          subscriber_ids: Type.Array(Type.Integer(), { description: "In the order of merging: the last had its way." }),
        }),
      ),
    ),
  }),
);

type NameOf = (fn: number) => { readonly name: string; readonly slug: string } | undefined;

function showHook(hook: DecisionHook, nameOf: NameOf): Static<typeof shownHook> {
  const fn = nameOf(hook.function);
  return {
    subscriber_id: hook.subscription,
    subscriber_revision: hook.revision,
    function_id: hook.function,
    function_name: fn?.name ?? null,
    function_slug: fn?.slug ?? null,
    version: hook.version,
    stage: hook.stage,
    invocation_id: hook.invocation ?? null,
    verdict: showVerdict(hook.verdict),
    failure: hook.failure ?? null,
    skipped: hook.skipped ?? null,
    duration_ms: hook.durationMs,
  };
}

function showDecision(decision: Decision, nameOf: NameOf): Static<typeof shownDecision> {
  return {
    operation_id: decision.operation,
    event: decision.eventType,
    outcome: decision.outcome,
    resource: decision.resource ?? null,
    actor: decision.actor ?? null,
    origin: decision.origin,
    decided_at: shownInstant(decision.timeMs),
    duration_ms: decision.durationMs,
    hooks: decision.hooks.map((hook) => showHook(hook, nameOf)),
    conflicts: decision.conflicts.map(({ path, subscriptions }) => ({ path, subscriber_ids: [...subscriptions] })),
  };
}

/** What hooks decided about operations. */
export function decisionRoutes({ store }: { readonly store: Store }): Route[] {
  return [
    route({
      method: "GET",
      path: "/api/cloud/decisions/:operation_id/",
      role: "developer",
      tag: "events",
      summary: "Shows what the hooks of an operation decided",
      description: "There is none of an operation that had no hooks, and it is kept as long as events are.",
      params: Type.Object({ operation_id: Type.String() }),
      message: "Decision retrieved successfully",
      data: shownDecision,
      handle: async ({ caller, params: { operation_id: id } }) => {
        const decision = await store.operations.decision(caller.tenant, id);
        if (decision === undefined) throw notFound(`a decision about operation '${id}'`);
        const numbers = [...new Set(decision.hooks.map((hook) => hook.function))];
        const functions = new Map(
          await Promise.all(numbers.map(async (fn) => [fn, await store.functions.byNumber(fn)] as const)),
        );
        return showDecision(decision, (fn) => functions.get(fn));
      },
    }),
  ];
}
