import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { forbiddenHeader, headerProblem } from "./headers.ts";

describe("custom headers", () => {
  it("never take the place of ours, in any case of letters", () => {
    const ours = [
      [
        "Authorization",
        "HOST",
        "Content-Type",
        "content-length",
        "Webhook-Id",
        "CE-Id",
        "webhook-signature",
        "X-Signalbox-Sequence",
        "X-Agave-Delivery",
        "x-agave-anything",
      ],
      ["Connection", "transfer-encoding", "Upgrade", "Expect", "Keep-Alive", "TE", "Trailer", "Proxy-Authorization"],
    ].flat();
    for (const name of ours) {
      assert.equal(forbiddenHeader(name), true, name);
      assert.match(headerProblem(name, "x") ?? "", /set by Signalbox/);
    }
    for (const name of ["x-api-key", "X-Tenant", "user-agent", "accept", "cookie"]) {
      assert.equal(forbiddenHeader(name), false, name);
      assert.equal(headerProblem(name, "some value, with; things=1"), undefined);
    }
  });

  it("have names and values that cannot break the request", () => {
    for (const name of ["", "a b", "a:b", "a\r\nb", "ü", "a(b)", "x".repeat(129)]) {
      assert.notEqual(headerProblem(name, "x"), undefined, JSON.stringify(name));
    }
    for (const value of ["a\r\nb: c", "a\nb", "a\0b", "ü", "\u007f", " a", "a ", "x".repeat(4097)]) {
      assert.notEqual(headerProblem("x-a", value), undefined, JSON.stringify(value));
    }
    assert.equal(headerProblem("x-a", ""), undefined);
  });
});
