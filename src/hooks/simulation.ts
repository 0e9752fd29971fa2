import { hookStages } from "../domain/subscription.ts";
import { type Asked, failureText, functionOf } from "./answer.ts";
import { type Course, refusalOf } from "./course.ts";
import type { SimulatedHook, Simulation } from "./operation.ts";
import type { Hook, SkippedHook } from "./plan.ts";
import { sparedBecause } from "./recording.ts";

/** @param refused why nobody was asked at all. */
export function simulationOf(course: Course, refused: Error | undefined): Simulation {
  const { plan, params, conflicts, durationMs, asked, spared } = course;
  const outcome = refused === undefined ? course.outcome : "failed";
  const message = outcome === "allowed" ? undefined : (refused ?? refusalOf(course)).message;
  const hooks = [
    ...asked.map(askedHook),
    ...spared.map((hook) => unaskedHook(hook, sparedBecause(course.outcome))),
    ...plan.skipped.map((hook) => unaskedHook(hook, hook.why)),
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

function askedHook({ hook, answer, invocation, durationMs }: Asked): SimulatedHook {
  return {
    ...hookFacts(hook),
    ...(answer.kind === "verdict" ? { verdict: answer.verdict } : { failure: failureText(answer) }),
    durationMs,
    queueMs: invocation?.queueMs ?? 0,
    coldMs: invocation?.coldMs ?? 0,
    logs: invocation?.logs ?? [],
  };
}

function unaskedHook(hook: Hook | SkippedHook, skipped: string): SimulatedHook {
  return { ...hookFacts(hook), skipped, durationMs: 0, queueMs: 0, coldMs: 0, logs: [] };
}

type HookFacts = Pick<SimulatedHook, "subscription" | "function" | "stage" | "priority">;

function hookFacts({ subscription, options: { stage, priority }, runnable }: Hook | SkippedHook): HookFacts {
  const { function: number } = subscription.target;
  // Only its number is left of a function that was deleted.
  const fn = runnable === undefined ? { number, name: `function ${number}`, slug: "" } : functionOf({ runnable });
  return { subscription: subscription.number, function: fn, stage, priority };
}
