import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { emailProblem, nameProblem, usernameProblem } from "./names.ts";

describe("a username", () => {
  for (const good of [
    "ada",
    "A",
    "john_doe",
    "ada@example.com",
    "Ada Lovelace",
    "Zoë",
    "李小龙",
    "a".repeat(150),
    "😀".repeat(150),
  ]) {
    it(`may be ${good.slice(0, 20)}`, () => assert.equal(usernameProblem(good), undefined));
  }

  const bad: readonly (readonly [string, unknown, RegExp])[] = [
    ["empty", "", /must not be empty/],
    ["a blank", " ", /begin or end with a blank/],
    ["with a blank before it", " ada", /begin or end/],
    ["with a no-break space after it", "ada\u00a0", /begin or end/],
    ["with an ideographic space after it", "ada\u3000", /begin or end/],
    ["too long", "a".repeat(151), /at most 150 characters/],
    ["much too long", "a".repeat(1_000_000), /at most 150 characters/],
    ["too long in letters that are two units each", "😀".repeat(151), /at most 150 characters/],
    ["with a line break", "ada\nroot", /cannot be seen/],
    ["with NUL", "ada\0", /cannot be seen/],
    ["with an escape", "\u001b[31mada", /cannot be seen/],
    ["with a zero-width space", "a\u200bda", /cannot be seen/],
    ["with letters turned around", "\u202eada", /cannot be seen/],
    ["with half a character", "ada\ud800", /cannot be seen/],
    ["with a line separator", "a\u2028da", /cannot be seen/],
    ["a number", 7, /must be a string/],
    ["nothing", undefined, /must be a string/],
    ["null", null, /must be a string/],
    ["an array", ["ada"], /must be a string/],
    ["an object that pretends", { toString: () => "ada", length: 3 }, /must be a string/],
  ];
  for (const [what, username, message] of bad) {
    it(`is refused: ${what}`, () => assert.match(usernameProblem(username) ?? "fits", message));
  }
});

describe("a name", () => {
  it("may be empty, of any script, and hold what joins letters", () => {
    for (const good of ["", "Ada", "O’Brien-Smith", "می‌خواهم", "x".repeat(150)]) {
      assert.equal(nameProblem(good), undefined, good);
    }
  });
  for (const [what, name] of [
    ["with a line break", "Ada\r\nBcc: x@example.com"],
    ["with NUL", "\0"],
    ["too long", "x".repeat(151)],
    ["a number", 1],
    ["null", null],
  ] as const) {
    it(`is refused: ${what}`, () => assert.notEqual(nameProblem(name), undefined));
  }
});

describe("an e-mail address", () => {
  for (const good of [
    "",
    "ada@example.com",
    "a@b",
    "first.last+tag@sub.example.co.uk",
    "o'brien@example.com",
    "ada@xn--bcher-kva.example",
    "ada@bücher.example",
    "用户@例子.广告",
    `${"a".repeat(242)}@example.com`,
  ]) {
    it(`may be ${good.slice(0, 30)}`, () => assert.equal(emailProblem(good), undefined));
  }
  for (const [what, email] of [
    ["without an @", "ada"],
    ["with two @", "ada@home@example.com"],
    ["without what comes before it", "@example.com"],
    ["without what comes after it", "ada@"],
    ["with a blank", "ada lovelace@example.com"],
    ["with a blank around it", " ada@example.com"],
    ["with a name", "Ada <ada@example.com>"],
    ["two addresses", "ada@example.com,ben@example.com"],
    ["with a header in it", "ada@example.com\r\nBcc: ben@example.com"],
    ["with an invisible character", "a\u200bda@example.com"],
    ["with dots next to each other", "ada..l@example.com"],
    ["beginning with a dot", ".ada@example.com"],
    ["with an empty label", "ada@example..com"],
    ["with a dot at the end", "ada@example.com."],
    ["with a hyphen at an end of a label", "ada@-example.com"],
    ["with a path", "ada@example.com/x"],
    ["with a label that is too long", `ada@${"a".repeat(64)}.com`],
    ["too long", `${"a".repeat(243)}@example.com`],
    ["an array", ["ada@example.com"]],
    ["null", null],
  ] as const) {
    it(`is refused: ${what}`, () => assert.notEqual(emailProblem(email), undefined));
  }
});
