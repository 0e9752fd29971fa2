import type { NewEvent } from "../domain/event.ts";
import type { Pause, Subscription } from "../domain/subscription.ts";
import type { Meter } from "../metrics/meter.ts";
import type { Sharers } from "../pace/own-share.ts";
import type { Ports } from "../ports.ts";
import type { Feed } from "../store/feed.ts";
import type { Publish } from "./publish.ts";
import type { Visibility } from "./visibility.ts";

/** What dispatch, the deliverer and their parts work with, each with a `Pick` of it. The Context stands above: `publish` is a part of that. */
export interface OutboundContext extends Pick<Ports, "store" | "clock" | "log"> {
  readonly feed: Feed;
  readonly publish: Publish;
  readonly sight: Visibility;
  readonly meter: Meter;
  /** The nodes that what a target takes is shared out to. Default: this process alone. */
  readonly sharers?: Sharers;
  /** The alerts about a pause. */
  readonly alertPaused?: (subscription: Subscription, reason: Pause["reason"]) => readonly NewEvent[];
}
