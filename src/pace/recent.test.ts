import assert from "node:assert/strict";
import { it } from "node:test";
import { recent } from "./recent.ts";

it("is computed once for all who ask within the time, and for all who wait for it", async () => {
  let nowMs = 0;
  let computed = 0;
  const release = Promise.withResolvers<void>();
  const ask = recent(
    () => nowMs,
    1_000,
    async () => {
      computed += 1;
      if (computed === 1) await release.promise;
      return computed;
    },
  );
  const first = [ask(), ask()];
  nowMs = 5_000;
  first.push(ask());
  release.resolve();
  assert.deepEqual(await Promise.all(first), [1, 1, 1]);
  assert.deepEqual([await ask(), await ask()], [2, 2]);
  nowMs = 5_999;
  assert.equal(await ask(), 2);
  nowMs = 6_000;
  assert.equal(await ask(), 3);
  nowMs = 100;
  assert.equal(await ask(), 4, "a clock that was set back keeps nothing");
});

it("shares a failure, and computes again afterwards", async () => {
  let nowMs = 0;
  let fails = true;
  const ask = recent(
    () => nowMs,
    1_000,
    () => (fails ? Promise.reject(new Error("no")) : Promise.resolve("yes")),
  );
  await assert.rejects(ask(), /no/);
  fails = false;
  await assert.rejects(ask(), /no/);
  nowMs = 1_000;
  assert.equal(await ask(), "yes");
});
