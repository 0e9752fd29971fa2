import { filterable } from "../delivery/event-scopes.ts";
import type { Face } from "../domain/event.ts";
import { doubtsOf, parseFilter, type Surroundings } from "../domain/filter/index.ts";

/** Warnings about a filter that was just accepted; none where nothing is odd. */
export function filterWarnings(
  face: Face,
  text: string | null | undefined,
  around: Omit<Surroundings, "fields"> = {},
): readonly string[] {
  if (text === undefined || text === null) return [];
  const { fields } = filterable[face];
  const parsed = parseFilter(text, fields);
  return parsed.kind === "ok" ? doubtsOf(parsed.filter, { fields, ...around }) : [];
}
