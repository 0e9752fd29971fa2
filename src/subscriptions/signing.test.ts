import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { TargetSecrets } from "../domain/subscription.ts";
import { overlapMs, withNewSecret } from "./signing.ts";

describe("a new signing secret", () => {
  it("signs first, and the one before it for a day", () => {
    const once = withNewSecret([{ secret: "a" }], { secret: "b", nowMs: 1_000, after: 4 });
    const aloneFromMs = 1_000 + overlapMs;
    assert.deepEqual(once, [
      { secret: "b", after: 4, aloneFromMs },
      { secret: "a", untilMs: 1_000 + overlapMs },
    ]);
    const late = withNewSecret(once, { secret: "c", nowMs: aloneFromMs, after: 9 });
    const untilMs = aloneFromMs + overlapMs;
    assert.deepEqual(late, [
      { secret: "c", after: 9, aloneFromMs: untilMs },
      { secret: "b", after: 4, aloneFromMs, untilMs },
    ]);
  });

  it("never leaves more than five, of which only the newest has no end", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: overlapMs }), { maxLength: 20 }), (waits) => {
        let signing: TargetSecrets["signing"] = [{ secret: "first" }];
        let nowMs = 0;
        for (const [index, waitMs] of waits.entries()) {
          nowMs += waitMs;
          signing = withNewSecret(signing, { secret: `s${index}`, nowMs, after: index });
        }
        assert.ok(signing.length <= 5);
        assert.equal(signing[0]?.untilMs, undefined);
        assert.ok(signing.slice(1).every(({ untilMs = 0 }) => untilMs > nowMs && untilMs <= nowMs + overlapMs));
      }),
    );
  });
});
