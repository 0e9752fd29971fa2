import type { Uuid } from "../domain/ids.ts";
import type { Params } from "../domain/lifecycle.ts";
import { asError, SignalboxError } from "../errors.ts";
import type { Change, Commit, Unit } from "../store/unit.ts";
import { abortEvents } from "./abort.ts";
import { HookBreakers } from "./breakers.ts";
import { type ChainResult, type ChainRun, ranIn, runChain } from "./chain.ts";
import type { HookContext } from "./hook-context.ts";
import { type ChainPlan, explainChain, type HookedOperation, planChain } from "./plan.ts";
import { recordOf, type SimulatedHook, type Simulation, simulationOf } from "./record.ts";
import { refusalOf, warningsOf } from "./refusal.ts";
import { chainTasks, type HookTask } from "./tasks.ts";

export type { HookedOperation, HookTask, SimulatedHook, Simulation };

/** Every hook agreed. */
export interface Allowed {
  readonly operation: string;
  /** What is to be done: the params with the hooks' patches, checked again. */
  readonly params: Params;
  /** Failures under the policy `open`, for the caller: `Function 'x' failed and was passed over: timeout`. */
  readonly warnings: readonly string[];
  /** Functions whose hooks ran, by number: should the operation be aborted, they get an event about it. */
  readonly ran: readonly number[];
  /** Belongs into the operation's commit: the decision and its invocations. Empty when there was no hook. */
  readonly changes: readonly Change[];
  /** The same with what the operation is about. */
  readonly changesFor: (resource: Uuid) => readonly Change[];
}

export interface Begun {
  readonly operation: string;
  readonly tasks: readonly HookTask[];
  /** As {@link Guard.check}. */
  readonly result: Promise<Allowed>;
}

/**
 * Holds an operation until its hooks have agreed.
 *
 * The chain is planned once: the live subscriptions to the type (of the app, whose filter matches, whose function and subscription
 * are enabled) with the versions of their functions as they are now; what is changed meanwhile counts for the next operation. Two
 * waves, each running all its hooks at once: `prepare` on the proposed params, whose patches are merged by ascending (priority,
 * number); then `validate` on what came of that. A wave runs to its end; a deny or closed failure in `prepare` skips `validate`.
 * Each hook has the least of its own time, its function's, and what is left of the chain, of which `prepare` may use half when a
 * closed `validate` hook follows. Nothing is held while hooks run: no transaction, lock or connection.
 */
export interface Guard {
  /**
   * @throws SignalboxError `hook_denied` or `hook_error`, with `data` (function_id, function_name, function_slug, invocation_id, fields, refusals);
   * `hook_failed` when one that must agree did not answer, or could not be asked; `hook_recursion`; `invalid_request` when the
   * params do not fit; `unavailable` when the hooks to ask cannot be determined. The decision and the invocations are recorded then, and
   * `<TYPE>_ABORTED` goes to functions whose hooks ran.
   */
  check(operation: HookedOperation): Promise<Allowed>;
  /** The same, naming at once the functions that are asked. @throws what is known to be wrong before any hook has run. */
  begin(operation: HookedOperation): Promise<Begun>;
  /** Runs the whole chain with `dry_run`, and records nothing. Circuit breakers neither stop it nor count it. */
  simulate(operation: HookedOperation): Promise<Simulation>;
  /**
   * An operation whose hooks had agreed was not done after all: tells the functions whose hooks ran, and records `changes`, which
   * were not committed with it, all in one commit with what else belongs there. Rejects when that cannot be made durable.
   */
  aborted(
    operation: HookedOperation,
    allowed: Pick<Allowed, "operation" | "params" | "ran"> & Partial<Pick<Allowed, "changes">>,
    reason: string,
    also?: Pick<Unit, "conditions" | "changes">,
  ): Promise<Commit>;
}

export function guard(context: HookContext): Guard {
  const { meter } = context;
  const breakers = new HookBreakers(context);
  const decide = async (planned: ChainPlan, more: Pick<ChainRun, "answered"> = {}): Promise<ChainResult> => {
    const course = await runChain(context, planned, { dryRun: false, breakers, ...more });
    meter?.hook(course.outcome, course.durationMs);
    return course;
  };
  return {
    check: async (operation) => {
      const planned = await asPlanned(context, operation, planChain);
      return planned.hooks.length === 0 ? unasked(planned) : concluded(context, await decide(planned));
    },
    begin: async (operation) => {
      const planned = await asPlanned(context, operation, planChain);
      if (planned.hooks.length === 0) {
        return { operation: planned.operation, tasks: [], result: Promise.resolve(unasked(planned)) };
      }
      const { tasks, answered, ended, broken } = chainTasks(planned, context.clock);
      const result = decide(planned, { answered }).then((course) => {
        ended(course);
        return concluded(context, course);
      });
      // Also seen to here, because the caller that began it need not wait for it.
      result.catch((thrown: unknown) => broken(asError(thrown)));
      return { operation: planned.operation, tasks, result };
    },
    simulate: async (operation) => {
      const { plan: planned, refusal } = await asPlanned(context, operation, explainChain);
      return simulationOf(await runChain(context, planned, { dryRun: true }), refusal);
    },
    aborted: async (proposed, { operation, params, ran, changes: decided = [] }, reason, also = {}) => {
      const events = abortEvents(context, { proposed, operation, params, ran, reason });
      const changes = [...decided, ...(also.changes ?? [])];
      if (changes.length === 0 && events.length === 0) return { kind: "committed", sequences: [] };
      return context.publish({ conditions: also.conditions ?? [], changes, events });
    },
  };
}

/** Without hooks to ask. */
function unasked({ operation, params }: ChainPlan): Allowed {
  return { operation, params, warnings: [], ran: [], changes: [], changesFor: () => [] };
}

/** The answer. That of an operation that is not allowed is recorded first, as there will be no other commit. */
async function concluded(context: HookContext, course: ChainResult): Promise<Allowed> {
  const { plan: planned, params } = course;
  const { proposed, operation } = planned;
  const ran = ranIn(course);
  if (course.outcome === "allowed") {
    const changesFor: Allowed["changesFor"] = (resource) => recordOf(course, resource);
    return { operation, params, warnings: warningsOf(course), ran, changes: recordOf(course), changesFor };
  }
  const refusal = refusalOf(course);
  // The caller gets what the hooks say; the event goes to others, who may not know their secrets.
  const reason = course.asked.reduce((text, { hook }) => hook.runnable.redactor.of(text), refusal.message);
  const events = abortEvents(context, { proposed, operation, params, ran, reason });
  try {
    await context.publish({ changes: recordOf(course), events });
  } catch (thrown) {
    const about = { tenant: proposed.tenant, operation, eventType: proposed.type, error: asError(thrown).message };
    context.log.error(about, "what hooks decided could not be recorded");
  }
  throw refusal;
}

/** What goes wrong before any hook is asked is no hook's fault: the caller may try again, and gets no detail. */
async function asPlanned<T>(
  context: HookContext,
  operation: HookedOperation,
  made: (context: HookContext, operation: HookedOperation) => Promise<T>,
): Promise<T> {
  try {
    return await made(context, operation);
  } catch (thrown) {
    if (thrown instanceof SignalboxError) throw thrown;
    const { tenant, type } = operation;
    context.log.error(
      { tenant, eventType: type, error: asError(thrown).message },
      "hooks could not be found or loaded",
    );
    throw new SignalboxError("unavailable", `${type}: its hooks cannot be asked now. Try again`, { cause: thrown });
  }
}
