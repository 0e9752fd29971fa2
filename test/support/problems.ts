import assert from "node:assert/strict";
import { SignalboxError } from "../../src/errors.ts";

/** What is told of a request that cannot be done, by field; empty when it can be. */
export function problemsOf(act: () => unknown): readonly string[] {
  try {
    act();
    return [];
  } catch (thrown) {
    assert.ok(thrown instanceof SignalboxError && thrown.code === "invalid_request", String(thrown));
    return thrown.fields.map(({ path, message }) => `${path}: ${message}`);
  }
}
