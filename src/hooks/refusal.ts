import { defined } from "../domain/defined.ts";
import { type Denial, refusalText } from "../domain/verdict.ts";
import { type FieldError, SignalboxError } from "../errors.ts";
import { denialOf, failureText, fatalOf, functionOf, type HookFailure, type HookFunction } from "./answer.ts";
import type { ChainResult } from "./chain.ts";
import type { ChainPlan, PlannedHook } from "./plan.ts";

/** The answers by which the caller of an operation learns what its hooks decided. */

/** Of failures that do not stop the operation. */
export function warningsOf({ asked }: Pick<ChainResult, "asked">): readonly string[] {
  return asked.flatMap(({ hook, answer }) =>
    answer.kind === "failed"
      ? [`Function '${functionOf(hook).name}' failed and was passed over: ${failureText(answer)}`]
      : [],
  );
}

/** The answer to the caller of an operation that was not allowed: of the first hook, by (priority, number), that stopped it. */
export function refusalOf({ plan, asked, outcome }: ChainResult): SignalboxError {
  const refusals = asked.flatMap((one): HookRefusal[] => {
    const denial = denialOf(one);
    return denial === undefined
      ? []
      : [{ fn: functionOf(one.hook), invocation: one.invocation?.number ?? null, denial }];
  });
  const [first] = refusals;
  if (first !== undefined) return operationRefused(plan.proposed.type, first, refusals);
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

/** Why a hook that had to agree did not. It shows nothing of what it threw or logged: that is its owner's to read. */
export function hookFailed(
  { proposed: { type } }: Pick<ChainPlan, "proposed">,
  hook: PlannedHook,
  { failure, invocation }: { readonly failure: HookFailure; readonly invocation: number | null },
): SignalboxError {
  const message = `Function '${functionOf(hook).name}' did not agree to ${type}: ${failure.because}`;
  return new SignalboxError("hook_failed", message, {
    data: { ...functionData(functionOf(hook)), invocation_id: invocation, reason: failure.reason },
  });
}

/** A function that refused an operation. */
interface HookRefusal {
  readonly fn: HookFunction;
  /** The number of its run. */
  readonly invocation: number | null;
  readonly denial: Denial;
}

/**
 * The answer to the caller of a refused operation: the message of the first refusal, the fields of all, and each of them under `data.refusals`.
 *
 * @param first the one that counts, by (priority, number).
 */
export function operationRefused(
  eventType: string,
  first: HookRefusal,
  all: readonly HookRefusal[] = [first],
): SignalboxError {
  const { code, message } = refusalText(first.denial, { functionName: first.fn.name, eventType });
  const fields = all.flatMap(({ denial }) => denial.fields ?? []);
  return new SignalboxError(code, message, {
    fields: fields.map(({ path, message: of }): FieldError => ({ path, message: of })),
    data: {
      ...functionData(first.fn),
      invocation_id: first.invocation,
      ...defined({ code: first.denial.code }),
      fields,
      refusals: all.map(({ fn, invocation, denial }) => ({
        ...functionData(fn),
        invocation_id: invocation,
        message: denial.message,
        ...defined({ code: denial.code }),
        fields: denial.fields ?? [],
      })),
    },
  });
}

function functionData({ number, name, slug }: HookFunction): Readonly<Record<string, unknown>> {
  return { function_id: number, function_name: name, function_slug: slug };
}
