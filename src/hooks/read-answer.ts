import type { ThrownError } from "../domain/invocation.ts";
import type { Params } from "../domain/lifecycle.ts";
import { forbiddenPaths } from "../domain/patch.ts";
import { readThrownError } from "../domain/read-refusal.ts";
import { readVerdict } from "../domain/read-verdict.ts";
import { withoutSecrets } from "../domain/secret-names.ts";
import type { Denial, NoVerdict, Verdict } from "../domain/verdict.ts";
import type { SandboxResult } from "../sandbox/sandbox.ts";
import type { Redactor } from "../secrets/redact.ts";
import { type Answer, failed, patchOf, runFailed } from "./answer.ts";
import type { Hook, Plan } from "./plan.ts";

/** Of paths that somebody else has named: enough to find the mistake. */
const longestPaths = 200;

/** What a run says about the operation, as far as it can be told without the other hooks. */
export function readAnswer(
  outcome: SandboxResult["outcome"],
  { options, runnable: { redactor } }: Hook,
  { plan: { definition }, timeoutMs }: { readonly plan: Pick<Plan, "definition">; readonly timeoutMs: number },
): Answer {
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
  const answer: Answer = { kind: "verdict", verdict };
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

function noVerdict({ problem, undecided }: NoVerdict): Answer {
  return failed("bad_verdict", "it returned something that is no verdict", {
    detail: problem,
    stops: undecided === true,
  });
}

/** What is too long or no JSON may refuse all the same: a caller could bring it about, by a long text that the refusal repeats. */
function refusalOf({ message, said }: ThrownError): Answer | undefined {
  if (said === undefined) return undefined;
  const verdict = readVerdict(said);
  if ("problem" in verdict) return verdict.undecided === true ? noVerdict(verdict) : undefined;
  if (verdict.decision !== "deny") return undefined;
  return { kind: "verdict", verdict: { ...verdict, notes: [message, ...(verdict.notes ?? [])] } };
}

/** Callers are told it, who must not know what the function does. */
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
function withoutSecretParts(verdict: Verdict, { public: known }: Plan["definition"]): Verdict {
  if (verdict.decision !== "allow" || verdict.patch === undefined) return verdict;
  const { value, paths } = withoutSecrets(verdict.patch, known);
  if (paths.length === 0) return verdict;
  const note = `patch: left out, because events hold no secrets: ${paths.join(", ").slice(0, longestPaths)}`;
  return { ...verdict, patch: value as Params, notes: [...(verdict.notes ?? []), note] };
}
