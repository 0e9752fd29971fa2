import type { Event } from "../../domain/event.ts";
import type { ShownInvocation } from "../../platform/functions/runs.ts";
import type { Redrive } from "../../store/records.ts";
import type { Delivery } from "../../store/store.ts";

/** What a live stream tells of. */
export const liveTopics = ["events", "deliveries", "invocations", "redrives"] as const;
export type LiveTopic = (typeof liveTopics)[number];

/** Something that happened, as the stream shows it. */
export type LiveItem =
  | { readonly topic: "events"; readonly event: Event }
  /** As it stood with the commit that the item is about. */
  | { readonly topic: "deliveries"; readonly delivery: Delivery }
  | { readonly topic: "invocations"; readonly run: ShownInvocation }
  | { readonly topic: "redrives"; readonly redrive: Redrive };

/** How far a stream is: sequence of the last event, and number of the last of the other news. */
export interface LivePlace {
  readonly events: number;
  readonly news: number;
}
