import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { threadMsNow, within } from "../../test/support/cpu-limits.ts";
import { basicCredentials, redacted, redactor } from "./redact.ts";

describe("known secrets", () => {
  const secret = 'p&ss "wörd" +1/2';

  it("are taken out of text, in every writing that is usual", () => {
    const known = redactor([secret]);
    for (const written of [
      secret,
      JSON.stringify({ echo: secret }),
      encodeURIComponent(secret),
      encodeURIComponent(secret).toLowerCase(),
      new URLSearchParams({ q: secret }).toString(),
      Buffer.from(secret).toString("base64"),
      Buffer.from(secret).toString("base64url"),
      "p&amp;ss &quot;wörd&quot; +1/2",
      JSON.stringify(JSON.stringify({ echo: secret })),
      secret.toUpperCase(),
      Array.from(secret, (character) => `&#${character.charCodeAt(0)};`).join(""),
      Array.from(secret, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
      Buffer.from(secret).toString("hex").replaceAll(/../g, "%$&"),
      Buffer.from(secret).toString("hex"),
      Buffer.from(secret).toString("hex").toUpperCase(),
      ...["", "a", "ab"].map((first) => Buffer.from(`${first}${secret}, and more`).toString("base64")),
    ]) {
      const shown = known.of(`before ${written} after`);
      assert.match(shown, /^before .*\[redacted\].* after$/s, written);
      assert.equal(shown.includes("rd"), false, shown);
    }
    assert.equal(known.of("nothing of it"), "nothing of it");
  });

  it("may be several, long, alike, and beside each other", () => {
    const long = "x".repeat(5_000);
    const known = redactor(["hunter22", `${long}1`, `${long}2`, basicCredentials("ann", "hunter22"), "abc"]);
    assert.equal(known.of("hunter22hunter22"), redacted);
    assert.equal(known.of("hunter22 hunter22"), `${redacted} ${redacted}`);
    assert.equal(known.of(`${long}2.`), `${redacted}.`);
    assert.equal(known.of("Basic YW5uOmh1bnRlcjIy."), `Basic ${redacted}.`);
    assert.equal(known.of("abc"), "abc", "too short to be one");
    assert.equal(
      redactor(["abcdabcdabQ"]).of("abcdabcdabcdabQ."),
      `${redacted}.`,
      "one begins where another breaks off",
    );
  });

  it("are taken out where the text was cut within them", () => {
    const known = redactor(["sk_live_0123456789"]);
    assert.equal(known.ofCut("key: sk_live_012"), `key: ${redacted}`);
    assert.equal(known.ofCut("key: sk_l"), `key: ${redacted}`);
    assert.equal(known.ofCut("key: sk"), "key: sk");
  });

  it("leave nothing of them, wherever they stand", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 4, maxLength: 90, unit: "binary" }), { minLength: 1, maxLength: 5 }),
        fc.string({ unit: "binary" }),
        fc.nat(4),
        (secrets, around, which) => {
          const one = secrets[which % secrets.length] ?? "";
          const shown = redactor(secrets).of(around + one + around);
          assert.ok(shown.includes(redacted));
          // What is left of text that was redacted may read like a secret only by chance of what stands around it.
          if (!(around + redacted + around).includes(one)) assert.equal(shown.includes(one), false);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("cost no more the more alike they and the text are", () => {
    const secrets = Array.from({ length: 64 }, (_, index) => `${"a".repeat(900)}${index}`);
    const known = redactor(secrets);
    const hostile = `${"a".repeat(899)}b`.repeat(90);
    within(
      200,
      threadMsNow(() => known.of(hostile)),
    );
  });
});
