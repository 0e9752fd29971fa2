import { type Static, Type } from "typebox";
import type { Decision, DecisionHook } from "../../../store/records.ts";
import type { Store } from "../../../store/store.ts";
import { instant, nullable, shownInstant } from "../../http/fields.ts";
import { named } from "../../http/named.ts";
import { showVerdict, verdict } from "../../lifecycle/invocation-schema.ts";

/** How decisions of hooks are shown. */

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

export const shownDecision = named(
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

function shown(decision: Decision, nameOf: NameOf): Static<typeof shownDecision> {
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

type Named = Pick<Store, "functions">;

/** Decisions as they are shown, with the names that their functions have now. */
export async function showDecisions(
  store: Named,
  decisions: readonly Decision[],
): Promise<Static<typeof shownDecision>[]> {
  const numbers = decisions.flatMap(({ hooks }) => hooks.map((hook) => hook.function));
  const nameOf = await namesOf(store, numbers);
  return decisions.map((decision) => shown(decision, nameOf));
}

export async function showDecision(store: Named, decision: Decision): Promise<Static<typeof shownDecision>> {
  const numbers = decision.hooks.map((hook) => hook.function);
  return shown(decision, await namesOf(store, numbers));
}

async function namesOf({ functions }: Named, numbers: readonly number[]): Promise<NameOf> {
  const distinct = [...new Set(numbers)];
  const found = new Map(await Promise.all(distinct.map(async (fn) => [fn, await functions.byNumber(fn)] as const)));
  return (fn) => found.get(fn);
}
