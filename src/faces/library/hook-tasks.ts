import type { Clock } from "../../clock.ts";
import type { Verdict } from "../../domain/verdict.ts";
import type { Begun, HookTask } from "../../hooks/guard.ts";
import { operationRefused } from "../../hooks/refusal.ts";

/** How long the verdict of a hook can be asked for after its end. */
export const verdictKeptMs = 600_000;
/** Of those that have ended, at the most; the earliest to end go first. */
export const keptTasks = 10_000;

interface Kept {
  readonly tenant: string;
  readonly verdict: Promise<Verdict>;
}

/**
 * The hooks that `publishEvent` has started, for callers that ask for their verdicts. In memory only: a hook that was under way when
 * the process ended has no verdict, and what it was asked about has not been done.
 */
export class HookTasks {
  readonly #clock: Clock;
  readonly #tasks = new Map<string, Kept>();
  /** When they ended, in that order. */
  readonly #ended = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param recorded resolves when the decision of them all is recorded. */
  keep(begun: Begun, about: { readonly tenant: string; readonly type: string }, recorded: Promise<void>): void {
    this.#forget();
    const chain: Chain = { type: about.type, result: begun.result, recorded, left: begun.tasks.length, stopped: false };
    // A caller that asks for no verdict does not need to know how it ended.
    begun.result.catch(() => {});
    for (const task of begun.tasks) {
      const verdict = verdictIn(chain, task);
      this.#tasks.set(task.taskId, { tenant: about.tenant, verdict });
      const ended = (): void => void this.#ended.set(task.taskId, this.#clock.steady());
      verdict.then(ended, ended);
    }
  }

  /** Rejects with `hook_denied` or `hook_error` when the hook refused, with `hook_failed` when it gave no verdict. `undefined`: not known. */
  verdict(tenant: string, taskId: string): Promise<Verdict> | undefined {
    this.#forget();
    const kept = this.#tasks.get(taskId);
    return kept?.tenant === tenant ? kept.verdict : undefined;
  }

  #forget(): void {
    const beforeMs = this.#clock.steady() - verdictKeptMs;
    for (const [taskId, endedMs] of this.#ended) {
      if (endedMs > beforeMs && this.#ended.size <= keptTasks) return;
      this.#ended.delete(taskId);
      this.#tasks.delete(taskId);
    }
  }
}

/** The hooks of one operation. */
interface Chain extends Pick<Begun, "result"> {
  readonly type: string;
  readonly recorded: Promise<void>;
  /** Hooks that have not ended. */
  left: number;
  /** A hook has ended in a way that stops the operation, or may. */
  stopped: boolean;
}

/**
 * What a hook's end means to a caller that goes on only if none of them throws, so that it does what the guard has decided.
 *
 * A failure that is passed over by its policy allows. When each hook allows, and yet all of them together do not (their patches
 * do not fit each other, say), the last one reports it. The last one also ends no sooner than the decision is recorded: a caller who has them
 * all may go on, and must find the decision afterwards even if the process dies at once.
 */
async function verdictIn(chain: Chain, task: HookTask): Promise<Verdict> {
  const end = await task.verdict.then(
    (verdict) => ({ verdict }),
    (thrown: unknown) => ({ thrown }),
  );
  chain.left -= 1;
  const last = chain.left === 0;
  const allowed = "verdict" in end && end.verdict.decision === "allow";
  if (!allowed) chain.stopped = true;
  if (last) await chain.recorded;
  if ("thrown" in end) {
    const passedOver = await chain.result.then(
      () => true,
      () => false,
    );
    if (passedOver) return { decision: "allow" };
    throw end.thrown;
  }
  if (end.verdict.decision === "deny") {
    throw operationRefused(chain.type, { fn: task.function, invocation: task.invocation, denial: end.verdict });
  }
  if (last && !chain.stopped) await chain.result;
  return end.verdict;
}
