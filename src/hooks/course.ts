import type { Params } from "../domain/lifecycle.ts";
import { SignalboxError } from "../errors.ts";
import type { Decision, RecordedConflict } from "../store/records.ts";
import { type Asked, denialOf, type Failed, failureText, functionOf, hasRun, type Wave } from "./answer.ts";
import type { Hook, Plan } from "./plan.ts";
import { functionData, type Refused, refused } from "./refused.ts";

/** How a chain went, and what that means for the operation. */
export interface Course {
  readonly plan: Plan;
  readonly outcome: Decision["outcome"];
  /** With the patches of the hooks, as far as they came. */
  readonly params: Params;
  readonly conflicts: readonly RecordedConflict[];
  /** Those of `prepare`, then those of `validate`. */
  readonly asked: readonly Asked[];
  /** Hooks of `validate` that were not asked, because `prepare` had stopped the operation. */
  readonly spared: readonly Hook[];
  readonly durationMs: number;
}

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
  const refusals = asked.flatMap((one): Refused[] => {
    const denial = denialOf(one);
    return denial === undefined
      ? []
      : [{ fn: functionOf(one.hook), invocation: one.invocation?.number ?? null, denial }];
  });
  const [first] = refusals;
  if (first !== undefined) return refused(plan.proposed.type, first, refusals);
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
    data: { ...functionData(functionOf(hook)), invocation_id: invocation, reason: failure.reason },
  });
}

/** The failure, if it stops the operation. One that nobody waits for any more does not go on under any policy. */
function fatalOf({ hook, answer }: Asked): Failed | undefined {
  if (answer.kind !== "failed") return undefined;
  const stops = hook.options.failurePolicy === "closed" || answer.stops === true || answer.reason === "cancelled";
  return stops ? answer : undefined;
}
