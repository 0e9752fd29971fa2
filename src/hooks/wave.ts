import type { Clock } from "../clock.ts";
import { hookEvent, type ProposedOperation } from "../domain/function-event.ts";
import type { Params } from "../domain/lifecycle.ts";
import type { HookStage } from "../domain/subscription.ts";
import type { FunctionRun, FunctionRunner } from "../invocation/runner.ts";
import { type Asked, failed, runFailed, type Wave } from "./answer.ts";
import type { HookBreakers } from "./breakers.ts";
import { allowanceMs, waveEndMs } from "./deadlines.ts";
import { type Hook, ofStage, type Plan } from "./plan.ts";
import { readAnswer } from "./read-answer.ts";

export interface WaveDeps {
  readonly functions: FunctionRunner;
  readonly clock: Clock;
  /** Absent in a simulation, of which they are to know nothing. */
  readonly breakers?: HookBreakers;
  /** Told of each hook as soon as it has answered. */
  readonly answered?: (asked: Asked) => void;
}

export interface WaveCall {
  readonly plan: Plan;
  readonly stage: HookStage;
  /** What the hooks of this wave are told. */
  readonly params: Params;
  readonly dryRun: boolean;
}

/** Asks all hooks of a stage at once, and waits for every one of them. */
export function askWave(deps: WaveDeps, call: WaveCall): Promise<Wave> {
  const { plan, stage } = call;
  const endMs = waveEndMs(plan, stage);
  return Promise.all(
    ofStage(plan, stage).map(async (hook) => {
      const asked = await ask(deps, call, { hook, endMs });
      deps.answered?.(asked);
      return asked;
    }),
  );
}

async function ask(deps: WaveDeps, call: WaveCall, { hook, endMs }: { hook: Hook; endMs: number }): Promise<Asked> {
  const { functions, clock, breakers } = deps;
  const { plan } = call;
  const startMs = clock.steady();
  const timeoutMs = allowanceMs(hook, endMs, startMs);
  if (plan.proposed.signal?.aborted === true) return { hook, answer: runFailed("cancelled", timeoutMs), durationMs: 0 };
  if (timeoutMs === 0) return { hook, answer: failed("timeout", "there was no time left for it"), durationMs: 0 };
  const admitted = breakers?.admit(hook);
  if (admitted?.kind === "open") return { hook, answer: admitted.failure, durationMs: 0 };
  const { outcome, invocation } = await functions.run(runOf(call, hook, timeoutMs), plan.proposed.signal);
  const answer = readAnswer(outcome, hook, { plan, timeoutMs });
  admitted?.ended(answer);
  return { hook, answer, invocation, durationMs: invocation.durationMs ?? clock.steady() - startMs };
}

function runOf({ plan, params, dryRun }: WaveCall, hook: Hook, timeoutMs: number): FunctionRun {
  const { chain, invoker } = plan.proposed;
  const { uuid, number } = hook.subscription;
  return {
    runnable: hook.runnable,
    number: hook.invocation,
    lane: "pre",
    trigger: "pre",
    event: hookEvent(proposalOf(plan, params), { deadlineMs: timeoutMs, dryRun }),
    timeoutMs,
    subscription: { uuid, number },
    ...(chain === undefined ? {} : { chain }),
    ...(invoker === undefined ? {} : { invoker }),
    // Who called is being waited for, and has a slot already.
    nested: chain !== undefined,
  };
}

function proposalOf({ proposed, eventId, operation, startMs }: Plan, params: Params): ProposedOperation {
  const { type, tenant, user, actor, app, origin } = proposed;
  return {
    id: eventId,
    type,
    tenant,
    params,
    ...(user === undefined ? {} : { user }),
    ...(actor === undefined ? {} : { actor }),
    ...(app === undefined ? {} : { app }),
    origin,
    timeMs: startMs,
    operation,
  };
}
