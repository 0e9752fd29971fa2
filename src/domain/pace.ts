import type { Event, Face } from "./event.ts";

/** How fast and in what order a subscription's events are sent. What is absent bounds nothing. */
export interface Pace {
  /** Attempts begun in a second, evenly: one each 1,000 ms divided by this. 0.01–1,000. */
  readonly maxPerSecond?: number;
  /** Attempts under way at once. 1–64. */
  readonly maxConcurrency?: number;
  /** One at a time of what happens to one resource (objects: to one key), in its order: who fails holds those behind it. */
  readonly ordered?: true;
}

/** Attempts at once towards one target, at the most, whatever its owner says. */
export const slotsPerTarget = 64;
export const slowestPerSecond = 0.01;
export const fastestPerSecond = 1_000;

/** What an event must keep its turn for, in an ordered subscription of that face: the same text for the same key or resource. */
export function lineOf({ resource, scope, data }: Event, face: Face): string {
  const { key } = data;
  return face === "objects" && typeof key === "string" ? `${scope ?? ""}/${key}` : resource;
}
