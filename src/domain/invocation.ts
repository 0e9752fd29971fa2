import type { Json } from "./event.ts";
import type { Verdict } from "./verdict.ts";

/** How functions run, as it is kept and shown. */

export const functionLogLevels = ["debug", "info", "warn", "error"] as const;

/** Something that a function logged, by `log(message, data?)`, `log.warn(…)` or `console`. */
export interface LogLine {
  /** Since the call began. */
  readonly atMs: number;
  readonly level: (typeof functionLogLevels)[number];
  readonly message: string;
}

export interface ThrownError {
  readonly name: string;
  readonly message: string;
  /** Lines of {@link Code.js} are called `function.js:<line>:<column>`. */
  readonly stack?: string;
  /** `fields` or `errors` of what was thrown, as JSON; only of what the function itself threw. */
  readonly fields?: Json;
  /** Of a value that could not be passed on: what of it may be a refusal, each part by itself and cut. */
  readonly said?: Json;
  /** The function threw it while it ran; absent of what ended it, or kept it from being loaded. */
  readonly own?: true;
}

/** Why a call did not end with a value. The words that users see. */
export type SandboxFailure =
  /** The function threw, or what it threw or returned could not be passed on. */
  | "threw"
  /** It was not done in time. */
  | "timeout"
  /** It kept the process from doing anything else for more than a second; the process was killed. */
  | "stalled"
  /** Its process took more memory than it may; the process was killed. */
  | "memory"
  /** Its process ended while it ran. */
  | "crashed"
  /** What it returned is not JSON, or too long. */
  | "bad_output"
  /** It was not begun, because there is no slot for it. */
  | "busy"
  /** It was not begun, because no process could be had. */
  | "unavailable"
  /** The caller gave up. */
  | "cancelled";

export const invocationStatuses = ["pending", "succeeded", "failed"] as const;
export type InvocationStatus = (typeof invocationStatuses)[number];
/** A hook, an attempt to deliver a POST event, a direct request, or a trial of code that need not be the one that runs. */
export const invocationTriggers = ["pre", "post", "invoke", "trial"] as const;
/** {@link Invocation.version} of code that is no version of the function. */
export const unsavedVersion = 0;
export type InvocationTrigger = (typeof invocationTriggers)[number];

/** One run of a function. */
export interface Invocation {
  /** Unique in the installation, as callers see it; given out by `Functions.reserveInvocations`. */
  readonly number: number;
  readonly tenant: string;
  /** The function's number. */
  readonly function: number;
  /** {@link unsavedVersion} of a trial of code that was not kept. */
  readonly version: number;
  readonly trigger: InvocationTrigger;
  readonly eventType: string;
  readonly eventId: string;
  readonly operation: string;
  /** The subscription's number; absent of an `invoke` and of a trial. */
  readonly subscription?: number;
  /** Of a `post`: with `subscription`, its delivery. */
  readonly sequence?: number;
  readonly attempt: number;
  readonly status: InvocationStatus;
  /** Of a `pre` that succeeded. */
  readonly verdict?: Verdict;
  /** What it returned, if that is not longer than 16 KiB as JSON. */
  readonly result?: Json;
  /** Of one that failed. */
  readonly reason?: SandboxFailure | "refused";
  readonly error?: ThrownError;
  readonly logs: readonly LogLine[];
  readonly logsCut: boolean;
  readonly createdMs: number;
  /** Absent while it has not begun. */
  readonly startedMs?: number;
  readonly durationMs?: number;
  readonly queueMs?: number;
  readonly coldMs?: number;
}
