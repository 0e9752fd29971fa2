import type { Context } from "../../context.ts";

/** What the verbs on functions work with. */
export type FunctionsContext = Pick<
  Context,
  "clock" | "egressAllow" | "mutex" | "publish" | "sandbox" | "slices" | "store" | "vault" | "wake"
>;

/**
 * Whatever changes a function or its subscriptions goes one at a time: to disable a function is to pause the subscriptions that it
 * has at that instant, and conditions cannot tell that another one has come.
 */
export function turnOfFunction(number: number): string {
  return `function ${number}`;
}
