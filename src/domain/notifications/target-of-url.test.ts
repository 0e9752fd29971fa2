import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SignalboxError } from "../../errors.ts";
import { parseEgressAllow } from "../egress.ts";
import { targetOfUrl as parsedTarget } from "./target-of-url.ts";

const egressAllow = parseEgressAllow(["10.0.0.0/8"]);

/** As it was written. */
function targetOfUrl(text: unknown) {
  const target = parsedTarget(text, egressAllow);
  switch (target.kind) {
    case "webhook":
      return { kind: target.kind, url: target.template.text };
    case "email":
      return { kind: target.kind, address: target.template.text };
    default:
      return target;
  }
}

describe("the url of a subscription", () => {
  for (const address of ["ada@example.com", "ada+${EVENT}@example.com", "a@b.c"]) {
    it(`is an address: ${address}`, () => assert.deepEqual(targetOfUrl(address), { kind: "email", address }));
  }

  for (const url of [
    "https://hooks.example.com/x?job=${UUID}",
    "HTTPS://hooks.example.com",
    "http://user:secret@10.0.0.1:8080/ada@example.com",
    `https://hooks.example.com/${"x".repeat(998)}`,
  ]) {
    it(`is that of a webhook: ${url.slice(0, 50)}`, () => {
      assert.deepEqual(targetOfUrl(url), { kind: "webhook", url });
    });
  }

  for (const none of [undefined, null, "", "   "]) {
    it(`is the own address where there is none: ${JSON.stringify(none)}`, () => {
      assert.deepEqual(targetOfUrl(none), { kind: "own" });
    });
  }

  const refused: readonly (readonly [unknown, RegExp])[] = [
    [7, /^url: must be a string/],
    [["https://a.example"], /^url: must be a string/],
    ["5125550123", /^url: SMS to a telephone number is not supported: use an e-mail address/],
    ["911", /SMS/],
    ["+1 (512) 555-0123", /SMS/],
    ["9".repeat(100_000), /SMS/],
    ["a@b", /must have 4 to 1024 characters; this one has 3/],
    [`https://hooks.example.com/${"x".repeat(999)}`, /must have 4 to 1024 characters; this one has 1025/],
    [`${"a".repeat(100_000)}@example.com`, /must have 4 to 1024 characters/],
    ["https://a.example/\n", /must not hold control characters/],
    ["ada@example.com\0", /must not hold control characters/],
    ["ada@example.com\ud800", /must not hold control characters/],
    ["agave://data.example/a", /^url: agave: is not supported: use an e-mail address/],
    ["ftp://a.example", /ftp: is not supported/],
    ["javascript:alert(1)", /javascript: is not supported/],
    ["file:///etc/passwd", /file: is not supported/],
    ["localhost:8080/x", /localhost: is not supported.*begins with http/],
    ["mailto:ada@example.com", /without mailto:/],
    ["https:a.example", /must go on with \/\/ behind https:/],
    ["https:/a.example", /must go on with \/\/ behind https:/],
    ["//a.example/x", /must be an e-mail address such as/],
    ["hooks.example.com/x", /must be an e-mail address such as .* or a url that begins with http/],
    [" https://a.example", /neither blanks/],
    ["https://a.example/ x", /neither blanks/],
    ["https://a.example/#x", /fragment/],
    ["https://${UUID}/", /macros in the host/],
    ["${UUID}@example.com", /macros only behind a \+/],
    ["${UUID}", /must be an e-mail address such as/],
  ];
  for (const [url, message] of refused) {
    it(`is not ${JSON.stringify(url)?.slice(0, 50)}`, () => {
      assert.throws(() => targetOfUrl(url), { code: "invalid_request", message });
    });
  }

  it("is a target or a refusal that names it and stays short, whatever is said (property)", () => {
    const piece = fc.oneof(
      fc.constantFrom("https://", "${A}", "@", ".", "+", "a", "1", ":", "/"),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join("");
        try {
          const target = targetOfUrl(text);
          if (target.kind === "own") assert.equal(text.trim(), "");
          else assert.equal(target.kind === "email" ? target.address : target.url, text);
        } catch (thrown) {
          assert.ok(thrown instanceof SignalboxError);
          assert.equal(thrown.fields[0]?.path, "url");
          assert.ok(thrown.message.length < 300);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
