import type { Catalog } from "../domain/catalog.ts";
import type { Params } from "../domain/lifecycle.ts";
import type { HookStage } from "../domain/subscription.ts";
import { type Course, outcomeOf } from "./course.ts";
import { type Merged, mergeWave } from "./merge.ts";
import { ofStage, type Plan } from "./plan.ts";
import { askWave, type WaveDeps } from "./wave.ts";

export interface RunDeps extends WaveDeps {
  readonly catalog: Catalog;
}

/** Both waves, the second on what came of the first; what `prepare` stops, `validate` is not asked about. */
export async function runPlan(deps: RunDeps, plan: Plan, { dryRun }: { readonly dryRun: boolean }): Promise<Course> {
  const run = async (stage: HookStage, params: Params): Promise<Merged> => {
    const wave = await askWave(deps, { plan, stage, params, dryRun });
    return mergeWave(deps.catalog, plan.proposed.type, { params, wave });
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
    durationMs: deps.clock.steady() - plan.beganMs,
  };
}
