import type { Face } from "../domain/event.ts";
import { doubtsOf, parseFilter } from "../domain/filter/index.ts";
import { filterable } from "../engine/places.ts";

/** What is to be told about a filter that was just accepted; none where nothing is odd. */
export function filterWarnings(face: Face, text: string | null | undefined): readonly string[] {
  if (text === undefined || text === null) return [];
  const parsed = parseFilter(text, filterable[face].fields);
  return parsed.kind === "ok" ? doubtsOf(parsed.filter) : [];
}
