import { Type } from "typebox";
import { type FunctionTarget, failurePolicies, type HookOptions, hookStages } from "../../domain/subscription.ts";
import { invalidField } from "../../errors.ts";
import { longestTimeoutMs } from "../../platform/functions/input.ts";
import { functionTargets } from "../../targets/function.ts";
import { orNull, type TargetKind, type TargetPlace, type Unsaid } from "./target-kind.ts";

interface FunctionOptions extends Partial<HookOptions> {
  readonly timeoutMs?: number | null;
}

export interface FunctionTargetInput extends FunctionOptions {
  /** Its number. */
  readonly function: number;
}

export const defaultHook: HookOptions = { stage: "prepare", priority: 0, failurePolicy: "closed" };

const timeout = Type.Integer({ minimum: 1, maximum: longestTimeoutMs });
const functionId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: "Of the tenant's own." });
const hookOptions = {
  stage: Type.Optional(
    Type.Enum([...hookStages], {
      description: "PRE events only: `prepare` (the default) may change what is proposed.",
    }),
  ),
  priority: Type.Optional(Type.Integer({ minimum: -1000, maximum: 1000, description: "PRE events only. Default 0." })),
  failure_policy: Type.Optional(
    Type.Enum([...failurePolicies], { description: "PRE events only: `closed` (the default) stops the operation." }),
  ),
};

/** Runs of a function of the tenant's own; before an operation, its answer counts. */
export const runsFunctions: TargetKind<"function", FunctionTargetInput, Partial<FunctionTargetInput>> = {
  members: {
    function: "function_id",
    stage: "stage",
    priority: "priority",
    failurePolicy: "failure_policy",
    timeoutMs: "timeout_ms",
  },
  schemas: {
    made: Type.Object(
      {
        type: Type.Literal("function"),
        function_id: functionId,
        ...hookOptions,
        timeout_ms: Type.Optional(orNull({ ...timeout, description: "For one run, beside the function's own." })),
      },
      { additionalProperties: false, title: "FunctionTarget" },
    ),
    changed: {
      function_id: Type.Optional(functionId),
      ...hookOptions,
      timeout_ms: Type.Optional(orNull(timeout)),
    },
    shown: Type.Object({
      type: Type.Literal("function"),
      function_id: Type.Integer(),
      timeout_ms: orNull(Type.Integer()),
      stage: orNull(Type.Enum([...hookStages])),
      priority: orNull(Type.Integer()),
      failure_policy: orNull(Type.Enum([...failurePolicies])),
    }),
  },
  answersHooks: true,
  uncaptured: "every run of a function is kept as an invocation",
  takesAlerts: false,
  retries: undefined,
  expand: undefined,
  complete: (_, __, input) => Promise.resolve(input),
  completeChange: (_, __, change) => Promise.resolve(change),
  make: (_, at, { function: number, timeoutMs, stage, priority, failurePolicy }) => ({
    target: functionTarget(
      at,
      { kind: "function", function: number },
      { timeoutMs, hook: { stage, priority, failurePolicy } },
    ),
  }),
  change: (_, at, target, { function: number, timeoutMs = target.timeoutMs, stage, priority, failurePolicy }) => {
    if (number !== undefined && number !== target.function) {
      throw invalidField("target.function_id", `stays ${target.function}: make another subscription`);
    }
    return functionTarget(at, target, { timeoutMs, hook: { stage, priority, failurePolicy } });
  },
  show: (_, { function: number, timeoutMs, hook }) => ({
    type: "function",
    function_id: number,
    timeout_ms: timeoutMs ?? null,
    stage: hook?.stage ?? null,
    priority: hook?.priority ?? null,
    failure_policy: hook?.failurePolicy ?? null,
  }),
  prepare: functionTargets,
};

function functionTarget(
  { place, rules }: TargetPlace,
  { hook: before, ...target }: FunctionTarget,
  { timeoutMs, hook }: { readonly timeoutMs: number | null | undefined; readonly hook: Unsaid<HookOptions> },
): FunctionTarget {
  const said = Object.entries({ ...hook, failurePolicy: undefined, failure_policy: hook.failurePolicy });
  const [field] = said.find(([, value]) => value !== undefined) ?? [];
  const decides = before !== undefined || (place.face === "lifecycle" && place.definition?.phase === "pre");
  if (field !== undefined && !decides) {
    throw invalidField(
      `${rules.targetPath}${field}`,
      "is for PRE events: after the operation there is nothing to decide",
    );
  }
  const { stage, priority, failurePolicy } = before ?? defaultHook;
  const options: HookOptions = {
    stage: hook.stage ?? stage,
    priority: hook.priority ?? priority,
    failurePolicy: hook.failurePolicy ?? failurePolicy,
  };
  const { timeoutMs: _, ...rest } = target;
  return {
    ...rest,
    ...(timeoutMs === undefined || timeoutMs === null ? {} : { timeoutMs }),
    ...(decides ? { hook: options } : {}),
  };
}
