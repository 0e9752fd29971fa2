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
    case "contains":
      return (text) => text.includes(wanted);
    default:
      return kind satisfies never;
  }
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
