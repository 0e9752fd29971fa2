import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { threadMsNow, within } from "../../../test/support/cpu-limits.ts";
import { printFilter } from "../../../test/support/filters.ts";
import type { Parsed } from "./filter.ts";
import { type FilterError, objectFields, parseFilter, type ReadField } from "./index.ts";
import { defaultFilterLimits, type FilterLimits } from "./limits.ts";

function parse(text: string, limits: Partial<FilterLimits> = {}): Parsed {
  return parseFilter(text, objectFields, { ...defaultFilterLimits, ...limits });
}

function errorOf(parsed: Parsed): FilterError {
  if (parsed.kind === "ok") assert.fail("was accepted");
  return parsed.error;
}

function matches(text: string, key: string): boolean {
  const parsed = parse(text);
  if (parsed.kind === "error") assert.fail(`${parsed.error.code}: ${parsed.error.message}`);
  const read: ReadField = (name) => (name === "key" ? key : undefined);
  return parsed.filter.matches(read);
}

const endless: Partial<FilterLimits> = { maxLength: 100_000_000 };

describe("length", () => {
  const filler = (length: number): string => `key = '${"a".repeat(length - 8)}'`;
  test("8192 characters are accepted, one more is not", () => {
    assert.equal(parse(filler(8192)).kind, "ok");
    const error = errorOf(parse(filler(8193)));
    assert.deepEqual([error.code, error.offset], ["too_long", 8192]);
    assert.match(error.message, /8192.*8193/);
  });
  test("10 MB are refused without being read", () => {
    assert.equal(errorOf(parse("(".repeat(10_000_000))).code, "too_long");
    assert.equal(errorOf(parse("\n".repeat(10_000_000))).line, 8193);
  });
});

describe("depth", () => {
  const nested = (depth: number): string => `${"(".repeat(depth)}key = 'a'${")".repeat(depth)}`;
  test("32 parentheses are accepted, and the 33rd is pointed at", () => {
    assert.equal(parse(nested(32)).kind, "ok");
    const error = errorOf(parse(nested(33)));
    assert.deepEqual([error.code, error.column], ["too_deep", 33]);
  });
  test("NOTs count too", () => {
    assert.equal(parse(`${"NOT ".repeat(32)}key = 'a'`).kind, "ok");
    assert.equal(errorOf(parse(`${"NOT ".repeat(33)}key = 'a'`)).code, "too_deep");
    assert.equal(errorOf(parse(`${"NOT (".repeat(17)}key = 'a'${")".repeat(17)}`)).code, "too_deep");
  });
  test("parentheses beside each other do not add up", () => {
    assert.equal(parse(Array.from({ length: 100 }, () => "(key = 'a')").join(" AND ")).kind, "ok");
  });
  test("100,000 of them do not overflow the stack, whatever the length allowed", () => {
    assert.equal(errorOf(parse("(".repeat(100_000), endless)).code, "too_deep");
    assert.equal(errorOf(parse("NOT ".repeat(100_000), endless)).code, "too_deep");
    assert.equal(errorOf(parse(nested(100_000), endless)).code, "too_deep");
  });
});

describe("terms", () => {
  const series = (count: number): string => Array.from({ length: count }, () => "size=1").join(" OR ");
  const list = (count: number): string => `size IN (${Array.from({ length: count }, (_, index) => index).join()})`;
  test("256 predicates are accepted, 257 are not", () => {
    assert.equal(parse(series(256)).kind, "ok");
    const error = errorOf(parse(series(257)));
    assert.deepEqual([error.code, error.offset], ["too_many_terms", series(256).length + 4]);
  });
  test("each value of an IN list counts, the first one with its predicate", () => {
    assert.equal(parse(list(256)).kind, "ok");
    assert.equal(errorOf(parse(list(257))).code, "too_many_terms");
    assert.equal(errorOf(parse(`${list(200)} OR ${list(57)}`)).code, "too_many_terms");
  });
  test("a million of them end at the limit", () => {
    assert.equal(errorOf(parse(series(1_000_000), endless)).code, "too_many_terms");
  });
});

describe("patterns", () => {
  test("of at most 1000 characters", () => {
    assert.equal(parse(`key LIKE '${"a".repeat(1000)}'`).kind, "ok");
    assert.equal(errorOf(parse(`key LIKE '${"a".repeat(1001)}'`)).code, "too_long");
    assert.equal(parse(`key REGEXP '${"a".repeat(1000)}'`).kind, "ok");
    const error = errorOf(parse(`key REGEXP '${"a".repeat(1001)}'`));
    assert.deepEqual([error.code, error.column], ["too_long", 12]);
  });

  // Each of these would take seconds, or gigabytes, to compile.
  const bombs = [
    "((a{1000}){1000}){1000}",
    "(?:(?:a{1,1000}){1,1000}){1,1000}",
    `(${"x".repeat(900)}){1000}`,
    `(?:${"(a|b)*".repeat(100)}){1000}`,
    `(${"[ab)]".repeat(150)}){1000}`,
    String.raw`(\Q(\E${"x".repeat(900)}){1000}`,
    String.raw`(\Q${"x".repeat(900)}\E{0}){1000}`,
    String.raw`(${"\\(".repeat(400)}){1000}`,
    `(${"[[:alpha:](]".repeat(80)}){1000}`,
    `${"(".repeat(300)}a{1000}${")".repeat(300)}`,
    "[a-z]{1000}",
    "(x{600}|y{600})",
  ];
  for (const pattern of bombs) {
    test(`${pattern.slice(0, 40)} is too large`, () => {
      assert.equal(errorOf(parse(`key REGEXP "${pattern}"`)).code, "regex_too_large");
    });
  }
  test("groups within groups do not overflow the stack", () => {
    const groups = `${"(".repeat(450)}a*b${")".repeat(450)}`;
    assert.equal(errorOf(parse(`key REGEXP '${"(".repeat(1000)}'`)).code, "invalid_regex");
    const parsed = parse(`key REGEXP '${groups}'`, { maxRegexProgram: 100_000 });
    if (parsed.kind === "error") assert.fail(parsed.error.message);
    assert.equal(
      parsed.filter.matches(() => "xaab"),
      true,
    );
  });
  test("all of a filter share one budget", () => {
    const one = (letter: string): string => `key REGEXP '[${letter}0]{400}'`;
    assert.equal(parse(`${one("a")} OR ${one("b")}`).kind, "ok");
    const text = `${one("a")} OR ${one("b")} OR ${one("c")}`;
    const error = errorOf(parse(text));
    assert.deepEqual([error.code, error.offset], ["regex_too_large", text.lastIndexOf("'[")]);
  });
  test("the same pattern counts once, and a plain one not at all", () => {
    assert.equal(parse(Array.from({ length: 50 }, () => "key REGEXP '[ab]{400}'").join(" OR ")).kind, "ok");
    assert.equal(
      parse(Array.from({ length: 90 }, (_, index) => `key REGEXP '^images/${index}/'`).join(" OR "), {
        maxRegexProgram: 0,
      }).kind,
      "ok",
    );
  });
});

describe("cost", () => {
  test("is that of all costly patterns on the longest texts of their fields", () => {
    const one = (letter: string): string => `key LIKE '%${`${letter}_`.repeat(300)}%'`;
    assert.equal(parse([one("a"), one("b"), one("c")].join(" OR ")).kind, "ok");
    const text = [one("a"), one("b"), one("c"), one("d")].join(" OR ");
    const error = errorOf(parse(text));
    assert.deepEqual([error.code, error.offset], ["regex_too_large", text.lastIndexOf("'%d")]);
    assert.match(error.message, /key may have 1024 characters, so they may have 2000 instructions/);
    assert.match(error.hint ?? "", /use several rules/);
  });
  test("counts more where texts are longer", () => {
    const on = (field: string): string =>
      ["a", "b"].map((l) => `${field} LIKE '%${`${l}_`.repeat(300)}%'`).join(" OR ");
    assert.equal(parse(on("key")).kind, "ok");
    assert.match(errorOf(parse(on("`x-amz-meta-note`"))).message, /x-amz-meta-note may have 2048 characters/);
  });
  test("of a text that is written again is counted once, and asked once", () => {
    const text = Array.from({ length: 60 }, () => "key REGEXP '[ab]{900}[^ab]'").join(" OR ");
    const parsed = parse(text);
    if (parsed.kind === "error") assert.fail(parsed.error.message);
    assert.ok(parsed.filter.program < 1000);
    const cpu = (times: number): number => {
      const ms = threadMsNow(() => {
        for (let turn = 0; turn < times; turn += 1) {
          const key = `${turn}${"ab".repeat(500)}`;
          assert.equal(
            parsed.filter.matches(() => key),
            false,
          );
        }
      });
      return ms / times;
    };
    cpu(3);
    // Sixty times the cost of the one pattern would be 200 ms.
    within(40, cpu(5));
  });
  const slow = [
    `(?i)${"[k-\\x{1ffff}]".repeat(60)}`,
    `(?i)${"[k-\u{1ffff}]".repeat(100)}`,
    "\\PL".repeat(200),
    `(?i:${"[\\pL\\pN]".repeat(80)})`,
  ];
  for (const pattern of slow) {
    test(`${pattern.slice(0, 24)}… would take long to compile`, () => {
      assert.equal(errorOf(parse(`key REGEXP '${pattern}'`)).code, "regex_too_large");
    });
  }
  test("classes of Unicode in small numbers are fine", () => {
    assert.equal(matches("key REGEXP '^(?i)[\\p{L}\\p{N}_-]+\\.(jpe?g|png)$'", "Größe-7.JPG"), true);
    assert.equal(matches("key REGEXP '(?i)[a-z0-9]{3}[à-ÿ]'", "abcÉ"), true);
  });
});

describe("hostile patterns on hostile keys", () => {
  const long = "a".repeat(1023);
  // Backtracking would take longer than the universe has lasted.
  const rows: readonly (readonly [string, string, boolean])[] = [
    ["REGEXP '^(a+)+$'", `${long}!`, false],
    ["REGEXP '^(a+)+$'", `${long}a`, true],
    ["REGEXP '(a*)*(a*)*(a*)*b'", long, false],
    ["REGEXP '^(a|aa)+$'", `${long}!`, false],
    ["REGEXP '(x+x+)+y'", "x".repeat(1024), false],
    ["REGEXP '^(.*.*)*!$'", long, false],
    ["REGEXP '^(a?){300}a{300}$'", "a".repeat(300), true],
    ["REGEXP '(a|b)*a(a|b){200}$'", "ba".repeat(512), true],
    [`LIKE '${"%a".repeat(400)}%b'`, long, false],
    [`LIKE '${"%a_".repeat(300)}%b'`, `${long}c`, false],
    [`LIKE '%${"_".repeat(400)}b%'`, long, false],
  ];
  for (const [predicate, key, expected] of rows) {
    test(`${predicate.slice(0, 40)} on ${key.length} characters`, () => {
      // One of them has 1502 instructions.
      const parsed = parse(`key ${predicate}`, { maxRegexProgram: 2000 });
      if (parsed.kind === "error") assert.fail(parsed.error.message);
      assert.equal(
        parsed.filter.matches(() => key),
        expected,
      );
    });
  }
  test("the states kept of a pattern are bounded, whatever texts it meets", () => {
    const parsed = parse("key REGEXP '(a|b)*a(a|b){20}$'");
    if (parsed.kind === "error") assert.fail(parsed.error.message);
    for (let turn = 0; turn < 50; turn += 1) {
      const key = Array.from({ length: 1000 }, (_, index) => ((index * turn) % 7 < 3 ? "a" : "b")).join("");
      assert.equal(
        parsed.filter.matches(() => key),
        /a.{20}$/.test(key),
      );
    }
    assert.ok(parsed.filter.bytes() < 65_536, `${parsed.filter.bytes()} bytes`);
  });
});

test("a filter that was accepted prints and runs at the limits", () => {
  const text = `${"(".repeat(32)}${Array.from({ length: 256 }, () => "size>1").join(" OR ")}${")".repeat(32)}`;
  const parsed = parse(text);
  if (parsed.kind === "error") assert.fail(parsed.error.message);
  assert.equal(
    parsed.filter.matches(() => 2),
    true,
  );
  assert.equal(parse(printFilter(parsed.filter)).kind, "ok");
  assert.equal(matches("key = 'a'", "a"), true);
});
