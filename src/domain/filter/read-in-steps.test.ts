import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SignalboxError } from "../../errors.ts";
import { type Filter, objectFields, readFilter, readFilterInSteps, readObjectField } from "./index.ts";

const classes = (count: number): string =>
  Array.from({ length: count }, (_, nth) => `key REGEXP "(?i)[\\p{L}\\p{N}]+x${nth}"`).join(" OR ");

/** The filter, how many steps it took, and the milliseconds of CPU of the longest. */
function read(text: string): { readonly filter: Filter; readonly steps: number; readonly worstMs: number } {
  const steps = readFilterInSteps(text, objectFields);
  let worstMs = 0;
  for (let count = 1; ; count += 1) {
    const before = process.threadCpuUsage();
    const { done, value } = steps.next();
    const { user, system } = process.threadCpuUsage(before);
    worstMs = Math.max(worstMs, (user + system) / 1_000);
    if (done === true) return { filter: value, steps: count, worstMs };
  }
}

function refusal(act: () => unknown): unknown {
  try {
    act();
  } catch (thrown) {
    assert.ok(thrown instanceof SignalboxError);
    return { message: thrown.message, fields: thrown.fields, data: thrown.data };
  }
  return assert.fail("it was read");
}

describe("a filter that is read in steps", () => {
  it("is the one that is read at once, a pattern in each step", () => {
    const text = `${classes(12)} OR key REGEXP "a+b" OR key REGEXP "a+b" OR \`Content-Type\` LIKE "REGEXP"`;
    read(text);
    const { filter, steps, worstMs } = read(text);
    const whole = readFilter(text, objectFields);
    assert.equal(steps, 15);
    assert.ok(worstMs < 20, `${worstMs} ms`);
    assert.deepEqual([filter.tree, filter.program, filter.visits], [whole.tree, whole.program, whole.visits]);
    for (const key of ["ab", "Äx3", "-", "aab", "x11"]) {
      const event = readObjectField({ names: { objects: "OBJECT_CREATED_PUT" }, data: { key } });
      assert.equal(filter.matches(event), whole.matches(event), key);
    }
  });

  it("is refused as one that is read at once", () => {
    const texts = [
      'key REGEXP "("',
      'key REGEXP "a+b" AND',
      classes(80),
      'key REGEXP "(x|y){900}" OR key REGEXP "(x|y){900}z"',
      `key REGEXP "${"a+".repeat(600)}"`,
      `key = "${"a".repeat(9_000)}"`,
      'nothing REGEXP "a+"',
    ];
    for (const text of texts) {
      const wanted = refusal(() => readFilter(text, objectFields));
      assert.deepEqual(
        refusal(() => read(text)),
        wanted,
        text.slice(0, 60),
      );
    }
  });
});
