import type { Uuid } from "../../domain/ids.ts";
import type { Decision, DecisionHook } from "../../store/records.ts";
import type { Change } from "../../store/unit.ts";
import { type Asked, failureText, invocationOf } from "./answer.ts";
import type { Course } from "./course.ts";
import type { Hook, SkippedHook } from "./plan.ts";

/** What is kept of a chain. */

/** The invocations of the hooks that ran, and the decision. */
export function changesOf(course: Course, resource?: Uuid): readonly Change[] {
  const invocations = course.asked.flatMap((asked): Change[] => {
    const invocation = invocationOf(asked);
    return invocation === undefined ? [] : [{ do: "invocation.put", invocation }];
  });
  return [...invocations, { do: "decision.add", decision: decisionOf(course, resource) }];
}

function decisionOf(course: Course, resource: Uuid | undefined): Decision {
  const { plan, outcome, asked, spared, conflicts, durationMs } = course;
  const { tenant, type, actor, origin } = plan.proposed;
  const about = resource ?? plan.proposed.resource;
  return {
    operation: plan.operation,
    tenant,
    eventType: type,
    outcome,
    ...(about === undefined ? {} : { resource: about }),
    ...(actor === undefined ? {} : { actor }),
    origin,
    timeMs: plan.startMs,
    durationMs,
    hooks: [
      ...asked.map(askedHook),
      ...spared.map((hook) => ({ ...hookFacts(hook), skipped: sparedBecause(outcome), durationMs: 0 })),
      ...plan.skipped.map((hook) => ({ ...hookFacts(hook), skipped: hook.why, durationMs: 0 })),
    ],
    conflicts,
  };
}

/** Why hooks of `validate` were not asked. */
export function sparedBecause(outcome: Decision["outcome"]): string {
  return outcome === "denied" ? "prepare denied" : "prepare failed";
}

function askedHook({ hook, answer, invocation, durationMs }: Asked): DecisionHook {
  return {
    ...hookFacts(hook),
    ...(invocation === undefined ? {} : { invocation: invocation.number }),
    ...(answer.kind === "verdict" ? { verdict: answer.verdict } : { failure: failureText(answer) }),
    durationMs,
  };
}

type HookFacts = Pick<DecisionHook, "subscription" | "revision" | "function" | "version" | "stage">;

function hookFacts({ subscription, options, runnable }: Hook | SkippedHook): HookFacts {
  return {
    subscription: subscription.number,
    revision: subscription.revision,
    function: subscription.target.function,
    // Versions count from 1: there is none when the function itself is gone.
    version: runnable?.version.number ?? 0,
    stage: options.stage,
  };
}
