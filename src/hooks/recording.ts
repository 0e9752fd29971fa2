import type { Uuid } from "../domain/ids.ts";
import { redacted, redactedJson } from "../secrets/redact.ts";
import type { Decision, DecisionHook } from "../store/records.ts";
import type { Change } from "../store/unit.ts";
import { type Answer, type Asked, failureText, invocationOf } from "./answer.ts";
import type { Course } from "./course.ts";
import type { Hook, SkippedHook } from "./plan.ts";

/** What is kept of a chain. */

/** The invocations of the hooks that ran, and the decision. */
export function changesOf(course: Course, resource?: Uuid): readonly Change[] {
  const asked = course.asked.map(withoutSecrets);
  const invocations = asked.flatMap((one): Change[] => {
    const invocation = invocationOf(one);
    return invocation === undefined ? [] : [{ do: "invocation.put", invocation }];
  });
  return [...invocations, { do: "decision.add", decision: decisionOf({ ...course, asked }, resource) }];
}

/** Who waits for the operation hears what the hook says; what is kept is read by others, who may not know its secrets. */
function withoutSecrets(asked: Asked): Asked {
  const { redactor } = asked.hook.runnable;
  const answer = redactedJson(redactor, asked.answer);
  return { ...asked, answer: typeof answer === "string" ? unreadable(asked.answer) : answer };
}

/** Of an answer that was no JSON any more without its secrets. */
function unreadable(answer: Answer): Answer {
  if (answer.kind === "failed") return { kind: "failed", reason: answer.reason, because: redacted };
  const { decision } = answer.verdict;
  return { kind: "verdict", verdict: decision === "allow" ? { decision } : { decision, message: redacted } };
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
