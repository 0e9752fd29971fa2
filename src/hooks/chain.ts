import { defined } from "../domain/defined.ts";
import { hookEvent, type ProposedOperation } from "../domain/function-event.ts";
import type { Params } from "../domain/lifecycle.ts";
import type { HookStage } from "../domain/subscription.ts";
import type { FunctionRun } from "../invocation/runner.ts";
import type { Decision, RecordedConflict } from "../store/records.ts";
import {
  type AskedHook,
  denialOf,
  failed,
  fatalOf,
  functionOf,
  hasRun,
  readResult,
  runFailed,
  type Wave,
} from "./answer.ts";
import type { HookBreakers } from "./breakers.ts";
import type { HookContext } from "./hook-context.ts";
import { type Merged, mergeWave } from "./merge.ts";
import { type ChainPlan, ofStage, type PlannedHook } from "./plan.ts";

/** How a chain is run. */
export interface ChainRun {
  readonly dryRun: boolean;
  /** Absent in a simulation, of which they are to know nothing. */
  readonly breakers?: HookBreakers;
  /** Called for each hook as soon as it has answered. */
  readonly answered?: (asked: AskedHook) => void;
}

type ChainContext = Pick<HookContext, "clock" | "functions" | "catalog">;

/** How a chain went, and what that means for the operation. */
export interface ChainResult {
  readonly plan: ChainPlan;
  readonly outcome: Decision["outcome"];
  /** With the patches of the hooks, as far as they came. */
  readonly params: Params;
  readonly conflicts: readonly RecordedConflict[];
  /** Those of `prepare`, then those of `validate`. */
  readonly asked: readonly AskedHook[];
  /** Hooks of `validate` that were not asked, because `prepare` had stopped the operation. */
  readonly spared: readonly PlannedHook[];
  readonly durationMs: number;
}

/** Both waves, the second on what came of the first; what `prepare` stops, `validate` is not asked about. */
export async function runChain(context: ChainContext, plan: ChainPlan, how: ChainRun): Promise<ChainResult> {
  const run = async (stage: HookStage, params: Params): Promise<Merged> => {
    const wave = await askWave(context, { plan, stage, params, ...how });
    return mergeWave(context.catalog, plan.proposed.type, { params, wave });
  };
  const { params, conflicts, wave: prepared } = await run("prepare", plan.params);
  const stopped = outcomeOf(prepared) !== "allowed";
  const validated = stopped ? [] : (await run("validate", params)).wave;
  return {
    plan,
    outcome: outcomeOf(stopped ? prepared : validated),
    params,
    conflicts,
    asked: [...prepared, ...validated],
    spared: stopped ? ofStage(plan, "validate") : [],
    durationMs: context.clock.steady() - plan.beganMs,
  };
}

/** A denial is the clearer answer: it counts before a failure in the same wave. */
function outcomeOf(wave: Wave): Decision["outcome"] {
  if (wave.some((asked) => denialOf(asked) !== undefined)) return "denied";
  return wave.some((asked) => fatalOf(asked) !== undefined) ? "failed" : "allowed";
}

/** Functions whose hooks ran, by number. */
export function ranIn({ asked }: Pick<ChainResult, "asked">): readonly number[] {
  return [...new Set(asked.filter(hasRun).map(({ hook }) => functionOf(hook).number))];
}

interface WaveCall extends ChainRun {
  readonly plan: ChainPlan;
  readonly stage: HookStage;
  /** What the hooks of this wave get. */
  readonly params: Params;
}

/** Asks all hooks of a stage at once, and waits for every one of them. */
function askWave(context: ChainContext, call: WaveCall): Promise<Wave> {
  const { plan, stage } = call;
  const endMs = waveEndMs(plan, stage);
  return Promise.all(
    ofStage(plan, stage).map(async (hook) => {
      const asked = await ask(context, call, { hook, endMs });
      call.answered?.(asked);
      return asked;
    }),
  );
}

async function ask(
  { functions, clock }: ChainContext,
  call: WaveCall,
  { hook, endMs }: { hook: PlannedHook; endMs: number },
): Promise<AskedHook> {
  const { plan, breakers } = call;
  const startMs = clock.steady();
  const timeoutMs = allowanceMs(hook, endMs, startMs);
  if (plan.proposed.signal?.aborted === true) return { hook, answer: runFailed("cancelled", timeoutMs), durationMs: 0 };
  if (timeoutMs === 0) return { hook, answer: failed("timeout", "there was no time left for it"), durationMs: 0 };
  const admitted = breakers?.admit(hook);
  if (admitted?.kind === "open") return { hook, answer: admitted.failure, durationMs: 0 };
  const { outcome, invocation } = await functions.run(runOf(call, hook, timeoutMs), plan.proposed.signal);
  const answer = readResult(outcome, hook, { plan, timeoutMs });
  admitted?.ended(answer);
  return { hook, answer, invocation, durationMs: invocation.durationMs ?? clock.steady() - startMs };
}

function runOf({ plan, params, dryRun }: WaveCall, hook: PlannedHook, timeoutMs: number): FunctionRun {
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
    ...defined({ chain, invoker }),
    // Who called is being waited for, and has a slot already.
    nested: chain !== undefined,
  };
}

function proposalOf({ proposed, eventId, operation, startMs }: ChainPlan, params: Params): ProposedOperation {
  const { type, tenant, user, actor, app, origin } = proposed;
  return {
    id: eventId,
    type,
    tenant,
    params,
    ...defined({ user, actor, app }),
    origin,
    timeMs: startMs,
    operation,
  };
}

/**
 * When a wave has to be over. `prepare` leaves half of the chain to `validate` when a hook there has to agree: otherwise slow
 * hooks of the first wave, even those that may fail, would decide by using up the time of those that may not.
 */
function waveEndMs(
  { hooks, beganMs, chainMs }: Pick<ChainPlan, "hooks" | "beganMs" | "chainMs">,
  stage: HookStage,
): number {
  const leavesHalf =
    stage === "prepare" &&
    hooks.some(({ options }) => options.stage === "validate" && options.failurePolicy === "closed");
  return beganMs + (leavesHalf ? chainMs / 2 : chainMs);
}

/** Whole milliseconds that a hook gets when it starts now; 0 when there is no time left to start it. */
function allowanceMs({ subscription, runnable }: PlannedHook, endMs: number, nowMs: number): number {
  const own = Math.min(subscription.target.timeoutMs ?? Number.POSITIVE_INFINITY, runnable.fn.timeoutMs);
  return Math.max(0, Math.floor(Math.min(own, endMs - nowMs)));
}
