import type { ManagedRule } from "../../domain/subscription.ts";

/** One configuration of S3's document, as it was said: its kind, the ARN of where it sends to, its events and its filter. */
export interface RequestedNotification extends Pick<ManagedRule, "kind" | "arn" | "events" | "filter"> {
  /** Absent: it gets one. */
  readonly id?: string;
}

/** S3's own. */
export const maxNotifications = 100;
