import { defined } from "../domain/defined.ts";
import type { Uuid } from "../domain/ids.ts";
import type { LogLine } from "../domain/invocation.ts";
import type { Params } from "../domain/lifecycle.ts";
import { type HookStage, hookStages } from "../domain/subscription.ts";
import type { Verdict } from "../domain/verdict.ts";
import { redacted, redactedJson } from "../secrets/redact.ts";
import type { Decision, DecisionHook, RecordedConflict } from "../store/records.ts";
import type { Change } from "../store/unit.ts";
import { type AskedHook, failureText, functionOf, type HookFunction, type HookResult, invocationOf } from "./answer.ts";
import type { ChainResult } from "./chain.ts";
import type { PlannedHook, SkippedHook } from "./plan.ts";
import { refusalOf } from "./refusal.ts";

/** What is kept of a chain, and what is shown of one that was only simulated. */

/** The invocations of the hooks that ran, and the decision. */
export function recordOf(course: ChainResult, resource?: Uuid): readonly Change[] {
  const asked = course.asked.map(withoutSecrets);
  const invocations = asked.flatMap((one): Change[] => {
    const invocation = invocationOf(one);
    return invocation === undefined ? [] : [{ do: "invocation.put", invocation }];
  });
  return [...invocations, { do: "decision.add", decision: decisionOf({ ...course, asked }, resource) }];
}

/** Who waits for the operation gets what the hook says; what is kept is read by others, who may not know its secrets. */
function withoutSecrets(asked: AskedHook): AskedHook {
  const { redactor } = asked.hook.runnable;
  const answer = redactedJson(redactor, asked.answer);
  return { ...asked, answer: typeof answer === "string" ? unreadable(asked.answer) : answer };
}

/** Of an answer that was no JSON any more without its secrets. */
function unreadable(answer: HookResult): HookResult {
  if (answer.kind === "failed") return { kind: "failed", reason: answer.reason, because: redacted };
  const { decision } = answer.verdict;
  return { kind: "verdict", verdict: decision === "allow" ? { decision } : { decision, message: redacted } };
}

function decisionOf(course: ChainResult, resource: Uuid | undefined): Decision {
  const { plan, outcome, asked, spared, conflicts, durationMs } = course;
  const { tenant, type, actor, origin } = plan.proposed;
  const about = resource ?? plan.proposed.resource;
  return {
    operation: plan.operation,
    tenant,
    eventType: type,
    outcome,
    ...defined({ resource: about, actor }),
    origin,
    timeMs: plan.startMs,
    durationMs,
    hooks: [
      ...asked.map(decidedHook),
      ...spared.map((hook) => ({ ...keptFacts(hook), skipped: sparedBecause(outcome), durationMs: 0 })),
      ...plan.skipped.map((hook) => ({ ...keptFacts(hook), skipped: hook.why, durationMs: 0 })),
    ],
    conflicts,
  };
}

/** Why hooks of `validate` were not asked. */
function sparedBecause(outcome: Decision["outcome"]): string {
  return outcome === "denied" ? "prepare denied" : "prepare failed";
}

function decidedHook({ hook, answer, invocation, durationMs }: AskedHook): DecisionHook {
  return {
    ...keptFacts(hook),
    ...(invocation === undefined ? {} : { invocation: invocation.number }),
    ...(answer.kind === "verdict" ? { verdict: answer.verdict } : { failure: failureText(answer) }),
    durationMs,
  };
}

type KeptFacts = Pick<DecisionHook, "subscription" | "revision" | "function" | "version" | "stage">;

function keptFacts({ subscription, options, runnable }: PlannedHook | SkippedHook): KeptFacts {
  return {
    subscription: subscription.number,
    revision: subscription.revision,
    function: subscription.target.function,
    // Versions count from 1: there is none when the function itself is gone.
    version: runnable?.version.number ?? 0,
    stage: options.stage,
  };
}

/** What the whole chain makes of a candidate, of which nothing stays. */
export interface Simulation {
  readonly outcome: Decision["outcome"];
  /** After both waves, or as far as they came. */
  readonly params: Params;
  readonly hooks: readonly SimulatedHook[];
  readonly conflicts: readonly RecordedConflict[];
  readonly durationMs: number;
  /** Of what would be the answer to the caller, when it is not allowed. */
  readonly message?: string;
}

export interface SimulatedHook {
  readonly subscription: number;
  readonly function: HookFunction;
  readonly stage: HookStage;
  readonly priority: number;
  readonly verdict?: Verdict;
  /** Why it gave no verdict. */
  readonly failure?: string;
  /** Why it was not asked. */
  readonly skipped?: string;
  readonly durationMs: number;
  readonly queueMs: number;
  readonly coldMs: number;
  readonly logs: readonly LogLine[];
}

/** @param refused why no hook was asked at all. */
export function simulationOf(course: ChainResult, refused: Error | undefined): Simulation {
  const { plan, params, conflicts, durationMs, asked, spared } = course;
  const outcome = refused === undefined ? course.outcome : "failed";
  const message = outcome === "allowed" ? undefined : (refused ?? refusalOf(course)).message;
  const hooks = [
    ...asked.map(simulatedHook),
    ...spared.map((hook) => unsimulatedHook(hook, sparedBecause(course.outcome))),
    ...plan.skipped.map((hook) => unsimulatedHook(hook, hook.why)),
  ];
  const shown = { outcome, params, hooks: hooks.toSorted(byStage), conflicts, durationMs };
  return message === undefined ? shown : { ...shown, message };
}

/** As the chain goes: by stage, then in the order of merging. */
function byStage(one: SimulatedHook, other: SimulatedHook): number {
  return (
    hookStages.indexOf(one.stage) - hookStages.indexOf(other.stage) ||
    one.priority - other.priority ||
    one.subscription - other.subscription
  );
}

function simulatedHook({ hook, answer, invocation, durationMs }: AskedHook): SimulatedHook {
  return {
    ...shownFacts(hook),
    ...(answer.kind === "verdict" ? { verdict: answer.verdict } : { failure: failureText(answer) }),
    durationMs,
    queueMs: invocation?.queueMs ?? 0,
    coldMs: invocation?.coldMs ?? 0,
    logs: invocation?.logs ?? [],
  };
}

function unsimulatedHook(hook: PlannedHook | SkippedHook, skipped: string): SimulatedHook {
  return { ...shownFacts(hook), skipped, durationMs: 0, queueMs: 0, coldMs: 0, logs: [] };
}

type ShownFacts = Pick<SimulatedHook, "subscription" | "function" | "stage" | "priority">;

function shownFacts({ subscription, options: { stage, priority }, runnable }: PlannedHook | SkippedHook): ShownFacts {
  const { function: number } = subscription.target;
  // Only its number is left of a function that was deleted.
  const fn = runnable === undefined ? { number, name: `function ${number}`, slug: "" } : functionOf({ runnable });
  return { subscription: subscription.number, function: fn, stage, priority };
}
