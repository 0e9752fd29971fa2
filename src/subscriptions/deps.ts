import type { Context } from "../context.ts";

/** What the verbs on subscriptions of every face and target work with. */
export type SubscriptionDeps = Pick<
  Context,
  "store" | "publish" | "vault" | "clock" | "mutex" | "egressAllow" | "catalog" | "kinds" | "config" | "wake"
>;
