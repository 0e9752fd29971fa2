import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Store } from "../store/store.ts";
import { FunctionLoader } from "./loader.ts";

/** Functions whose code has so many characters, and how often one was read. */
function scene(chars: number) {
  let reads = 0;
  let revision = 1;
  const functions = {
    byNumber: async (number: number) => ({ number, revision, version: 1, env: {}, egress: [] }),
    version: async () => {
      reads += 1;
      return { number: 1, hash: "h", language: "javascript", js: "x".repeat(chars), source: "y".repeat(chars) };
    },
  };
  const store = { functions } as unknown as Store;
  const vault = { open: (): string => "{}" };
  return {
    loader: new FunctionLoader({ store, vault }, 100_000),
    reads: () => reads,
    change: () => {
      revision += 1;
    },
  };
}

describe("functions that are kept in memory", () => {
  it("are bounded by what they take, and what was not used for longest goes first", async () => {
    const { loader, reads } = scene(30_000);
    for (const number of [1, 2, 3, 1, 4]) await loader.load(number);
    assert.ok(loader.kept <= 100_000, `${loader.kept}`);
    assert.equal(reads(), 4);
    await loader.load(1);
    assert.equal(reads(), 4);
    await loader.load(2);
    assert.equal(reads(), 5);
    const runnable = await loader.load(1);
    assert.ok(!Object.hasOwn(runnable?.version ?? {}, "source"), "the source is not needed to run it");
  });

  it("are counted once, however often they change", async () => {
    const { loader, change } = scene(30_000);
    for (let count = 0; count < 20; count += 1) {
      await loader.load(1);
      change();
    }
    assert.ok(loader.kept < 40_000, `${loader.kept}`);
  });
});
