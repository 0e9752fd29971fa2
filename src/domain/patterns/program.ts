import type { RE2JS } from "re2js";

/** What an instruction does; numbers of our own, so that the machine's loop is a dense switch. */
export const op = { fork: 0, skip: 1, assert: 2, match: 3, rune: 4, fail: 5 } as const;

/** What holds between two characters: the bits of re2js. */
const between = { beginLine: 1, endLine: 2, beginText: 4, endText: 8, wordBoundary: 16, noWordBoundary: 32 };

/** What stands before or behind a place in the text, as far as assertions ask for it. */
export const beside = { edge: 0, newline: 1, word: 2, other: 3 } as const;

/**
 * A pattern as RE2 compiles it, in flat arrays: some 6 bytes an instruction instead of the 150 of re2js's objects, so that
 * thousands of them may be kept. Characters that no instruction tells apart are one class.
 */
export interface Program {
  readonly start: number;
  readonly ops: Uint8Array;
  readonly outs: Uint16Array;
  /** The other way of a fork, the bits of an assertion, the row in {@link accepts} of a rune. */
  readonly args: Uint16Array;
  /** Where classes begin, ascending; class 0 begins at 0. */
  readonly bounds: Int32Array;
  /** Classes of the characters below 256. */
  readonly latin1: Uint16Array;
  /** Of each class, and behind the last one of the end of the text: one of {@link beside}. */
  readonly kinds: Uint8Array;
  readonly classes: number;
  /** Bit by bit: row × classes + class. */
  readonly accepts: Uint8Array;
  /** It can match only from the beginning of the text. */
  readonly anchored: boolean;
  readonly bytes: number;
}

/** An instruction of re2js. */
interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly runes: Int32Array;
  matchRune(rune: number): boolean;
}

/** The numbers of re2js 2: a change there fails the comparison with re2js in program.test.ts. */
const theirs = { alt: 1, altMatch: 2, capture: 3, emptyWidth: 4, fail: 5, match: 6, nop: 7 };

/** @returns `undefined` when it has so many different character classes that their table would exceed `mostBytes`. */
export function programOf(compiled: RE2JS, mostBytes: number): Program | undefined {
  const { prog, dfa } = compiled.re2();
  const instructions = prog.inst as readonly Instruction[];
  const bounds = dfa.classBounds as Int32Array;
  const classes = bounds.length + 1;
  const ops = new Uint8Array(instructions.length);
  const outs = new Uint16Array(instructions.length);
  const args = new Uint16Array(instructions.length);
  const rows = new Rows();
  for (const [pc, instruction] of instructions.entries()) {
    outs[pc] = instruction.out;
    ops[pc] = opOf(instruction.op);
    args[pc] = instruction.arg;
    if (ops[pc] === op.rune) args[pc] = rows.of(instruction);
  }
  const { sets } = rows;
  const tableBytes = Math.ceil((sets.length * classes) / 8);
  if (tableBytes > mostBytes) return undefined;
  const accepts = new Uint8Array(tableBytes);
  for (const [row, set] of sets.entries()) {
    for (let cls = 0; cls < classes; cls += 1) {
      const bit = row * classes + cls;
      if (set.matchRune(cls === 0 ? 0 : (bounds[cls - 1] ?? 0)))
        accepts[bit >> 3] = (accepts[bit >> 3] ?? 0) | (1 << (bit & 7));
    }
  }
  return {
    start: prog.start,
    ops,
    outs,
    args,
    bounds,
    latin1: Uint16Array.from(dfa.latin1Class as Int32Array),
    kinds: kindsOf(bounds),
    classes,
    accepts,
    anchored: (prog.startCond() & between.beginText) !== 0,
    bytes: 1_000 + 5 * instructions.length + tableBytes + 5 * classes,
  };
}

/** Instructions that take the same characters share a row. */
class Rows {
  readonly sets: Instruction[] = [];
  readonly #byShape = new Map<string, number[]>();

  of(instruction: Instruction): number {
    const { op, arg, runes } = instruction;
    const shape = `${op}/${arg}/${runes.length}/${runes[0] ?? ""}/${runes.at(-1) ?? ""}`;
    const alike = this.#byShape.get(shape) ?? [];
    const known = alike.find((row) => {
      const other = this.sets[row]?.runes;
      return other === runes || other?.every((rune, index) => rune === runes[index]) === true;
    });
    if (known !== undefined) return known;
    const row = this.sets.push(instruction) - 1;
    this.#byShape.set(shape, [...alike, row]);
    return row;
  }
}

function opOf(theirOp: number): number {
  switch (theirOp) {
    case theirs.alt:
    case theirs.altMatch:
      return op.fork;
    case theirs.capture:
    case theirs.nop:
      return op.skip;
    case theirs.emptyWidth:
      return op.assert;
    case theirs.fail:
      return op.fail;
    case theirs.match:
      return op.match;
    default:
      return op.rune;
  }
}

/** Where an assertion asks for line ends or words, re2js has made classes of them, so that the first of a class stands for all. */
function kindsOf(bounds: Int32Array): Uint8Array {
  const kinds = new Uint8Array(bounds.length + 2);
  for (let cls = 0; cls <= bounds.length; cls += 1) kinds[cls] = kindOf(cls === 0 ? 0 : (bounds[cls - 1] ?? 0));
  kinds[bounds.length + 1] = beside.edge;
  return kinds;
}

function kindOf(rune: number): number {
  if (rune === 10) return beside.newline;
  const word = (rune >= 48 && rune <= 57) || (rune >= 65 && rune <= 90) || rune === 95 || (rune >= 97 && rune <= 122);
  return word ? beside.word : beside.other;
}

/** The assertions that hold between what stands before and behind. */
export function holding(before: number, behind: number): number {
  let bits = (before === beside.word) === (behind === beside.word) ? between.noWordBoundary : between.wordBoundary;
  if (before === beside.edge) bits |= between.beginText | between.beginLine;
  if (before === beside.newline) bits |= between.beginLine;
  if (behind === beside.edge) bits |= between.endText | between.endLine;
  if (behind === beside.newline) bits |= between.endLine;
  return bits;
}

/** The class of a character. */
export function classOf({ bounds, latin1 }: Program, rune: number): number {
  if (rune < 256) return latin1[rune] ?? 0;
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] ?? 0) <= rune) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Whether any text fits: false where a character would have to come before the beginning of the text, or behind its end. Assertions about
 * lines and words are taken to hold.
 */
export function canMatch({ start, ops, outs, args, accepts, classes }: Program): boolean {
  const takesSome = (row: number): boolean => {
    for (let bit = row * classes; bit < (row + 1) * classes; bit += 1) {
      if (((accepts[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0) return true;
    }
    return false;
  };
  // An instruction is looked at once in each of four ways: whether a character came before, and whether the text must end here.
  const seen = new Uint8Array(ops.length);
  const left: { readonly pc: number; readonly way: number }[] = [{ pc: start, way: 0 }];
  for (let place = left.pop(); place !== undefined; place = left.pop()) {
    const { pc, way } = place;
    if (((seen[pc] ?? 0) & (1 << way)) !== 0) continue;
    seen[pc] = (seen[pc] ?? 0) | (1 << way);
    const [out, arg] = [outs[pc] ?? 0, args[pc] ?? 0];
    switch (ops[pc]) {
      case op.match:
        return true;
      case op.fork:
        left.push({ pc: out, way }, { pc: arg, way });
        break;
      case op.skip:
        left.push({ pc: out, way });
        break;
      case op.assert:
        if ((arg & between.beginText) !== 0 && (way & passed) !== 0) break;
        left.push({ pc: out, way: (arg & between.endText) === 0 ? way : way | ended });
        break;
      case op.rune:
        if ((way & ended) === 0 && takesSome(arg)) left.push({ pc: out, way: way | passed });
        break;
      default:
        break;
    }
  }
  return false;
}

const passed = 1;
const ended = 2;
