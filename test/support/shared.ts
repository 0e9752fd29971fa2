import assert from "node:assert/strict";
import { after, before } from "node:test";

/** One of something for all tests of the `describe` that this is called in: for those that leave it as they found it. */
export function shared<T extends AsyncDisposable>(make: () => Promise<T>): () => T {
  let made: T | undefined;
  before(async () => {
    made = await make();
  });
  after(() => made?.[Symbol.asyncDispose]());
  return () => {
    assert.ok(made !== undefined, "a test used what is shared before it was made");
    return made;
  };
}
