import { Refusal } from "./filter-error.ts";
import { type CompiledRegex, compileRegex } from "./regex.ts";
import type { TextTest } from "./text-test.ts";
import type { Token } from "./tokens.ts";

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
}

export const defaultFilterLimits: FilterLimits = {
  maxLength: 8192,
  maxDepth: 32,
  maxTerms: 256,
  maxPatternLength: 1000,
  maxRegexProgram: 1000,
};

/** What is left of the limits while one filter is read. */
export class Budget {
  readonly limits: FilterLimits;
  /** By pattern: the same pattern twice is compiled, and counted, once. */
  readonly regexes: Map<string, TextTest> = new Map();
  #terms = 0;
  #program = 0;

  constructor(limits: FilterLimits) {
    this.limits = limits;
  }

  /** Counts a predicate or a listed value that starts at `token`. */
  spendTerm({ offset }: Token): void {
    this.#terms++;
    const { maxTerms } = this.limits;
    if (this.#terms <= maxTerms) return;
    const message = `a filter may have at most ${maxTerms} predicates and listed values`;
    throw new Refusal(message, { code: "too_many_terms", offset, hint: "use several rules, or a pattern" });
  }

  /** `depth` is that of what `token` opens. */
  checkDepth(depth: number, { offset }: Token): void {
    const { maxDepth } = this.limits;
    if (depth <= maxDepth) return;
    const message = `parentheses and NOTs may be nested at most ${maxDepth} deep`;
    throw new Refusal(message, { code: "too_deep", offset });
  }

  checkPatternLength(pattern: string, { offset }: Token): void {
    const { maxPatternLength } = this.limits;
    if (pattern.length <= maxPatternLength) return;
    const message = `a pattern may have at most ${maxPatternLength} characters; this one has ${pattern.length}`;
    throw new Refusal(message, { code: "too_long", offset });
  }

  /** Compiles a pattern once, within what is left for patterns. */
  regex(pattern: string): CompiledRegex {
    const known = this.regexes.get(pattern);
    if (known !== undefined) return { kind: "ok", test: known, programSize: 0 };
    const compiled = compileRegex(pattern, this.limits.maxRegexProgram - this.#program);
    if (compiled.kind === "ok") {
      this.#program += compiled.programSize;
      this.regexes.set(pattern, compiled.test);
    }
    return compiled;
  }
}
