import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { baseAddress, parseMailAddress } from "../mail-address.ts";
import { parseTemplate } from "../template.ts";
import { expandAddress } from "./expand.ts";
import { resourceKinds } from "./resource-kinds.ts";
import type { EventView } from "./view.ts";

const kinds = resourceKinds([{ name: "order", open: true, macros: { A: "a", B: "b" } }]);

function expanded(text: string, a: string, b = ""): string {
  const view: EventView = {
    kind: "order",
    uuid: "0190-900",
    event: "SHIPPED",
    actor: undefined,
    owner: undefined,
    time: "2026-11-20T10:30:00.000Z",
    resource: { a, b },
  };
  return expandAddress(parseTemplate(text), view, kinds);
}

describe("an address", () => {
  for (const address of [
    "ada@example.com",
    "Ada.Lovelace_9-x@Mail.Example.COM",
    "ada+tag@example.com",
    "ada+@example.com",
    "ada+${EVENT}@example.com",
    "ada+a.${A}-${B}.b@example.com",
    "o'hara@example.com",
    "jürgen@bücher.example",
    "ada@localhost",
    "ada@xn--bcher-kva.example",
    `${"a".repeat(64)}@example.com`,
    `ada+${"${A}".repeat(100)}@example.com`,
  ]) {
    it(`may be ${address.slice(0, 50)}`, () => void parseMailAddress(address));
  }

  const behindPlus = /macros only behind a \+ before the @/;
  const nothing = /must be an e-mail address such as ada@example\.com/;
  const refused: readonly (readonly [string, RegExp])[] = [
    ["ada", nothing],
    ["ada@", nothing],
    ["@example.com", nothing],
    ["ada@example", nothing],
    ["ada@@example.com", nothing],
    ["ada@b@example.com", nothing],
    ["ada@example..com", nothing],
    ["ada@example.com.", nothing],
    ["ada@-a.example", nothing],
    [".ada@example.com", nothing],
    ["ada.@example.com", nothing],
    ["a..b@example.com", nothing],
    ["ada+a..${A}@example.com", nothing],
    ['"ada"@example.com', nothing],
    ["ada(x)@example.com", nothing],
    ["ada@127.0.0.1", nothing],
    ["ada@[127.0.0.1]", nothing],
    ["ada@[IPv6:::1]", nothing],
    ["ada@example.com, bob@example.com", /neither blanks/],
    ["ada@example.com,bob@example.com", /one e-mail address alone/],
    ["ada@example.com;bob@example.com", /one e-mail address alone/],
    ["<ada@example.com>", /one e-mail address alone/],
    ["ada @example.com", /neither blanks/],
    ["ada@example.com\r\nBcc: bob@example.com", /neither blanks/],
    ["ada\u0000@example.com", /neither blanks/],
    ["ada\u200b@example.com", /neither blanks/],
    ["${A}@example.com", behindPlus],
    ["a${A}+b@example.com", behindPlus],
    ["ada@${A}", behindPlus],
    ["ada+x@${A}.example.com", behindPlus],
    ["ada+${A}", nothing],
    ["+${A}@example.com", /must name the mailbox before the \+/],
    ["ada+${A@example.com", /without its/],
    [`${"a".repeat(65)}@example.com`, /at most 254 characters, 64 of them/],
    [`ada@${"a.".repeat(126)}com`, /at most 254 characters/],
  ];
  for (const [address, message] of refused) {
    it(`may not be ${JSON.stringify(address.slice(0, 50))}`, () => {
      assert.throws(() => parseMailAddress(address), { code: "invalid_request", message });
    });
  }

  it("is one mailbox whatever its tag", () => {
    const rows: readonly (readonly [string, string])[] = [
      ["Ada@Example.COM", "Ada@example.com"],
      ["Ada+a+${EVENT}@Example.com", "Ada@example.com"],
      ["ada@localhost", "ada@localhost"],
    ];
    for (const [text, base] of rows) assert.equal(baseAddress(text), base);
  });
});

describe("the macros in an address", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["ada+${A}@Example.com", "job-7.a_B", "ada+job-7.a_B@Example.com"],
    ["ada+${EVENT}.${A}@example.com", "x", "ada+SHIPPED.x@example.com"],
    ["ada@example.com", "x", "ada@example.com"],
    ["ada+a..b@example.com", "x", "ada+a..b@example.com"],
    ["ada+${A}@example.com", "a b@evil.example,c\r\nd", "ada+a-b-evil.example-c--d@example.com"],
    ["ada+${A}@example.com", "ü😀", "ada+---@example.com"],
    ["ada+${A}@example.com", "${B}", "ada+--B-@example.com"],
    ["ada+${A}@example.com", "", "ada@example.com"],
    ["ada+${A}@example.com", "...", "ada@example.com"],
    ["ada+${A}.@example.com", "..a..b..", "ada+.a.b@example.com"],
    ["ada+${A}@example.com", "x".repeat(1000), `ada+${"x".repeat(60)}@example.com`],
    [`${"m".repeat(63)}+\${A}@example.com`, "x", `${"m".repeat(63)}@example.com`],
  ];
  for (const [template, a, address] of rows) {
    it(`${template} with ${JSON.stringify(a.slice(0, 20))}`, () => assert.equal(expanded(template, a), address));
  }

  it("always make an address of the same mailbox (property)", () => {
    const piece = fc.constantFrom("${A}", "${B}", ".", "-", "a", "+", "${EVENT}");
    const value = fc.string({ unit: "binary", maxLength: 100 });
    const mailbox = fc.stringMatching(/^[a-z]{1,64}$/);
    const host = fc.integer({ min: 1, max: 120 }).map((labels) => `${"a.".repeat(labels)}example`);
    fc.assert(
      fc.property(mailbox, fc.array(piece), host, fc.tuple(value, value), (name, pieces, domain, [a, b]) => {
        const template = `${name}+${pieces.join("")}@${domain}`;
        try {
          parseMailAddress(template);
        } catch {
          return;
        }
        const address = expanded(template, a, b);
        parseMailAddress(address);
        assert.equal(baseAddress(address), baseAddress(template));
      }),
    );
  });
});
