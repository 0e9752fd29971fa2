import type { Params } from "../../domain/lifecycle.ts";
import type { DeniedField, Verdict } from "../../domain/verdict.ts";
import type { FieldError } from "../../errors.ts";
import { SignalboxError } from "../../errors.ts";
import type { Decision, PatchConflict } from "../../store/records.ts";
import { type Asked, type Failed, failureText, functionOf, hasRun, type Wave } from "./answer.ts";
import type { Hook, Plan } from "./plan.ts";

/** How a chain went, and what that means for the operation. */
export interface Course {
  readonly plan: Plan;
  readonly outcome: Decision["outcome"];
  /** With the patches of the hooks, as far as they came. */
  readonly params: Params;
  readonly conflicts: readonly PatchConflict[];
  /** Those of `prepare`, then those of `validate`. */
  readonly asked: readonly Asked[];
  /** Hooks of `validate` that were not asked, because `prepare` had stopped the operation. */
  readonly spared: readonly Hook[];
  readonly durationMs: number;
}

type Deny = Extract<Verdict, { decision: "deny" }>;

/** A denial is the clearer answer: it counts before a failure in the same wave. */
export function outcomeOf(wave: Wave): Decision["outcome"] {
  if (wave.some((asked) => denialOf(asked) !== undefined)) return "denied";
  return wave.some((asked) => fatalOf(asked) !== undefined) ? "failed" : "allowed";
}

/** Functions whose hooks ran, by number. */
export function ranIn({ asked }: Pick<Course, "asked">): readonly number[] {
  return [...new Set(asked.filter(hasRun).map(({ hook }) => functionOf(hook).number))];
}

/** Of failures that do not stop the operation. */
export function warningsOf({ asked }: Pick<Course, "asked">): readonly string[] {
  return asked.flatMap(({ hook, answer }) =>
    answer.kind === "failed"
      ? [`Function '${functionOf(hook).name}' failed and was passed over: ${failureText(answer)}`]
      : [],
  );
}

/** The answer to the caller of an operation that was not allowed: of the first hook, by (priority, number), that stopped it. */
export function refusalOf({ plan, asked, outcome }: Course): SignalboxError {
  for (const one of asked) {
    const denial = denialOf(one);
    if (denial !== undefined)
      return denied(plan, one, { denial, fields: asked.flatMap((all) => fieldsOf(denialOf(all))) });
  }
  for (const one of asked) {
    const failure = fatalOf(one);
    if (failure !== undefined) {
      return hookFailed(plan, one.hook, { failure, invocation: one.invocation?.number ?? null });
    }
  }
  return new SignalboxError(
    "internal",
    `${plan.proposed.type}: the hooks ended as ${outcome}, and none of them says so`,
  );
}

/** Why a hook that had to agree did not. Nothing of what it threw or logged is told: that is its owner's to read. */
export function hookFailed(
  { proposed: { type } }: Pick<Plan, "proposed">,
  hook: Hook,
  { failure, invocation }: { readonly failure: Failed; readonly invocation: number | null },
): SignalboxError {
  const message = `Function '${functionOf(hook).name}' did not agree to ${type}: ${failure.because}`;
  return new SignalboxError("hook_failed", message, {
    data: { ...functionData(hook), invocation_id: invocation, reason: failure.reason },
  });
}

function denied(
  { proposed: { type } }: Plan,
  { hook, invocation }: Asked,
  { denial, fields }: { readonly denial: Deny; readonly fields: readonly DeniedField[] },
): SignalboxError {
  const message = `Function '${functionOf(hook).name}' refused ${type}: ${denial.message}`;
  return new SignalboxError("hook_denied", message, {
    fields: fields.map(({ path, message: of }): FieldError => ({ path, message: of })),
    data: {
      ...functionData(hook),
      invocation_id: invocation?.number ?? null,
      ...(denial.code === undefined ? {} : { code: denial.code }),
      fields,
    },
  });
}

function functionData(hook: Hook): Readonly<Record<string, unknown>> {
  const { number, name, slug } = functionOf(hook);
  return { function_id: number, function_name: name, function_slug: slug };
}

function denialOf({ answer }: Asked): Deny | undefined {
  return answer.kind === "verdict" && answer.verdict.decision === "deny" ? answer.verdict : undefined;
}

function fieldsOf(denial: Deny | undefined): readonly DeniedField[] {
  return denial?.fields ?? [];
}

/** The failure, if it stops the operation. One that nobody waits for any more does not go on under any policy. */
function fatalOf({ hook, answer }: Asked): Failed | undefined {
  if (answer.kind !== "failed") return undefined;
  return hook.options.failurePolicy === "closed" || answer.reason === "cancelled" ? answer : undefined;
}
