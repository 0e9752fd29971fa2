/** LIKE: `%` is any text, `_` any one character, a backslash takes the next of these as it is. Anchored at both ends. */
import { shapeOf, shapeTest, type TextTest } from "./text-test.ts";

const escape = "\\";
/** What `_` became while a pattern is read; an object, so no character can be taken for it. */
const anyCharacter = Symbol("_");
type Piece = string | typeof anyCharacter;

export type EscapedPattern =
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
 * The test of a pattern with backslashes. Time is at most (length of the text) × (length of the pattern): parts between
 * two `%` are looked for from left to right and none is ever looked for again.
 */
export function likeTest(pattern: string): TextTest {
  const parts = partsOf(pattern);
  const texts = parts.map((part) => (part.includes(anyCharacter) ? undefined : part.join("")));
  const [first, second, third] = texts;
  if (parts.length === 1 && first !== undefined) return shapeTest(shapeOf(first, { start: true, end: true }));
  if (parts.length === 2 && first === "" && second !== undefined) {
    return shapeTest(shapeOf(second, { start: false, end: true }));
  }
  if (parts.length === 2 && second === "" && first !== undefined) {
    return shapeTest(shapeOf(first, { start: true, end: false }));
  }
  if (parts.length === 3 && first === "" && third === "" && second !== undefined) {
    return shapeTest(shapeOf(second, { start: false, end: false }));
  }
  return (text) => fits(Array.from(text), parts);
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

function fits(text: readonly string[], parts: readonly (readonly Piece[])[]): boolean {
  const first = parts[0] ?? [];
  if (parts.length === 1) return text.length === first.length && standsAt(text, 0, first);
  const last = parts[parts.length - 1] ?? [];
  const end = text.length - last.length;
  if (end < first.length || !standsAt(text, 0, first) || !standsAt(text, end, last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    while (at + part.length <= end && !standsAt(text, at, part)) at++;
    at += part.length;
    if (at > end) return false;
  }
  return true;
}

/** A plain loop: this runs for each character of the text. */
function standsAt(text: readonly string[], at: number, part: readonly Piece[]): boolean {
  for (let index = 0; index < part.length; index++) {
    const piece = part[index];
    if (piece !== anyCharacter && piece !== text[at + index]) return false;
  }
  return true;
}
