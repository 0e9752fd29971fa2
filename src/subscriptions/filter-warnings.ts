import { filterable } from "../delivery/event-scopes.ts";
import type { Face } from "../domain/event.ts";
import { doubtsOf, type Filter, parseFilter, type Surroundings } from "../domain/filter/index.ts";

/** Warnings about a filter that was just accepted; none where nothing is odd. */
export function filterWarnings(
  face: Face,
  filter: string | Filter | null | undefined,
  around: Omit<Surroundings, "fields"> = {},
): readonly string[] {
  if (filter === undefined || filter === null) return [];
  const { fields } = filterable[face];
  if (typeof filter !== "string") return doubtsOf(filter, { fields, ...around });
  const parsed = parseFilter(filter, fields);
  return parsed.kind === "ok" ? doubtsOf(parsed.filter, { fields, ...around }) : [];
}
