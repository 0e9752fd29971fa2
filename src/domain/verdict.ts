import type { Json } from "./event.ts";
import type { Params } from "./lifecycle.ts";

/** What a hook says about an operation. */
export type Verdict = Allowance | Denial;

export interface Allowance {
  readonly decision: "allow";
  /** RFC 7396, over the params. Only in `prepare`, only paths that the event type lets hooks change. */
  readonly patch?: Params;
  /** What it returned beside, and nothing came of; for the function's author. */
  readonly notes?: readonly string[];
}

export interface Denial {
  readonly decision: "deny";
  /** For the caller of the operation. At most 500 characters. */
  readonly message: string;
  /** The hook's own, for programs. */
  readonly code?: string;
  readonly fields?: readonly DeniedField[];
  /** The function's own error: one that it threw, or returned in a shape of errors. Absent when it said `deny`. */
  readonly error?: "thrown" | "returned";
  /** What of it could not be used as it came; for the function's author. */
  readonly notes?: readonly string[];
}

export interface DeniedField {
  readonly path: string;
  readonly message: string;
  readonly code?: string;
}

/** Why what a function returned is no verdict: a failure of the hook. */
export interface NoVerdict {
  readonly problem: string;
  /** It did decide, in words that are not known: no policy lets the operation go on. */
  readonly undecided?: true;
}

/** What a function returned, as a verdict. */
export type ReadVerdict = (returned: Json) => Verdict | NoVerdict;

/** The code and the message by which a caller learns that a function refused. */
export function refusalText(
  { message, error }: Denial,
  at: { readonly functionName: string; readonly eventType: string },
): { readonly code: "hook_denied" | "hook_error"; readonly message: string } {
  const verb = error === undefined ? "refused" : "failed on";
  return {
    code: error === "thrown" ? "hook_error" : "hook_denied",
    message: `Function '${at.functionName}' ${verb} ${at.eventType}: ${message}`,
  };
}
