import type { Invocation, SandboxFailure } from "../domain/invocation.ts";
import type { Params } from "../domain/lifecycle.ts";
import type { Denial, Verdict } from "../domain/verdict.ts";
import type { HookFunction } from "./operation.ts";
import type { Hook } from "./plan.ts";

/** What came of asking a hook: a verdict, or a failure, which is never a denial. */

/** Why a hook gave no verdict: in the words that users see. */
export type HookFailure =
  | SandboxFailure
  /** What it returned is no verdict. */
  | "bad_verdict"
  /** It wanted to change what hooks may not change. */
  | "forbidden_patch"
  /** What it wanted to change does not fit the event type's schema. */
  | "unfit_patch"
  /** It had failed so often that it is not asked for a while. */
  | "breaker_open"
  /** The first wave had already stopped the operation. */
  | "skipped";

export interface Failed {
  readonly kind: "failed";
  readonly reason: HookFailure;
  /** For whoever asked: `it took longer than 2000 ms`. */
  readonly because: string;
  /** What it was, where the reason alone does not say. */
  readonly detail?: string;
  /** No policy lets the operation go on. */
  readonly stops?: true;
}

export type Answer = { readonly kind: "verdict"; readonly verdict: Verdict } | Failed;

/** A hook that was asked, with what came of it. */
export interface Asked {
  readonly hook: Hook;
  readonly answer: Answer;
  /** Of one that was run; what it says of the verdict follows from `answer`. */
  readonly invocation?: Invocation;
  readonly durationMs: number;
}

/** In the order of merging. */
export type Wave = readonly Asked[];

export function failed(
  reason: HookFailure,
  because: string,
  { detail, stops = false }: { readonly detail?: string; readonly stops?: boolean } = {},
): Failed {
  return { kind: "failed", reason, because, ...(detail === undefined ? {} : { detail }), ...(stops ? { stops } : {}) };
}

/** How a hook refused. `undefined`: it did not. */
export function denialOf({ answer }: Pick<Asked, "answer">): Denial | undefined {
  return answer.kind === "verdict" && answer.verdict.decision === "deny" ? answer.verdict : undefined;
}

/** What a hook wants changed. `undefined`: nothing, or it did not agree. */
export function patchOf(answer: Answer): Params | undefined {
  return answer.kind === "verdict" && answer.verdict.decision === "allow" ? answer.verdict.patch : undefined;
}

/** `timeout`, `forbidden_patch: is_superuser`. */
export function failureText({ reason, detail }: Failed): string {
  return detail === undefined ? reason : `${reason}: ${detail}`;
}

/** How a run went wrong, for people who know nothing of processes and have no right to see the error. */
export function runFailed(reason: SandboxFailure, timeoutMs: number): Failed {
  return failed(reason, because[reason](timeoutMs));
}

const because: Readonly<Record<SandboxFailure, (timeoutMs: number) => string>> = {
  // Errors of its own refuse, and are no failures.
  threw: () => "its code does not load, or it waits for what never happens",
  timeout: (timeoutMs) => `it took longer than ${timeoutMs} ms`,
  stalled: () => "it kept its process from doing anything else, and was stopped",
  memory: () => "it took more memory than it may",
  crashed: () => "its process ended while it ran",
  bad_output: () => "it returned something that is not JSON, or too long",
  busy: () => "there is no free slot for it",
  unavailable: () => "there is no process for it",
  cancelled: () => "it was cancelled, because nobody waits for it any more",
};

/** Never begun: whatever is told to functions that ran is not told to it. */
const notBegun: ReadonlySet<HookFailure> = new Set<HookFailure>(["busy", "unavailable"]);

/** Whether the function may have done something. */
export function hasRun({ invocation, answer }: Asked): boolean {
  return invocation !== undefined && !(answer.kind === "failed" && notBegun.has(answer.reason));
}

/** As it is kept: with the verdict, or with what was wrong about it. */
export function invocationOf({ invocation, answer }: Asked): Invocation | undefined {
  if (invocation === undefined) return undefined;
  if (invocation.status === "failed") return invocation;
  if (answer.kind === "verdict") return { ...invocation, verdict: answer.verdict };
  const error = { name: "VerdictError", message: answer.detail ?? answer.because };
  return { ...invocation, status: "failed", reason: "bad_output", error };
}

/** As callers are told of it. */
export function functionOf({ runnable: { fn } }: Pick<Hook, "runnable">): HookFunction {
  return { number: fn.number, name: fn.name, slug: fn.slug };
}
