import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CorsAsked, type CorsRule, findingCorsRule } from "./bucket-configurations.ts";

const rule = (more: Partial<CorsRule>): CorsRule => ({
  origins: ["*"],
  methods: ["GET"],
  headers: [],
  exposed: [],
  ...more,
});

const ruleFor = (rules: readonly CorsRule[], asked: CorsAsked): CorsRule | undefined => {
  const work = findingCorsRule(rules, asked);
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value?.rule;
  }
};

describe("a rule of CORS", () => {
  const cases: readonly [origins: string, origin: string, lets: boolean][] = [
    ["*", "https://a.example", true],
    ["https://a.example", "https://a.example", true],
    ["https://a.example", "https://a.example:8080", false],
    ["https://a.example", "http://a.example", false],
    ["*suffix", "foo.suffix", true],
    ["*suffix", "foo.suffix.get", false],
    ["start*end", "startend", true],
    ["start*end", "start1end", true],
    ["start*end", "0start12end", false],
    ["aba*aba", "aba", false],
    ["prefix*", "prefix.suffix", true],
    ["prefix*", "bla.prefix", false],
    ["null", "null", true],
  ];
  for (const [pattern, origin, lets] of cases) {
    it(`for ${pattern} ${lets ? "lets" : "does not let"} ${origin} through`, () => {
      const found = ruleFor([rule({ origins: [pattern] })], { origin, method: "GET", headers: [] });
      assert.equal(found !== undefined, lets);
    });
  }

  it("is the first that has origin, method and every header", () => {
    const rules = [
      rule({ id: "other method", methods: ["PUT"] }),
      rule({ id: "too few headers", headers: ["Content-Type"] }),
      rule({ id: "this", headers: ["content-*", "X-Amz-Date"] }),
      rule({ id: "later", headers: ["*"] }),
    ];
    const asked = { origin: "https://a.example", method: "GET" };
    assert.equal(ruleFor(rules, { ...asked, headers: ["content-md5", "x-amz-date"] })?.id, "this");
    assert.equal(ruleFor(rules, { ...asked, headers: ["authorization"] })?.id, "later");
    assert.equal(ruleFor(rules, { ...asked, headers: [] })?.id, "too few headers");
    assert.equal(ruleFor(rules, { ...asked, method: "DELETE", headers: [] }), undefined);
  });
});
