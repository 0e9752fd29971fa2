import type { Clock } from "../clock.ts";
import { newUuid } from "../domain/ids.ts";
import type { Verdict } from "../domain/verdict.ts";
import { type AskedHook, failed, functionOf, type HookFunction, patchOf } from "./answer.ts";
import type { ChainResult } from "./chain.ts";
import type { ChainPlan, PlannedHook } from "./plan.ts";
import { hookFailed } from "./refusal.ts";

/** A hook that was started, or is to be in the second wave. */
export interface HookTask {
  readonly taskId: string;
  readonly invocation: number;
  readonly function: HookFunction;
  /** Its own verdict, whatever becomes of the operation. Rejects with `hook_failed` when it gave none. */
  readonly verdict: Promise<Verdict>;
}

/** The hooks of an operation as tasks, for a caller that waits for each of them. */
interface ChainTasks {
  readonly tasks: readonly HookTask[];
  /** What came of one. What is only known once all have answered, whether its patch can be used, is waited for. */
  readonly answered: (asked: AskedHook) => void;
  /** The chain is over: what has no verdict yet will have none. */
  readonly ended: (course: ChainResult) => void;
  /** The chain came to no end. */
  readonly broken: (error: Error) => void;
}

export function chainTasks(plan: ChainPlan, clock: Clock): ChainTasks {
  const promises = new Map<PlannedHook, PromiseWithResolvers<Verdict>>();
  const tasks = plan.hooks.map((hook): HookTask => {
    const promise = Promise.withResolvers<Verdict>();
    // It need not be awaited: a rejection that is not looked at must not end the process.
    promise.promise.catch(() => {});
    promises.set(hook, promise);
    return {
      taskId: newUuid("job", { nowMs: clock.now(), bytes: clock.bytes(10) }),
      invocation: hook.invocation,
      function: functionOf(hook),
      verdict: promise.promise,
    };
  });
  const settle = ({ hook, answer, invocation }: AskedHook): void => {
    if (answer.kind === "verdict") promises.get(hook)?.resolve(answer.verdict);
    else
      promises.get(hook)?.reject(hookFailed(plan, hook, { failure: answer, invocation: invocation?.number ?? null }));
  };
  return {
    tasks,
    answered: (asked) => {
      if (patchOf(asked.answer) === undefined) settle(asked);
    },
    ended: ({ asked, spared }) => {
      for (const one of asked) settle(one);
      const skipped = failed("skipped", "the operation had been stopped before it was asked");
      for (const hook of spared) settle({ hook, answer: skipped, durationMs: 0 });
    },
    broken: (error) => {
      for (const promise of promises.values()) promise.reject(error);
    },
  };
}
