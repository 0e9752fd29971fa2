import { parseFilter } from "../../../domain/filter/filter.ts";
import { fixOf } from "../../../domain/filter/fix.ts";
import type { FieldCatalog } from "../../../domain/filter/tree.ts";
import type { FilterProblem } from "./filter-problem.ts";

/** What the server's own parser says of a filter; `undefined` when nothing is wrong with it. */
export function problemIn(text: string, catalog: FieldCatalog): FilterProblem | undefined {
  const parsed = parseFilter(text, catalog);
  if (parsed.kind === "ok") return undefined;
  const { error } = parsed;
  const { message, expected, hint, line, column, offset, length } = error;
  return { message, expected, hint, line, column, from: offset, to: offset + length, fix: fixOf(text, error, catalog) };
}
