import type { Params } from "../../domain/lifecycle.ts";
import { forbiddenPaths } from "../../domain/patch.ts";
import { readThrownError } from "../../domain/read-refusal.ts";
import { readVerdict } from "../../domain/read-verdict.ts";
import { withoutSecrets } from "../../domain/secret-names.ts";
import type { Verdict } from "../../domain/verdict.ts";
import type { SandboxResult } from "../../sandbox/sandbox.ts";
import { type Answer, failed, patchOf, runFailed } from "./answer.ts";
import type { Hook, Plan } from "./plan.ts";

/** Of paths that somebody else has named: enough to find the mistake. */
const longestPaths = 200;

/** What a run says about the operation, as far as it can be told without the other hooks. */
export function readAnswer(
  outcome: SandboxResult["outcome"],
  { options }: Hook,
  { plan: { definition }, timeoutMs }: { readonly plan: Pick<Plan, "definition">; readonly timeoutMs: number },
): Answer {
  if (outcome.kind === "failed") {
    if (outcome.error.own !== true) return runFailed(outcome.reason, timeoutMs);
    const error = readThrownError(outcome.error);
    // A function that need not agree is passed over, and says why.
    return options.failurePolicy === "open"
      ? failed("threw", "it threw an error", { detail: error.message })
      : { kind: "verdict", verdict: error };
  }
  const verdict = readVerdict(outcome.value);
  if ("problem" in verdict) {
    const { problem, undecided = false } = verdict;
    return failed("bad_verdict", "it returned something that is no verdict", { detail: problem, stops: undecided });
  }
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

/** A patch is recorded and shown: what calls itself a secret is left out of it, as it is of the params. */
function withoutSecretParts(verdict: Verdict, { public: known }: Plan["definition"]): Verdict {
  if (verdict.decision !== "allow" || verdict.patch === undefined) return verdict;
  const { value, paths } = withoutSecrets(verdict.patch, known);
  if (paths.length === 0) return verdict;
  const note = `patch: left out, because events hold no secrets: ${paths.join(", ").slice(0, longestPaths)}`;
  return { ...verdict, patch: value as Params, notes: [...(verdict.notes ?? []), note] };
}
