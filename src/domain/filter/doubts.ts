/** What is to be told to who writes a filter: it is one, but may not do what it was written for. */
import type { Filter } from "./filter.ts";

/** Sentences for people, none where nothing is odd. */
export function doubtsOf({ order }: Filter): readonly string[] {
  const doubts: string[] = [];
  if (order.length > 0) {
    doubts.push(
      "ORDER BY changes nothing here: a filter looks at one event at a time. To order events as a receiver, use their sequence",
    );
  }
  return doubts;
}
