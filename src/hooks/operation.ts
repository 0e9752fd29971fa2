import type { Uuid } from "../domain/ids.ts";
import type { LogLine } from "../domain/invocation.ts";
import type { Chain, Params, User } from "../domain/lifecycle.ts";
import type { HookStage } from "../domain/subscription.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { FunctionRun } from "../invocation/runner.ts";
import type { Decision, RecordedConflict } from "../store/records.ts";
import type { Change } from "../store/unit.ts";

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
  /** What it is about, when that is there already. Absent: told by {@link Allowed.changesFor}. */
  readonly resource?: Uuid;
  /** Absent: a new one is made. */
  readonly operation?: string;
  /** What led to it, when a function asked for it. */
  readonly chain?: Chain;
  /** Who asked for a simulation: its functions may do no more than they. Absent: an operation asks, whose hooks act for the platform. */
  readonly invoker?: FunctionRun["invoker"];
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
  readonly changesFor: (resource: Uuid) => readonly Change[];
}

/** A hook that was started, or is to be in the second wave. */
export interface HookTask {
  readonly taskId: string;
  readonly invocation: number;
  readonly function: HookFunction;
  /** Its own verdict, whatever becomes of the operation. Rejects with `hook_failed` when it gave none. */
  readonly verdict: Promise<Verdict>;
}

/** A function as callers are told of it. */
export interface HookFunction {
  readonly number: number;
  readonly name: string;
  readonly slug: string;
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
  readonly conflicts: readonly RecordedConflict[];
  readonly durationMs: number;
  /** Of what would be the answer to the caller, when it is not allowed. */
  readonly message?: string;
}

export interface SimulatedHook {
  readonly subscription: number;
  readonly function: HookFunction;
  readonly stage: HookStage;
  readonly priority: number;
  readonly verdict?: Verdict;
  /** Why it gave no verdict. */
  readonly failure?: string;
  /** Why it was not asked. */
  readonly skipped?: string;
  readonly durationMs: number;
  readonly queueMs: number;
  readonly coldMs: number;
  readonly logs: readonly LogLine[];
}
