import type { DecidedHook } from "../../../client/operations.ts";
import type { Tone } from "../../parts/status.tsx";

/** What one hook said, in a word and a sentence. */
interface HookSaid {
  readonly word: string;
  readonly tone: Tone;
  /** Why. */
  readonly why?: string;
}

export function hookSaid({
  verdict,
  failure,
  skipped,
}: Pick<DecidedHook, "verdict" | "failure" | "skipped">): HookSaid {
  if (skipped !== null) return { word: "not asked", tone: "quiet", why: skipped };
  if (failure !== null) return { word: "no verdict", tone: "warn", why: failure };
  if (verdict === null) return { word: "no verdict", tone: "warn" };
  const why = verdict.message === undefined ? {} : { why: verdict.message };
  if (verdict.error !== undefined) return { word: "error", tone: "bad", ...why };
  if (verdict.decision === "deny") return { word: "denied", tone: "bad", ...why };
  return { word: verdict.patch === undefined ? "allowed" : "allowed, and changed it", tone: "good", ...why };
}
