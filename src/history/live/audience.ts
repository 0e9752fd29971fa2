import type { NumberedItem } from "../../store/news.ts";
import type { LiveItem, LivePlace, LiveTopic } from "./item.ts";
import { frame, type GivenItem } from "./reader.ts";
import type { Wanted } from "./wanted.ts";

/** What some readers get who asked for the same. */
export interface LiveAudience {
  readonly wanted: Wanted;
  /** Those that are wanted and that the caller may follow. */
  readonly topics: ReadonlySet<LiveTopic>;
  /** The same for what is given the same. */
  readonly key: string;
  /** How it shows an item, perhaps a moment later. */
  readonly show: (item: LiveItem) => unknown;
}

const topicOf = {
  delivery: "deliveries",
  invocation: "invocations",
  redrive: "redrives",
} as const satisfies Record<NumberedItem["of"], LiveTopic>;

/** Whether items of the store's news of this kind are wanted at all. */
export function wantsNews({ topics }: LiveAudience, { of }: NumberedItem): boolean {
  return topics.has(topicOf[of]);
}

export function wantsAnyNews({ topics }: LiveAudience): boolean {
  return Object.values(topicOf).some((topic) => topics.has(topic));
}

const names = {
  events: "event",
  deliveries: "delivery",
  invocations: "invocation",
  redrives: "redrive",
} as const satisfies Record<LiveTopic, string>;

/** The item as it is given. */
export async function given(
  audience: LiveAudience,
  item: LiveItem,
  { place, cursor }: { readonly place: LivePlace; readonly cursor: (place: LivePlace) => string },
): Promise<GivenItem> {
  return { text: frame(names[item.topic], await audience.show(item), cursor(place)), place };
}
