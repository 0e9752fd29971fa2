import type { Context } from "../../context.ts";

/** What the verbs on functions work with. */
export type FunctionsContext = Pick<
  Context,
  "clock" | "egressAllow" | "mutex" | "publish" | "sandbox" | "slices" | "store" | "vault" | "wake"
>;

/**
 * Whatever changes a function or its subscriptions goes one at a time in a process, which saves them tries. What must hold is in the conditions
 * of their commits: `function.revision`, and `subscriptions.noneSince` for what concerns the subscriptions that it has at that instant.
 */
export function turnOfFunction(number: number): string {
  return `function ${number}`;
}
