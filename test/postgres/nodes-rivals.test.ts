import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { Store } from "../../src/store/store.ts";
import type { Unit } from "../../src/store/unit.ts";
import { newArena } from "../conformance/store/arena.ts";
import { aBucket, anObject, changed, noonMs } from "../conformance/store/given.ts";
import { rivalsOf } from "../conformance/store/rivals.ts";
import { postgresServer } from "../support/postgres.ts";
import { joinNode, untilShared } from "../support/postgres-nodes.ts";

const server = await postgresServer();
const url = await server.database();
const [one, other] = [await joinNode(url), await joinNode(url)];
for (const node of [one, other]) await untilShared(node, 2);
after(async () => {
  for (const opened of [one, other, server]) await opened[Symbol.asyncDispose]();
});

/** What became of each, when both are committed at once. */
async function race([first, second]: readonly [Unit, Unit], stores: readonly [Store, Store]): Promise<string[]> {
  const commits = await Promise.all([stores[0].commit(first), stores[1].commit(second)]);
  return commits.map(({ kind }) => kind).sort();
}

describe("two nodes that want what only one can have", () => {
  for (const [name, scene] of Object.entries(rivalsOf)) {
    it(`under ${name}: exactly one gets it`, async () => {
      for (let round = 0; round < 20; round += 1) {
        const rivals = await scene(await newArena(one));
        assert.deepEqual(await race(rivals, [one.store, other.store]), ["committed", "refused"], `round ${round}`);
      }
    });
  }

  it("never leave an object in a bucket that is gone", async () => {
    const { tenant } = await newArena(one);
    const won = { put: 0, remove: 0 };
    for (let round = 0; round < 300; round += 1) {
      const bucket = aBucket({ tenant });
      await changed(one.store, { do: "bucket.add", bucket });
      const of = { bucket: bucket.uuid };
      const put: Unit = {
        conditions: [{ if: "bucket.live", ...of }],
        changes: [{ do: "object.put", object: anObject(bucket.uuid, "k") }],
      };
      const remove: Unit = {
        conditions: [{ if: "bucket.empty", ...of }],
        changes: [{ do: "bucket.remove", ...of, atMs: noonMs }],
      };
      const [putting, removing] = await Promise.all([one.store.commit(put), other.store.commit(remove)]);
      assert.notEqual(putting.kind, removing.kind, `round ${round}`);
      won[putting.kind === "committed" ? "put" : "remove"] += 1;
    }
    assert.equal(won.put + won.remove, 300);
  });
});
