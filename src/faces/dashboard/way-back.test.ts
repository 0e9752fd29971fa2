import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { placeInDashboard } from "./way-back.ts";

describe("where a log in leads", () => {
  it("is the place of the dashboard that was asked for", () => {
    for (const place of ["", "t/acme/deliveries?status=dead&q=a%2Fb", "t/acme/events/1", "?a=1", "t/login/x"]) {
      assert.equal(placeInDashboard(place), place);
    }
  });

  it("is the start for whatever is none", () => {
    const others = [
      "//evil.example",
      "/healthz",
      "https://evil.example",
      "HTTPS:evil",
      "javascript:alert(1)",
      "../api/x",
    ];
    const odd = ["t/../../x", "\\\\evil.example", "t\\..\\..\\x", "a b", "a\r\nset-cookie: x", "é", "x".repeat(1_001)];
    const loops = ["login/acme", "login", "LOGIN?x", "t/../login/acme", "assets/x", "./login/acme", "%2e%2e/x"];
    for (const said of [...others, ...odd, ...loops, undefined, 7, ["t/acme"]]) {
      assert.equal(placeInDashboard(said), "", String(said));
    }
  });

  it("stays in the dashboard, whatever is said", () => {
    const piece = fc.constantFrom(
      "/",
      "\\",
      "..",
      ".",
      ":",
      "?",
      "#",
      "@",
      "%2f",
      "%2e",
      "%5c",
      "t",
      "evil.example",
      "http",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join("")),
        ),
        (said) => {
          const led = new URL(`https://here.example/dashboard/${placeInDashboard(said)}`);
          assert.equal(led.origin, "https://here.example");
          assert.ok(led.pathname.startsWith("/dashboard/"), led.href);
        },
      ),
    );
  });
});
