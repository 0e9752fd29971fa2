import { defined } from "../domain/defined.ts";
import type { Invocation, SandboxFailure, ThrownError } from "../domain/invocation.ts";
import type { Params } from "../domain/lifecycle.ts";
import { forbiddenPaths } from "../domain/patch.ts";
import { readThrownError } from "../domain/read-refusal.ts";
import { readVerdict } from "../domain/read-verdict.ts";
import { withoutSecrets } from "../domain/secret-names.ts";
import type { Denial, NoVerdict, Verdict } from "../domain/verdict.ts";
import type { SandboxResult } from "../sandbox/sandbox.ts";
import type { Redactor } from "../secrets/redact.ts";
import type { ChainPlan, PlannedHook } from "./plan.ts";

/** What came of asking a hook: a verdict, or a failure, which is never a denial. */

/** Of paths that another has named: enough to find the mistake. */
const longestPaths = 200;

/** Why a hook gave no verdict: in the words that users see. */
export type HookFailureReason =
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

export interface HookFailure {
  readonly kind: "failed";
  readonly reason: HookFailureReason;
  /** For the caller: `it took longer than 2000 ms`. */
  readonly because: string;
  /** What it was, where the reason alone does not say. */
  readonly detail?: string;
  /** No policy lets the operation go on. */
  readonly stops?: true;
}

export type HookResult = { readonly kind: "verdict"; readonly verdict: Verdict } | HookFailure;

/** A hook that was asked, with what came of it. */
export interface AskedHook {
  readonly hook: PlannedHook;
  readonly answer: HookResult;
  /** Of one that was run; what it says of the verdict follows from `answer`. */
  readonly invocation?: Invocation;
  readonly durationMs: number;
}

/** In the order of merging. */
export type Wave = readonly AskedHook[];

export function failed(
  reason: HookFailureReason,
  because: string,
  { detail, stops = false }: { readonly detail?: string; readonly stops?: boolean } = {},
): HookFailure {
  return { kind: "failed", reason, because, ...defined({ detail }), ...(stops ? { stops } : {}) };
}

/** The failure, if it stops the operation. One that no caller waits for any more does not go on under any policy. */
export function fatalOf({ hook, answer }: AskedHook): HookFailure | undefined {
  if (answer.kind !== "failed") return undefined;
  const stops = hook.options.failurePolicy === "closed" || answer.stops === true || answer.reason === "cancelled";
  return stops ? answer : undefined;
}

/** How a hook refused. `undefined`: it did not. */
export function denialOf({ answer }: Pick<AskedHook, "answer">): Denial | undefined {
  return answer.kind === "verdict" && answer.verdict.decision === "deny" ? answer.verdict : undefined;
}

/** What a hook wants changed. `undefined`: nothing, or it did not agree. */
export function patchOf(answer: HookResult): Params | undefined {
  return answer.kind === "verdict" && answer.verdict.decision === "allow" ? answer.verdict.patch : undefined;
}

/** `timeout`, `forbidden_patch: is_superuser`. */
export function failureText({ reason, detail }: HookFailure): string {
  return detail === undefined ? reason : `${reason}: ${detail}`;
}

/** How a run went wrong, for people who know nothing of processes and have no right to see the error. */
export function runFailed(reason: SandboxFailure, timeoutMs: number): HookFailure {
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

/** Never begun: these get no event about the end of the operation, unlike functions that ran. */
const notBegun: ReadonlySet<HookFailureReason> = new Set<HookFailureReason>(["busy", "unavailable"]);

/** Whether the function may have done something. */
export function hasRun({ invocation, answer }: AskedHook): boolean {
  return invocation !== undefined && !(answer.kind === "failed" && notBegun.has(answer.reason));
}

/** As it is kept: with the verdict, or with what was wrong about it. */
export function invocationOf({ invocation, answer }: Pick<AskedHook, "invocation" | "answer">): Invocation | undefined {
  if (invocation === undefined) return undefined;
  if (invocation.status === "failed") return invocation;
  if (answer.kind === "verdict") return { ...invocation, verdict: answer.verdict };
  const error = { name: "VerdictError", message: answer.detail ?? answer.because };
  return { ...invocation, status: "failed", reason: "bad_output", error };
}

/** As answers to callers name it. */
export function functionOf({ runnable: { fn } }: Pick<PlannedHook, "runnable">): HookFunction {
  return { number: fn.number, name: fn.name, slug: fn.slug };
}

/** A function as answers to callers name it. */
export interface HookFunction {
  readonly number: number;
  readonly name: string;
  readonly slug: string;
}

interface JudgedHook extends Pick<PlannedHook, "runnable"> {
  readonly options: Pick<PlannedHook["options"], "stage" | "failurePolicy">;
}

/** What a run says about the operation, as far as that does not depend on the other hooks. */
export function readResult(
  outcome: SandboxResult["outcome"],
  { options, runnable: { redactor } }: JudgedHook,
  { plan: { definition }, timeoutMs }: { readonly plan: Pick<ChainPlan, "definition">; readonly timeoutMs: number },
): HookResult {
  if (outcome.kind === "failed") {
    if (outcome.error.own !== true) return refusalOf(outcome.error) ?? runFailed(outcome.reason, timeoutMs);
    const error = readThrownError(outcome.error);
    // A function that need not agree is passed over, and says why.
    return options.failurePolicy === "open"
      ? failed("threw", "it threw an error", { detail: error.message })
      : { kind: "verdict", verdict: error };
  }
  const verdict = readVerdict(outcome.value);
  if ("problem" in verdict) return noVerdict(verdict);
  if (verdict.decision === "deny") return { kind: "verdict", verdict: withoutOwnSecrets(verdict, redactor) };
  const answer: HookResult = { kind: "verdict", verdict };
  const patch = patchOf(answer) ?? {};
  if (Object.keys(patch).length === 0) return answer;
  if (options.stage === "validate") {
    return failed("forbidden_patch", "it may not change anything in validate", {
      detail: "nothing may be changed in validate",
    });
  }
  const forbidden = forbiddenPaths(patch, definition.changeable ?? [])
    .join(", ")
    .slice(0, longestPaths);
  return forbidden === ""
    ? { kind: "verdict", verdict: withoutSecretParts(verdict, definition) }
    : failed("forbidden_patch", `it may not change ${forbidden}`, { detail: forbidden });
}

function noVerdict({ problem, undecided }: NoVerdict): HookResult {
  return failed("bad_verdict", "it returned something that is no verdict", {
    detail: problem,
    stops: undecided === true,
  });
}

/** What is too long or no JSON may refuse all the same: a caller could bring it about, by a long text that the refusal repeats. */
function refusalOf({ message, said }: ThrownError): HookResult | undefined {
  if (said === undefined) return undefined;
  const verdict = readVerdict(said);
  if ("problem" in verdict) return verdict.undecided === true ? noVerdict(verdict) : undefined;
  if (verdict.decision !== "deny") return undefined;
  return { kind: "verdict", verdict: { ...verdict, notes: [message, ...(verdict.notes ?? [])] } };
}

/** It goes to callers, who must not know what the function does. */
function withoutOwnSecrets(denial: Denial, redactor: Redactor): Denial {
  const of = (text: string): string => redactor.of(text);
  const { message, code, fields } = denial;
  return {
    ...denial,
    message: of(message),
    ...(code === undefined ? {} : { code: of(code) }),
    ...(fields === undefined
      ? {}
      : { fields: fields.map((field) => ({ ...field, path: of(field.path), message: of(field.message) })) }),
  };
}

/** A patch is recorded and shown: what calls itself a secret is left out of it, as it is of the params. */
function withoutSecretParts(verdict: Verdict, { public: known }: ChainPlan["definition"]): Verdict {
  if (verdict.decision !== "allow" || verdict.patch === undefined) return verdict;
  const { value, paths } = withoutSecrets(verdict.patch, known);
  if (paths.length === 0) return verdict;
  const note = `patch: left out, because events hold no secrets: ${paths.join(", ").slice(0, longestPaths)}`;
  return { ...verdict, patch: value as Params, notes: [...(verdict.notes ?? []), note] };
}
