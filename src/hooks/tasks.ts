import type { Clock } from "../clock.ts";
import { newUuid } from "../domain/ids.ts";
import type { Verdict } from "../domain/verdict.ts";
import { type Asked, failed, functionOf, patchOf } from "./answer.ts";
import { type Course, hookFailed } from "./course.ts";
import type { HookTask } from "./operation.ts";
import type { Hook, Plan } from "./plan.ts";

/** The hooks of an operation as tasks, for whoever wants to wait for each of them. */
export interface Tasks {
  readonly tasks: readonly HookTask[];
  /** What came of one. What is only known once all have answered, whether its patch can be used, is waited for. */
  readonly answered: (asked: Asked) => void;
  /** The chain is over: what has no verdict yet will have none. */
  readonly ended: (course: Course) => void;
  /** The chain came to no end. */
  readonly broken: (error: Error) => void;
}

export function hookTasks(plan: Plan, clock: Clock): Tasks {
  const promises = new Map<Hook, PromiseWithResolvers<Verdict>>();
  const tasks = plan.hooks.map((hook): HookTask => {
    const promise = Promise.withResolvers<Verdict>();
    // Nobody has to wait for it: a rejection that is not looked at must not end the process.
    promise.promise.catch(() => {});
    promises.set(hook, promise);
    return {
      taskId: newUuid("job", { nowMs: clock.now(), bytes: clock.bytes(10) }),
      invocation: hook.invocation,
      function: functionOf(hook),
      verdict: promise.promise,
    };
  });
  const settle = ({ hook, answer, invocation }: Asked): void => {
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
