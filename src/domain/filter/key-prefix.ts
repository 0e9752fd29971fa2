/** What all keys that a condition may want begin with: a list has to look at no others. */
import { plainShape } from "../patterns/regex.ts";
import type { FilterCondition } from "./tree.ts";

/** Empty where nothing is known. `undefined`: no key fits, because two prefixes that it asks for exclude each other. */
export function keyPrefixOf(condition: FilterCondition | undefined): string | undefined {
  if (condition === undefined) return "";
  const terms = condition.kind === "and" ? condition.terms : [condition];
  let prefix = "";
  for (const term of terms) {
    const own = prefixOf(term);
    if (!own.startsWith(prefix) && !prefix.startsWith(own)) return undefined;
    if (own.length > prefix.length) prefix = own;
  }
  return prefix;
}

function prefixOf(term: FilterCondition): string {
  if (!("field" in term) || term.field.name !== "key") return "";
  switch (term.kind) {
    case "compare":
      return term.operator === "=" && typeof term.value === "string" ? term.value : "";
    case "like":
      return term.negated ? "" : likePrefix(term.pattern);
    case "regexp": {
      const shape = term.negated ? undefined : plainShape(term.pattern);
      return shape !== undefined && (shape.kind === "prefix" || shape.kind === "equals") ? shape.text : "";
    }
    default:
      return "";
  }
}

/** What stands before the first sign that is a wildcard; `pattern` escapes with backslashes. */
export function likePrefix(pattern: string): string {
  const [literal = ""] = /^(?:[^%_\\]|\\[^])*/.exec(pattern) ?? [];
  return literal.replaceAll(/\\([^])/g, "$1");
}
