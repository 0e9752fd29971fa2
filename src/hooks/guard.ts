import type { Clock } from "../clock.ts";
import type { Publish } from "../delivery/publish.ts";
import { Breakers } from "../domain/breaker.ts";
import type { Catalog } from "../domain/catalog.ts";
import { asError, SignalboxError } from "../errors.ts";
import type { FunctionRunner } from "../invocation/runner.ts";
import type { Log } from "../log.ts";
import { abortEvents } from "./abort.ts";
import { HookBreakers } from "./breakers.ts";
import { type Course, ranIn, refusalOf, warningsOf } from "./course.ts";
import type { Allowed, Begun, Operation, Simulation } from "./operation.ts";
import { explainedPlan, type HookAudience, type Plan, plan } from "./plan.ts";
import { changesOf } from "./recording.ts";
import { type RunDeps, runPlan } from "./run-plan.ts";
import { simulationOf } from "./simulation.ts";
import { hookTasks } from "./tasks.ts";

export { breakerKey } from "./breakers.ts";
export type {
  Allowed,
  Begun,
  HookFunction,
  HookTask,
  Operation,
  SimulatedHook,
  Simulation,
} from "./operation.ts";
export type { HookAudience } from "./plan.ts";

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
   * params do not fit; `unavailable` when nobody can say who is to be asked. The decision and the invocations are recorded then, and
   * `<TYPE>_ABORTED` is told to functions whose hooks ran.
   */
  check(operation: Operation): Promise<Allowed>;
  /** The same, telling at once which functions are asked. @throws what can be told before any hook has run. */
  begin(operation: Operation): Promise<Begun>;
  /** Runs the whole chain with `dry_run`, and records nothing. Circuit breakers neither stop it nor hear of it. */
  simulate(operation: Operation): Promise<Simulation>;
  /**
   * An operation whose hooks had agreed was not done after all: tells the functions whose hooks ran, and records `changes`, which
   * were not committed with it. Rejects when that cannot be made durable.
   */
  aborted(
    operation: Operation,
    allowed: Pick<Allowed, "operation" | "params" | "ran"> & Partial<Pick<Allowed, "changes">>,
    reason: string,
  ): Promise<void>;
}

export interface GuardDeps {
  readonly audience: HookAudience;
  readonly functions: FunctionRunner;
  readonly publish: Publish;
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly log: Log;
  /** How long both waves may take together, unless the operation says otherwise. */
  readonly chainMs: number;
  /** By {@link breakerKey}. Absent: those of this guard alone. */
  readonly breakers?: Breakers;
  readonly meter?: {
    /** An operation that had hooks was decided. */
    hook(outcome: "allowed" | "denied" | "failed", durationMs: number): void;
    breakerOpened(): void;
  };
}

export function guard(deps: GuardDeps): Guard {
  const { clock, log, meter } = deps;
  const breakers = new HookBreakers({
    breakers: deps.breakers ?? new Breakers(),
    clock,
    log,
    opened: () => meter?.breakerOpened(),
  });
  const decide = async (planned: Plan, more: Pick<RunDeps, "answered"> = {}): Promise<Course> => {
    const course = await runPlan({ ...deps, breakers, ...more }, planned, { dryRun: false });
    meter?.hook(course.outcome, course.durationMs);
    return course;
  };
  return {
    check: async (operation) => {
      const planned = await asPlanned(deps, operation, plan);
      return planned.hooks.length === 0 ? unasked(planned) : concluded(deps, await decide(planned));
    },
    begin: async (operation) => {
      const planned = await asPlanned(deps, operation, plan);
      if (planned.hooks.length === 0) {
        return { operation: planned.operation, tasks: [], result: Promise.resolve(unasked(planned)) };
      }
      const { tasks, answered, ended, broken } = hookTasks(planned, clock);
      const result = decide(planned, { answered }).then((course) => {
        ended(course);
        return concluded(deps, course);
      });
      // Also seen to here, because whoever began need not wait for it.
      result.catch((thrown: unknown) => broken(asError(thrown)));
      return { operation: planned.operation, tasks, result };
    },
    simulate: async (operation) => {
      const { plan: planned, refusal } = await asPlanned(deps, operation, explainedPlan);
      const { functions, catalog } = deps;
      return simulationOf(await runPlan({ functions, catalog, clock }, planned, { dryRun: true }), refusal);
    },
    aborted: async (proposed, { operation, params, ran, changes = [] }, reason) => {
      const events = abortEvents(deps, { proposed, operation, params, ran, reason });
      if (changes.length > 0 || events.length > 0) await deps.publish({ changes, events });
    },
  };
}

/** Nobody is to be asked. */
function unasked({ operation, params }: Plan): Allowed {
  return { operation, params, warnings: [], ran: [], changes: [], changesFor: () => [] };
}

/** The answer. That of an operation that is not allowed is recorded first, as there will be no other commit. */
async function concluded(deps: GuardDeps, course: Course): Promise<Allowed> {
  const { plan: planned, params } = course;
  const { proposed, operation } = planned;
  const ran = ranIn(course);
  if (course.outcome === "allowed") {
    const changesFor: Allowed["changesFor"] = (resource) => changesOf(course, resource);
    return { operation, params, warnings: warningsOf(course), ran, changes: changesOf(course), changesFor };
  }
  const refusal = refusalOf(course);
  // The caller is told what the hooks say; the event goes to others, who may not know their secrets.
  const reason = course.asked.reduce((text, { hook }) => hook.runnable.redactor.of(text), refusal.message);
  const events = abortEvents(deps, { proposed, operation, params, ran, reason });
  try {
    await deps.publish({ changes: changesOf(course), events });
  } catch (thrown) {
    const about = { tenant: proposed.tenant, operation, eventType: proposed.type, error: asError(thrown).message };
    deps.log.error(about, "what hooks decided could not be recorded");
  }
  throw refusal;
}

/** What goes wrong before anybody is asked is nobody's fault: the caller may try again, and hears no more. */
async function asPlanned<T>(
  deps: GuardDeps,
  operation: Operation,
  made: (deps: GuardDeps, operation: Operation) => Promise<T>,
): Promise<T> {
  try {
    return await made(deps, operation);
  } catch (thrown) {
    if (thrown instanceof SignalboxError) throw thrown;
    const { tenant, type } = operation;
    deps.log.error({ tenant, eventType: type, error: asError(thrown).message }, "hooks could not be found or loaded");
    throw new SignalboxError("unavailable", `${type}: its hooks cannot be asked now. Try again`, { cause: thrown });
  }
}
