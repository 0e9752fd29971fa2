/** LIKE: `%` is any text, `_` any one character, a backslash takes the next of these as it is. Anchored at both ends. */
import { RE2JS } from "re2js";
import { compileRegex, plainMatcher, type TextMatcher } from "./regex.ts";
import { finder, shapeOf, shapeTest, type TextTest } from "./text-test.ts";

const escape = "\\";
/** What `_` became while a pattern is read; an object, so no character can be taken for it. */
const anyCharacter = Symbol("_");
type Piece = string | typeof anyCharacter;

type EscapedPattern =
  | { readonly kind: "ok"; readonly pattern: string }
  | { readonly kind: "error"; readonly message: string; readonly at: number };

/**
 * A pattern written with `escaped` (one character, or empty for none) → the same with backslashes, as trees keep it.
 * An escape before anything but `%`, `_` or itself is an error: it would be a path like `C:\temp` more often than meant.
 */
export function withBackslashes(pattern: string, escaped: string): EscapedPattern {
  let result = "";
  let index = 0;
  while (index < pattern.length) {
    const character = String.fromCodePoint(pattern.codePointAt(index) ?? 0);
    const next = pattern.charAt(index + character.length);
    if (character === escaped) {
      const whole = pattern.startsWith(escaped, index + escaped.length) ? escaped : next;
      if (whole !== escaped && whole !== "%" && whole !== "_") {
        return { kind: "error", message: `${escaped} stands before %, _ or ${escaped} only`, at: index };
      }
      result += literally(whole);
      index += character.length + whole.length;
    } else {
      result += character === escape ? escape + escape : character;
      index += character.length;
    }
  }
  return { kind: "ok", pattern: result };
}

function literally(character: string): string {
  return character === "%" || character === "_" || character === escape ? escape + character : character;
}

/**
 * What a pattern with backslashes asks of a text. Without `_` its parts are looked for from left to right, in time linear in the text;
 * with `_` it runs as a pattern of RE2 does, at one instruction for each of its characters.
 *
 * @throws TypeError for more characters than RE2 has instructions: filters may have 1000.
 */
export function likeMatcher(pattern: string): TextMatcher {
  const parts = partsOf(pattern);
  const texts = parts.flatMap((part) => (part.includes(anyCharacter) ? [] : [part.join("")]));
  if (texts.length === parts.length) return plainMatcher(partsTest(texts));
  const written = parts.map((part) =>
    part.map((piece) => (piece === anyCharacter ? "." : RE2JS.quote(piece))).join(""),
  );
  const compiled = compileRegex(`(?s)^${written.join(".*")}$`, Number.POSITIVE_INFINITY);
  if (compiled.kind !== "ok") throw new TypeError("a LIKE pattern could not be compiled");
  return compiled;
}

/** The plain texts that a pattern begins and ends with, and all of its parts, if it has no `_`. */
export function splitLike(pattern: string): {
  readonly first: string;
  readonly last: string;
  readonly plain: readonly string[] | undefined;
} {
  const parts = partsOf(pattern);
  const [first = [], last = []] = [parts[0], parts.at(-1)];
  const until = first.indexOf(anyCharacter);
  return {
    first: first.slice(0, until < 0 ? first.length : until).join(""),
    last: last.slice(last.lastIndexOf(anyCharacter) + 1).join(""),
    plain: parts.every((part) => !part.includes(anyCharacter)) ? parts.map((part) => part.join("")) : undefined,
  };
}

/** The test alone. */
export function likeTest(pattern: string): TextTest {
  return likeMatcher(pattern).test;
}

/** The texts follow each other, the first at the beginning and the last at the end. */
function partsTest(texts: readonly string[]): TextTest {
  const first = texts[0] ?? "";
  const last = texts.at(-1) ?? "";
  const between = texts.slice(1, -1);
  const finders = between.map((part) => ({ find: finder(part), length: part.length }));
  if (texts.length === 1) return shapeTest(shapeOf(first, { start: true, end: true }));
  if (texts.length === 2 && first === "") return shapeTest(shapeOf(last, { start: false, end: true }));
  if (texts.length === 2 && last === "") return shapeTest(shapeOf(first, { start: true, end: false }));
  if (texts.length === 3 && first === "" && last === "") {
    return shapeTest(shapeOf(between.join(""), { start: false, end: false }));
  }
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const { find, length } of finders) {
      const found = find(text, at);
      if (found < 0) return false;
      at = found + length;
    }
    return at <= text.length - last.length;
  };
}

/** What stands between the `%`s, character by character. */
function partsOf(pattern: string): readonly (readonly Piece[])[] {
  const parts: Piece[][] = [];
  let part: Piece[] = [];
  const characters = Array.from(pattern);
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? "";
    if (character === "%") {
      parts.push(part);
      part = [];
    } else if (character === "_") {
      part.push(anyCharacter);
    } else if (character === escape) {
      index++;
      part.push(characters[index] ?? "");
    } else {
      part.push(character);
    }
  }
  parts.push(part);
  // `%%` is `%`: an empty part between two others asks for nothing.
  return parts.filter((part, index) => part.length > 0 || index === 0 || index === parts.length - 1);
}
