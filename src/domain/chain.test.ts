import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { extendChain, recursion, tooDeep } from "./chain.ts";
import type { Uuid } from "./ids.ts";
import { maxChainDepth } from "./lifecycle.ts";

const first = "a-011" as Uuid;
const second = "b-011" as Uuid;

describe("chain", () => {
  it("begins with the operation that somebody outside asked for", () => {
    assert.deepEqual(extendChain(undefined, { operation: "op-1", subscription: first }), {
      root: "op-1",
      path: [first],
    });
  });

  it("grows by each function that calls, and keeps its root", () => {
    const chain = extendChain(undefined, { operation: "op-1", subscription: first });
    assert.deepEqual(extendChain(chain, { operation: "op-2", subscription: second }), {
      root: "op-1",
      path: [first, second],
    });
    assert.deepEqual(chain.path, [first]);
  });

  it("knows what has caused it", () => {
    const chain = extendChain(undefined, { operation: "op-1", subscription: first });
    assert.equal(recursion(chain, first), true);
    assert.equal(recursion(chain, second), false);
    assert.equal(recursion(undefined, first), false);
  });

  it("goes no deeper than the longest path", () => {
    let chain = extendChain(undefined, { operation: "op", subscription: first });
    for (let depth = 1; depth < maxChainDepth; depth++) {
      assert.equal(tooDeep(chain), false);
      chain = extendChain(chain, { operation: "op", subscription: `s${depth}-011` as Uuid });
    }
    assert.equal(tooDeep(chain), false);
    assert.equal(tooDeep(extendChain(chain, { operation: "op", subscription: second })), true);
    assert.equal(tooDeep(undefined), false);
  });
});
