import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RE2JS, RE2JSException } from "re2js";
import { Machine } from "./machine.ts";
import { programOf } from "./program.ts";

const tableBytes = 65_536;

function machineOf(compiled: RE2JS, stateBytes: number): Machine {
  const program = programOf(compiled, tableBytes);
  assert.ok(program !== undefined);
  return new Machine(program, stateBytes);
}

/** The same numbers each time. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % sides;
  };
}

// prettier-ignore
const atoms = [
  "a",
  "b",
  "k",
  "ß",
  "é",
  "😀",
  "\\n",
  ".",
  "(?s:.)",
  "[a-c]",
  "[^a]",
  "\\w",
  "\\W",
  "\\b",
  "\\B",
  "^",
  "$",
  "(?m:^)",
  "(?m:$)",
  "\\d",
  "\\p{L}",
  "(?i:k)",
  "(?i:[kßs])",
  "(?i:σ)",
  "\\pN",
  "[[:alpha:]]",
  "\\A",
  "\\z",
  "\\s",
];
// prettier-ignore
const letters = [
  "a",
  "b",
  "c",
  "k",
  "K",
  "\u212a",
  "ß",
  "ẞ",
  "s",
  "ſ",
  "é",
  "σ",
  "ς",
  "Σ",
  "😀",
  "\ud83d",
  "\ude00",
  "\n",
  " ",
  "1",
  "_",
  "-",
  "٣",
  "z",
];

function patternBy(roll: (sides: number) => number, depth = 0): string {
  const part = (): string => patternBy(roll, depth + 1);
  switch (depth > 3 ? 0 : roll(7)) {
    case 1:
      return `(?:${part()})*`;
    case 2:
      return `(${part()}|${part()})`;
    case 3:
      return `(?:${part()}){${roll(3)},${2 + roll(4)}}`;
    case 4:
      return part() + part();
    case 5:
      return part() + part() + part();
    case 6:
      return `(?:${part()})?`;
    default:
      return atoms[roll(atoms.length)] ?? "";
  }
}

function compiledBy(roll: (sides: number) => number): RE2JS {
  for (;;) {
    try {
      return RE2JS.compile(patternBy(roll));
    } catch (thrown) {
      // A repetition of nothing, or of too much.
      if (!(thrown instanceof RE2JSException)) throw thrown;
    }
  }
}

function stepped(machine: Machine, text: string, visits: number): { readonly came: boolean; readonly yields: number } {
  const steps = machine.inSteps(text, visits);
  for (let yields = 0; ; yields += 1) {
    const { done, value } = steps.next();
    if (done === true) return { came: value, yields };
  }
}

describe("a machine says what re2js says", () => {
  for (const seed of [1, 2, 3]) {
    test(`of 400 patterns by dice, seed ${seed}, with many states, few, and none`, () => {
      const roll = dice(seed);
      for (let turn = 0; turn < 400; turn += 1) {
        const compiled = compiledBy(roll);
        const machines = [49_152, 900, 1].map((bytes) => machineOf(compiled, bytes));
        for (let texts = 0; texts < 8; texts += 1) {
          const text = Array.from({ length: roll(12) }, () => letters[roll(letters.length)]).join("");
          const expected = compiled.test(text);
          for (const machine of machines) {
            const about = `${compiled.pattern()} on ${JSON.stringify(text)}`;
            assert.equal(machine.test(text), expected, about);
            assert.equal(stepped(machine, text, 3).came, expected, `${about}, in steps`);
          }
        }
      }
    });
  }
});

test("steps are as long as asked for, also while others run in between", () => {
  const pattern = RE2JS.compile("[ab]*a[ab]{901}[^ab]");
  const [one, other] = [machineOf(pattern, 20_000), machineOf(pattern, 20_000)];
  const text = "ab".repeat(512);
  const [first, second] = [one.inSteps(text, 10_000), other.inSteps(`${text}c`, 10_000)];
  let yields = 0;
  const came = new Map<typeof first, boolean>();
  while (came.size < 2) {
    for (const work of [first, second]) {
      if (came.has(work)) continue;
      const { done, value } = work.next();
      if (done === true) came.set(work, value);
      else yields += 1;
    }
  }
  assert.deepEqual([came.get(first), came.get(second)], [false, true]);
  // 512 × 900 visits at the most, of each.
  assert.ok(yields > 30 && yields < 2 * 93, `${yields} yields`);
});

test("memory is bounded by what was given", () => {
  const machine = machineOf(RE2JS.compile("(a|b)*a(a|b){30}$"), 20_000);
  const roll = dice(9);
  for (let turn = 0; turn < 200; turn += 1) {
    machine.test(Array.from({ length: 500 }, () => (roll(2) === 0 ? "a" : "b")).join(""));
  }
  assert.ok(machine.bytes < 25_000, `${machine.bytes} bytes`);
});

test("too many different classes of characters are refused", () => {
  const classes = Array.from({ length: 120 }, (_, index) => `[\\pL${String.fromCodePoint(0x2000 + index)}]x`).join("");
  assert.equal(programOf(RE2JS.compile(classes), 10_000), undefined);
});
