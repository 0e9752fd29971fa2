import { likeMatcher } from "../patterns/like.ts";
import { type CompiledRegex, compileRegex, plainMatcher, type TextMatcher } from "../patterns/regex.ts";
import { FilterRefusal } from "./filter-error.ts";
import type { FilterToken } from "./tokens.ts";
import { type KnownField, longestText } from "./tree.ts";

/** What a filter may cost, so that no tenant's filter can be slow to read or to evaluate. */
export interface FilterLimits {
  /** Of the whole text, in UTF-16 code units. */
  readonly maxLength: number;
  /** Parentheses and NOTs within each other. */
  readonly maxDepth: number;
  /** Predicates, and each value in an IN list. */
  readonly maxTerms: number;
  /** Of one REGEXP or LIKE pattern, in UTF-16 code units. */
  readonly maxPatternLength: number;
  /** RE2 instructions of all REGEXP patterns together; what one character of a key may cost. Plain texts are free. */
  readonly maxRegexProgram: number;
  /** Instructions × the longest text of their field, of all REGEXP patterns and LIKE patterns with `_`: what one event may cost. */
  readonly maxCost: number;
  /** Patterns are taken as they are: for the tree of a filter that can be read, without what compiling it takes. */
  readonly unread?: true;
}

export const defaultFilterLimits: FilterLimits = {
  maxLength: 8192,
  maxDepth: 32,
  maxTerms: 256,
  maxPatternLength: 1000,
  maxRegexProgram: 1000,
  // Measured: 3.3 to 4 ns a visit, so 8 ms at the worst.
  maxCost: 2000 * 1024,
};

/**
 * For filters that were accepted already, maybe under wider limits of an older version: only what would take long to compile, or much
 * memory, is refused. What they cost is bounded by their tenant's budget.
 */
export const storedFilterLimits: FilterLimits = {
  maxLength: 65_536,
  maxDepth: 128,
  maxTerms: 8192,
  maxPatternLength: 8192,
  maxRegexProgram: 4000,
  maxCost: Number.POSITIVE_INFINITY,
};

/** For the tree alone. */
export const treeLimits: FilterLimits = { ...storedFilterLimits, unread: true };

/** What is left of the limits while one filter is read. */
export class FilterBudget {
  readonly limits: FilterLimits;
  /** Of REGEXP, by pattern: the same pattern twice is compiled, and counted, once. */
  readonly regexes: Map<string, TextMatcher> = new Map();
  /** Of LIKE, likewise. */
  readonly likes: Map<string, TextMatcher> = new Map();
  /** By pattern and field: they are asked once of an event, however often they are written. */
  readonly #charged = new Set<string>();
  #terms = 0;
  #program = 0;
  #cost = 0;

  readonly #compiled: ReadonlyMap<string, CompiledRegex>;

  /** @param compiled patterns of REGEXP that were compiled before, for this filter alone. */
  constructor(limits: FilterLimits, compiled: ReadonlyMap<string, CompiledRegex> = new Map()) {
    this.limits = limits;
    this.#compiled = compiled;
  }

  /** Counts a predicate or a listed value that starts at `token`. */
  spendTerm({ offset }: FilterToken): void {
    this.#terms++;
    const { maxTerms } = this.limits;
    if (this.#terms <= maxTerms) return;
    const message = `a filter may have at most ${maxTerms} predicates and listed values`;
    throw new FilterRefusal(message, { code: "too_many_terms", offset, hint: "use several rules, or a pattern" });
  }

  /** `depth` is that of what `token` opens. */
  checkDepth(depth: number, { offset }: FilterToken): void {
    const { maxDepth } = this.limits;
    if (depth <= maxDepth) return;
    const message = `parentheses and NOTs may be nested at most ${maxDepth} deep`;
    throw new FilterRefusal(message, { code: "too_deep", offset });
  }

  checkPatternLength(pattern: string, { offset }: FilterToken): void {
    const { maxPatternLength } = this.limits;
    if (pattern.length <= maxPatternLength) return;
    const message = `a pattern may have at most ${maxPatternLength} characters; this one has ${pattern.length}`;
    throw new FilterRefusal(message, { code: "too_long", offset });
  }

  /** Compiles a pattern of REGEXP once, within what is left for patterns. */
  regex(pattern: string, field: KnownField): CompiledRegex | { readonly kind: "too_costly" } {
    if (this.limits.unread === true) return unreadPattern;
    const known = this.regexes.get(pattern);
    if (known !== undefined) return this.#charge(`R${pattern}`, field, known);
    const left = this.limits.maxRegexProgram - this.#program;
    const before = this.#compiled.get(pattern);
    const compiled = before?.kind === "ok" && before.programSize <= left ? before : compileRegex(pattern, left);
    if (compiled.kind !== "ok") return compiled;
    this.#program += compiled.programSize;
    this.regexes.set(pattern, compiled);
    return this.#charge(`R${pattern}`, field, compiled);
  }

  /** The same for LIKE. `pattern` escapes with backslashes. */
  like(pattern: string, field: KnownField): { readonly kind: "ok" | "too_costly" } {
    if (this.limits.unread === true) return unreadPattern;
    const matcher = this.likes.get(pattern) ?? likeMatcher(pattern);
    this.likes.set(pattern, matcher);
    return this.#charge(`L${pattern}`, field, matcher);
  }

  #charge(
    pattern: string,
    field: KnownField,
    matcher: TextMatcher,
  ): (TextMatcher & { readonly kind: "ok" }) | { readonly kind: "too_costly" } {
    const key = `${field.name}\0${pattern}`;
    if (!this.#charged.has(key)) this.#cost += matcher.programSize * longestText(field);
    this.#charged.add(key);
    return this.#cost > this.limits.maxCost ? { kind: "too_costly" } : { ...matcher, kind: "ok" };
  }
}

const unreadPattern = {
  ...plainMatcher(() => {
    throw new TypeError("a pattern was asked that had not been read");
  }),
  kind: "ok",
} as const;
