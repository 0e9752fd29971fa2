import { type CompiledRegex, compileRegex } from "../patterns/regex.ts";
import { type Filter, readFilter } from "./filter.ts";
import { defaultFilterLimits } from "./limits.ts";
import { isKeyword, tokenize } from "./tokens.ts";
import type { FieldCatalog } from "./tree.ts";

/**
 * As {@link readFilter}, interrupted after each pattern of REGEXP: compiling one takes half a millisecond, and a filter may have dozens.
 *
 * @throws SignalboxError as {@link readFilter}.
 */
export function* readFilterInSteps(text: string, catalog: FieldCatalog): Generator<void, Filter, void> {
  const compiled = new Map<string, CompiledRegex>();
  const { maxLength, maxPatternLength, maxRegexProgram } = defaultFilterLimits;
  let left = maxRegexProgram;
  if (text.length <= maxLength) {
    for (const pattern of patternsIn(text)) {
      if (pattern.length > maxPatternLength) break;
      yield;
      const made = compileRegex(pattern, left);
      // Reading it says what is wrong.
      if (made.kind !== "ok") break;
      left -= made.programSize;
      compiled.set(pattern, made);
    }
  }
  yield;
  return readFilter(text, catalog, compiled);
}

/** What stands behind REGEXP, each once. */
function patternsIn(text: string): ReadonlySet<string> {
  const tokens = tokenize(text);
  const quoted = tokens.flatMap((token, at) => {
    const before = tokens[at - 1];
    return token.kind === "quoted" && before !== undefined && isKeyword(before, "REGEXP") ? [token.text] : [];
  });
  return new Set(quoted);
}
