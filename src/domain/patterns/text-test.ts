/** Tests of a text, and their order. */

export type TextTest = (text: string) => boolean;
/** A test that yields after about so many visits of instructions. */
export type TextSteps = (text: string, visits: number) => Generator<void, boolean, void>;

/** What most patterns come down to. Cheap to run, and what an index over many filters can look up. */
export interface TextShape {
  readonly kind: "equals" | "prefix" | "suffix" | "contains";
  readonly text: string;
}

export function shapeOf(literal: string, anchors: { readonly start: boolean; readonly end: boolean }): TextShape {
  const { start, end } = anchors;
  return { kind: start ? (end ? "equals" : "prefix") : end ? "suffix" : "contains", text: literal };
}

export function shapeTest({ kind, text: wanted }: TextShape): TextTest {
  switch (kind) {
    case "equals":
      return (text) => text === wanted;
    case "prefix":
      return (text) => text.startsWith(wanted);
    case "suffix":
      return (text) => text.endsWith(wanted);
    case "contains": {
      const find = finder(wanted);
      return (text) => find(text, 0) >= 0;
    }
    default:
      return kind satisfies never;
  }
}

/** Where a text is first found at or behind `from`; below zero: nowhere. */
export type Find = (text: string, from: number) => number;

/** Comparisons of characters that `indexOf` may take: some milliseconds at the worst. */
const mostComparisons = 2 ** 20;

/**
 * Finds `part` in time linear in the text. `indexOf` takes part × text where both repeat themselves: 0.1 s for a thousand characters
 * in 256 KiB. It is faster on what people write, and so is asked where it cannot take long.
 */
export function finder(part: string): Find {
  let borders: Uint16Array | undefined;
  return (text, from) => {
    if (part.length > 0xffff || part.length * (text.length - from) <= mostComparisons) return text.indexOf(part, from);
    borders ??= bordersOf(part);
    return findByBorders(text, from, { part, borders });
  };
}

/** For each beginning of `part`, the length of the longest other beginning that it ends with. */
function bordersOf(part: string): Uint16Array {
  const borders = new Uint16Array(part.length);
  let border = 0;
  for (let index = 1; index < part.length; index++) {
    const unit = part.charCodeAt(index);
    while (border > 0 && unit !== part.charCodeAt(border)) border = borders[border - 1] ?? 0;
    if (unit === part.charCodeAt(border)) border++;
    borders[index] = border;
  }
  return borders;
}

/** Knuth, Morris and Pratt's search. */
function findByBorders(
  text: string,
  from: number,
  { part, borders }: { readonly part: string; readonly borders: Uint16Array },
): number {
  let fits = 0;
  for (let index = from; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    while (fits > 0 && unit !== part.charCodeAt(fits)) fits = borders[fits - 1] ?? 0;
    if (unit === part.charCodeAt(fits)) fits++;
    if (fits === part.length) return index + 1 - fits;
  }
  return -1;
}

/**
 * Negative, zero or positive as `a` sorts before, with or behind `b`: by code point, which is the order of their UTF-8
 * bytes and of object keys in S3 lists. JavaScript's `<` goes by UTF-16 units and puts U+FFFD behind U+1F600.
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [x, y] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** UTF-16 units in the order of the code points that they belong to: surrogates behind all others. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
