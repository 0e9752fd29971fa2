/**
 * REGEXP: RE2 syntax, searched anywhere in the text, in time linear in the text whatever the pattern. Patterns come from
 * tenants, so they never reach JavaScript's own backtracking RegExp.
 */

import { RE2JS, RE2JSException, RE2JSSyntaxException } from "re2js";
import { defined } from "../defined.ts";
import { Machine } from "./machine.ts";
import { canMatch, programOf } from "./program.ts";
import { finder, shapeOf, shapeTest, type TextShape, type TextSteps, type TextTest } from "./text-test.ts";

/** A pattern, ready to be asked. */
export interface TextMatcher {
  readonly test: TextTest;
  /** What one character of a text may cost: visits of instructions, some 4 ns each. 0 where it costs next to nothing. */
  readonly programSize: number;
  /** The test, interrupted after about so many visits. Absent where {@link programSize} is 0. */
  readonly inSteps?: TextSteps;
  /** What it keeps in memory now, about. */
  readonly bytes: () => number;
  /** Whether any text fits at all. Absent where one does for certain. */
  readonly isPossible?: () => boolean;
}

export type CompiledRegex =
  | (TextMatcher & { readonly kind: "ok" })
  /** `at` is an index into the pattern. */
  | { readonly kind: "invalid"; readonly message: string; readonly at: number; readonly hint?: string }
  | { readonly kind: "too_large" };

/**
 * Memory for the states of one pattern, and for its table of character classes. A hostile pattern has more states than any memory
 * holds; what people write has some dozens, of half a KiB.
 */
const stateBytes = 49_152;
const tableBytes = 65_536;
/** Numbers of instructions are 16 bits wide. */
const mostInstructions = 60_000;
const plainBytes = 200;

/** Compiles `pattern`. What would compile to more than `maxProgram` instructions is refused before it is built. */
export function compileRegex(pattern: string, maxProgram: number): CompiledRegex {
  const shape = plainShape(pattern);
  if (shape !== undefined) return { kind: "ok", ...plainMatcher(shapeTest(shape)) };
  const most = Math.min(maxProgram, mostInstructions);
  // The estimate errs on the high side, by less than two; the exact size is known only once the memory is spent.
  const tables = tablesCost(pattern);
  if (estimatedProgram(pattern) > 2 * most || tables > most) return { kind: "too_large" };
  try {
    const compiled = RE2JS.compile(pattern);
    const programSize = compiled.programSize() + tables;
    if (programSize > most) return { kind: "too_large" };
    const program = programOf(compiled, tableBytes);
    if (program === undefined) return { kind: "too_large" };
    const machine = new Machine(program, stateBytes);
    const needed = requiredTexts(compiled.re2().prefilter as Prefilter | null).map(finder);
    const possible = (text: string): boolean => needed.every((find) => find(text, 0) >= 0);
    const test = (text: string): boolean => possible(text) && machine.test(text);
    const inSteps = function* (text: string, visits: number): Generator<void, boolean, void> {
      return possible(text) && (yield* machine.inSteps(text, visits));
    };
    return { kind: "ok", test, programSize, inSteps, bytes: () => machine.bytes, isPossible: () => canMatch(program) };
  } catch (thrown) {
    if (thrown instanceof RE2JSSyntaxException) return invalid(pattern, thrown.getDescription(), thrown.getPattern());
    if (thrown instanceof RE2JSException) return invalid(pattern, thrown.message, null);
    throw thrown;
  }
}

/** Of a test that takes time linear in the text. */
export function plainMatcher(test: TextTest): TextMatcher {
  return { test, programSize: 0, bytes: () => plainBytes };
}

/** What re2js knows that a text must hold to match. */
interface Prefilter {
  readonly type: number;
  readonly str: string;
  readonly subs: readonly Prefilter[];
}

const exact = 1;
const all = 2;

/** Texts that must all occur in whatever matches: a search for them is the fastest way to say no. */
function requiredTexts(prefilter: Prefilter | null): readonly string[] {
  if (prefilter === null) return [];
  const parts = prefilter.type === all ? prefilter.subs : [prefilter];
  return parts.filter(({ type }) => type === exact).map(({ str }) => str);
}

/** re2js names the part that it stumbled over, not where it is: only a part that occurs once has a place. */
function invalid(pattern: string, description: string, part: string | null): CompiledRegex {
  const first = part === null || part === "" ? -1 : pattern.indexOf(part);
  const at = first >= 0 && pattern.lastIndexOf(part ?? "") === first ? first : 0;
  const hint = hints.find(([form]) => form.test(part ?? ""))?.[1];
  const named = part === null || part === pattern ? "" : ` ${part}`;
  return {
    kind: "invalid",
    message: `${description}${named}`,
    at,
    ...defined({ hint }),
  };
}

const noLookaround =
  "RE2 has no lookahead or lookbehind; combine conditions instead: key REGEXP … AND NOT key REGEXP …";
const hints: readonly (readonly [RegExp, string])[] = [
  [/^\(\?<?[=!]/, noLookaround],
  [/^\(\?>/, "RE2 has no atomic groups; it never backtracks, so a plain group (?:…) is as fast"],
  [/^\\[1-9k]/, "RE2 has no backreferences"],
  [/^[*+?}]\+$/, "RE2 has no possessive repetition; it never backtracks, so leave out the +"],
  [/^\{\d/, "a repetition goes up to 1000, also of what repeats within it"],
  [/^\)$/, "a bracket that is meant as itself is written \\)"],
  [/^\*\*/, "any text is .* in a pattern, also across slashes"],
  [
    /^[*+?]$/,
    "there is nothing before it to repeat; any text is .* in a pattern, or % with LIKE; a sign that is meant as itself takes a backslash",
  ],
];

const meta = new Set("\\.+*?()|[]{}^$");

/**
 * The plain text that a pattern looks for, if it is no more than that: `^images`, `\.jpg$`, `.*\.txt$`, `report`.
 * A leading or final `.*` is nothing in a search that is not anchored on that side.
 */
export function plainShape(pattern: string): TextShape | undefined {
  const start = pattern.startsWith("^");
  let index = start ? 1 : pattern.startsWith(".*") ? 2 : 0;
  let literal = "";
  while (index < pattern.length) {
    const character = pattern.charAt(index);
    const next = pattern.charAt(index + 1);
    const rest = pattern.slice(index);
    if (rest === "$") return shapeOf(literal, { start, end: true });
    if (rest === ".*") return shapeOf(literal, { start, end: false });
    if (character === "\\" && /^[^\p{L}\p{N}\s]$/u.test(next) && next.charCodeAt(0) < 0x80) {
      literal += next;
      index += 2;
    } else if (meta.has(character)) {
      return undefined;
    } else {
      literal += character;
      index++;
    }
  }
  return shapeOf(literal, { start, end: false });
}

/**
 * How many instructions `pattern` would compile to, roughly and rather too many: repetitions are copies, so
 * `((a{1000}){1000}){1000}` is a billion. Says nothing about whether the pattern is valid.
 */
function estimatedProgram(pattern: string): number {
  const outer: number[] = [];
  let total = 0;
  let last = 0;
  let index = 0;
  while (index < pattern.length) {
    const character = pattern.charAt(index);
    const step = atomAt(pattern, index);
    const repeat = character === "{" ? repetitionAt(pattern, index) : undefined;
    if (character === "(") {
      outer.push(total);
      total = 0;
      last = 0;
    } else if (character === ")") {
      last = total + 2;
      total = (outer.pop() ?? 0) + last;
    } else if (repeat !== undefined) {
      const copies = (last + repeat.each) * repeat.times;
      total += copies - last;
      last = copies;
    } else if (character === "*" || character === "+" || character === "?" || character === "|") {
      total++;
      last = character === "|" ? 0 : last + 1;
    } else {
      // Of a quotation only the last character is what a repetition behind it repeats.
      total += pattern.startsWith("\\Q", index) ? step : 1;
      last = 1;
    }
    index += repeat?.length ?? step;
  }
  return outer.reduce((sum, cost) => sum + cost, total);
}

/** What a class of Unicode costs in instructions: a quarter of a millisecond to compile, and kilobytes. */
const unicodeClassCost = 20;
/** With `(?i)` re2js looks at the characters of a range one by one: 5 ms for all that have two cases. */
const foldedPerInstruction = 150;
const lastFolded = 0x1e943;

/** What the character classes of a pattern cost beside its instructions, in instructions. */
function tablesCost(pattern: string): number {
  const classes = pattern.match(/\\[pP]/g)?.length ?? 0;
  let folded = 0;
  if (/\(\?[a-z]*i/i.test(pattern)) {
    for (const [, from = "", to = ""] of pattern.matchAll(ranges)) {
      const span = Math.min(codeOf(to), lastFolded) - codeOf(from);
      folded += Math.max(0, Math.floor(span / foldedPerInstruction));
    }
  }
  return classes * unicodeClassCost + folded;
}

const ranges = /(\\x\{[\da-f]+\}|\\x[\da-f]{2}|\\?[^])-(?=(\\x\{[\da-f]+\}|\\x[\da-f]{2}|\\?[^]))/giu;

/** The character that an end of a range stands for. */
function codeOf(written: string): number {
  const hex = /^\\x\{?([\da-f]+)/i.exec(written)?.[1];
  return hex === undefined ? (written.replace(/^\\/, "").codePointAt(0) ?? 0) : Number.parseInt(hex, 16);
}

const atom =
  /\\Q(?:(?!\\E)[^])*(?:\\E)?|\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\[^]|\[\^?\]?(?:\\[^]|\[:\^?\w+:\]|[^\]\\])*\]|[^]/uy;

/** How long the character, escape, quotation (`\Q…\E`) or character class at `index` is. */
function atomAt(pattern: string, index: number): number {
  atom.lastIndex = index;
  return atom.test(pattern) ? atom.lastIndex - index : 1;
}

const repetition = /\{(\d+)(,?)(\d*)\}/y;

interface Repetition {
  /** How many copies it makes. */
  readonly times: number;
  /** What each of them costs beside itself: those that may be left out need a branch. */
  readonly each: number;
  readonly length: number;
}

function repetitionAt(pattern: string, index: number): Repetition | undefined {
  repetition.lastIndex = index;
  const match = repetition.exec(pattern);
  if (match === null) return undefined;
  const [whole, least, comma, most] = match;
  const exact = comma === "";
  const times = exact ? Number(least) : Math.max(Number(least) + 1, Number(most));
  return { times, each: exact ? 0 : 1, length: whole.length };
}
