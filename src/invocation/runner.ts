import type { Principal } from "../domain/access.ts";
import type { Json } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Invocation, InvocationTrigger } from "../domain/invocation.ts";
import type { Chain, FunctionEvent } from "../domain/lifecycle.ts";
import type { ApiAnswer, ApiRequest, Code, SandboxLane, SandboxResult } from "../sandbox/sandbox.ts";
import type { Redactor } from "../secrets/redact.ts";
import type { FunctionVersion, KnownFunction } from "../store/records.ts";
import type { LentRights } from "./rights.ts";

/** Runs tenants' functions: finds the version that is current, runs it in the sandbox, and makes a record of how it went. */

/** A function as it is now: later changes do not reach a holder of this. */
export interface Runnable {
  readonly fn: KnownFunction;
  readonly version: Pick<FunctionVersion, "number" | "hash" | "language" | "map">;
  readonly code: Code;
  /** Of its secrets: what is kept and shown of a run is without them. */
  readonly redactor: Redactor;
}

export interface FunctionRun {
  readonly runnable: Runnable;
  /** Of {@link FunctionRunner.nextNumber}. */
  readonly number: number;
  readonly lane: SandboxLane;
  readonly trigger: InvocationTrigger;
  readonly event: FunctionEvent;
  /** Bounds the run, beside the function's own limit. */
  readonly timeoutMs: number;
  /** Where it belongs: absent of an `invoke` and of a trial. */
  readonly subscription?: { readonly uuid: Uuid; readonly number: number };
  /** Of a POST event. */
  readonly sequence?: number;
  /** What had led to this run, itself not included. */
  readonly chain?: Chain;
  /** Who asked for the run itself, which then may do no more than they: a person, or a function. Absent: an event did. */
  readonly invoker?: Pick<LentRights, "author" | "role">;
  /** See {@link SandboxCall.nested}. */
  readonly nested?: boolean;
  /** See {@link SandboxCall.alone}. */
  readonly alone?: boolean;
}

export interface Ran {
  readonly outcome: SandboxResult["outcome"];
  /** Ended, but for the verdict of a hook, which is the guard's to read. */
  readonly invocation: Invocation;
}

export interface FunctionRunner {
  /** `undefined`: there is no such function any more. Cheap: the code is kept in memory. */
  load(number: number): Promise<Runnable | undefined>;
  /** For a new invocation: unique, durable, and given out without a commit. */
  nextNumber(): Promise<number>;
  /** Never rejects. */
  run(run: FunctionRun, signal?: AbortSignal): Promise<Ran>;
  /** Runs that have begun and not ended, as pending invocations with the time at which they began. */
  underWay(): Iterable<Invocation>;
}

/** What a function reaches by `api`: this platform's own API, as `caller`. Must not reject. `signal`: the function has ended. */
export type CallPlatform = (caller: Principal, request: ApiRequest, signal: AbortSignal) => Promise<ApiAnswer>;

/** Results up to this many characters of JSON are kept in the record. */
export const keptResult = 16_384;

export type { Json };
