import type { Json } from "./domain/event.ts";
import type { Uuid } from "./domain/ids.ts";
import type { Chain, Params, User } from "./domain/lifecycle.ts";
import type { Verdict } from "./domain/verdict.ts";
import type { Decision, PatchConflict } from "./store/records.ts";
import type { Change } from "./store/unit.ts";

/** What is about to be done, and waits for its hooks. */
export interface Operation {
  readonly tenant: string;
  /** Of the phase `pre`: `PRE_USER_CREATE`. */
  readonly type: string;
  /** As proposed. The guard takes out what is sensitive and checks the rest against the type's schema. */
  readonly params: Params;
  /** As functions see who asks. */
  readonly user?: User;
  /** Name of the principal who asks. */
  readonly actor?: string;
  readonly origin: string;
  readonly app?: { readonly uuid: Uuid; readonly slug: string };
  /** Absent: a new one is made. */
  readonly operation?: string;
  /** What led to it, when a function asked for it. */
  readonly chain?: Chain;
  /** For both waves together. Default 300,000 (SIGNALBOX_HOOK_CHAIN_MS). */
  readonly chainMs?: number;
  /** Aborts when nobody waits any more: the hooks are cancelled. */
  readonly signal?: AbortSignal;
}

/** Every hook agreed. */
export interface Allowed {
  readonly operation: string;
  /** What is to be done: the params with the hooks' patches, checked again. */
  readonly params: Params;
  /** Failures under the policy `open`, for the caller: `Function 'x' failed and was passed over: timeout`. */
  readonly warnings: readonly string[];
  /** Functions whose hooks ran, by number: should the operation be aborted, they are told. */
  readonly ran: readonly number[];
  /** Belongs into the operation's commit: the decision and its invocations. Empty when there was no hook. */
  readonly changes: readonly Change[];
  /** The same with what the operation is about. */
  changesFor(resource: Uuid): readonly Change[];
}

/** A hook that was started, or is to be in the second wave. */
export interface HookTask {
  readonly taskId: string;
  readonly invocation: number;
  readonly function: { readonly number: number; readonly name: string; readonly slug: string };
  /** Its own verdict, whatever becomes of the operation. Rejects with `hook_failed` when it gave none. */
  readonly verdict: Promise<Verdict>;
}

export interface Begun {
  readonly operation: string;
  readonly tasks: readonly HookTask[];
  /** As {@link Guard.check}. */
  readonly result: Promise<Allowed>;
}

/** What the whole chain makes of a candidate, of which nothing stays. */
export interface Simulation {
  readonly outcome: Decision["outcome"];
  /** After both waves, or as far as they came. */
  readonly params: Params;
  readonly hooks: readonly SimulatedHook[];
  readonly conflicts: readonly PatchConflict[];
  readonly durationMs: number;
  /** Of what would be the answer to the caller, when it is not allowed. */
  readonly message?: string;
}

export interface SimulatedHook {
  readonly subscription: number;
  readonly function: { readonly number: number; readonly name: string; readonly slug: string };
  readonly stage: "prepare" | "validate";
  readonly priority: number;
  readonly verdict?: Verdict;
  readonly failure?: string;
  readonly skipped?: string;
  readonly durationMs: number;
  readonly queueMs: number;
  readonly coldMs: number;
  readonly logs: Json;
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
   * @throws SignalboxError `hook_denied`, with `data` (function_id, function_name, function_slug, invocation_id, fields);
   * `hook_failed` when one that must agree did not answer, or could not be asked; `hook_recursion`; `invalid_request` when the
   * params do not fit. The decision and the invocations are recorded then, and `<TYPE>_ABORTED` is told to functions whose hooks ran.
   */
  check(operation: Operation): Promise<Allowed>;
  /** The same, telling at once which functions are asked. @throws what can be told before any hook has run. */
  begin(operation: Operation): Promise<Begun>;
  /** Runs the whole chain with `dry_run`, and records nothing. */
  simulate(operation: Operation): Promise<Simulation>;
  /** An operation whose hooks had agreed was not done after all: tells the functions whose hooks ran. */
  aborted(operation: Operation, allowed: Pick<Allowed, "operation" | "params" | "ran">, reason: string): Promise<void>;
}
