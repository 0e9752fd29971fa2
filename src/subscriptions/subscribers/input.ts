import type { EventTypeDefinition } from "../../domain/catalog.ts";
import { type FilterText, paramFieldsOf, parseFilterText } from "../../domain/filter/index.ts";
import type { Pace } from "../../domain/pace.ts";
import { functionRetryPolicy, type RetryPolicy } from "../../domain/retry.ts";
import type {
  FailurePolicy,
  FunctionSubscription,
  FunctionTarget,
  HookOptions,
  HookStage,
} from "../../domain/subscription.ts";
import { invalidField } from "../../errors.ts";

import { mergePace, type PaceInput, paceField } from "../pace-input.ts";

/** What may be said about a function's subscription to an event type, and what becomes of it. */

/** What is absent stays as it is, or has its default; `null` takes it away. */
export interface SubscriberInput extends PaceInput {
  readonly filter?: string | null;
  readonly enabled?: boolean;
  readonly timeoutMs?: number | null;
  /** The next three of `pre` event types only. */
  readonly stage?: HookStage;
  readonly priority?: number;
  readonly failurePolicy?: FailurePolicy;
  /** The next two of `post` event types only. */
  readonly maxRetries?: number;
  readonly backoff?: { readonly scheduleMs?: readonly number[]; readonly jitter?: number } | null;
}

export interface SubscriberState {
  readonly filter?: FilterText;
  readonly enabled: boolean;
  readonly target: FunctionTarget;
  readonly policy: RetryPolicy;
  readonly pace: Pace;
}

export const defaultHook: HookOptions = { stage: "prepare", priority: 0, failurePolicy: "closed" };

/** A subscription of which nothing but its function was said. */
export function newSubscriberState(fn: number, { phase }: EventTypeDefinition): SubscriberState {
  const target = { kind: "function", function: fn, ...(phase === "pre" ? { hook: defaultHook } : {}) } as const;
  return { enabled: true, target, policy: functionRetryPolicy, pace: {} };
}

export function stateOf({ filter, enabled, target, policy, pace = {} }: FunctionSubscription): SubscriberState {
  return { enabled, target, policy, pace, ...(filter === undefined ? {} : { filter }) };
}

/**
 * The state with what was said merged in.
 *
 * @throws SignalboxError `invalid_request` naming the field and the remedy; `invalid_filter` with line, column and hint.
 */
export function mergeSubscriber(
  state: SubscriberState,
  input: SubscriberInput,
  definition: EventTypeDefinition,
): SubscriberState {
  refuseForeign(input, definition);
  const { timeoutMs: oldTimeout, hook: oldHook, ...target } = state.target;
  const filter = input.filter === undefined ? state.filter : checkedFilter(input.filter, definition);
  const timeoutMs = input.timeoutMs === undefined ? oldTimeout : (input.timeoutMs ?? undefined);
  const hook = oldHook === undefined ? undefined : mergeHook(oldHook, input);
  const backoff = input.backoff === null ? functionRetryPolicy : input.backoff;
  return {
    ...(filter === undefined ? {} : { filter }),
    enabled: input.enabled ?? state.enabled,
    target: {
      ...target,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(hook === undefined ? {} : { hook }),
    },
    pace: mergePace(state.pace, input),
    policy: {
      maxRetries: input.maxRetries ?? state.policy.maxRetries,
      scheduleMs: backoff?.scheduleMs ?? state.policy.scheduleMs,
      jitter: backoff?.jitter ?? state.policy.jitter,
    },
  };
}

function mergeHook(hook: HookOptions, { stage, priority, failurePolicy }: SubscriberInput): HookOptions {
  return {
    stage: stage ?? hook.stage,
    priority: priority ?? hook.priority,
    failurePolicy: failurePolicy ?? hook.failurePolicy,
  };
}

/** What the other phase alone knows would be without effect. */
function refuseForeign(input: SubscriberInput, { name, phase }: EventTypeDefinition): void {
  const { stage, priority, failurePolicy: failure_policy, maxRetries: max_retries, backoff } = input;
  const foreign = phase === "pre" ? { max_retries, backoff } : { stage, priority, failure_policy };
  const [field] = Object.entries(foreign).find(([, value]) => value !== undefined) ?? [];
  const paced = phase === "pre" ? paceField(input) : undefined;
  if (paced !== undefined) {
    throw invalidField(
      paced,
      `is not for this event: '${name}' comes before an operation, which waits: a hook is asked at once`,
    );
  }
  if (field === undefined) return;
  const why =
    phase === "pre"
      ? `'${name}' comes before an operation, which waits: a hook is not tried again`
      : `'${name}' comes after its operation, which does not wait for it`;
  throw invalidField(field, `is not for this event: ${why}`);
}

function checkedFilter(text: string | null, definition: EventTypeDefinition): FilterText | undefined {
  return text === null ? undefined : parseFilterText(text, paramFieldsOf(definition));
}
