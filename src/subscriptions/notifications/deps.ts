import type { Context } from "../../context.ts";
import type { DeliveryPlace } from "../../store/store.ts";
import type { SubscriptionDeps } from "../deps.ts";

/** What the verbs of the notifications face work with. */
export interface NotificationDeps extends SubscriptionDeps, Pick<Context, "offload" | "slices"> {
  /** Of the API as others reach it, without a final slash. */
  readonly publicUrl: () => string;
  /**
   * Resolves when something of that delivery was recorded, when `ms` have passed, or when `signal` aborts. Only a hint: a waiter
   * looks again.
   */
  readonly nextRecord: (place: DeliveryPlace, ms: number, signal: AbortSignal) => Promise<void>;
}
