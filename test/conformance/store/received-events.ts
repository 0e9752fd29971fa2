import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { receivedKeptMs } from "../../../src/store/received-events.ts";
import { changed, holds, noonMs, refused, tenantWithAda } from "./given.ts";
import type { OpenStore } from "./under-test.ts";

const absent = (key: string, tenant = "acme") => ({ if: "received.absent", tenant, key }) as const;
const add = (key: string, { tenant = "acme", atMs = noonMs } = {}) =>
  ({ do: "received.add", tenant, key, atMs }) as const;

export function receivedEventsConformance(open: OpenStore): void {
  describe("received events", () => {
    it("are known once they are committed, each in its tenant", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"), add("a"), add("b"), add("c", { tenant: "other" }));
      const { receivedEvents } = at.store;
      assert.deepEqual(await receivedEvents.known("acme", ["a", "c", "A", "b", "a"]), new Set(["a", "b"]));
      assert.deepEqual(await receivedEvents.known("other", ["a", "c"]), new Set(["c"]));
      assert.deepEqual(await receivedEvents.known("acme", []), new Set());
    });

    it("are published once, however many try at once, and none of a unit of which one was", async () => {
      await using at = await open();
      const tries = await Promise.all(
        Array.from({ length: 8 }, () => at.store.commit({ conditions: [absent("a")], changes: [add("a")] })),
      );
      assert.equal(tries.filter(({ kind }) => kind === "committed").length, 1);
      await refused(at.store, absent("a"));
      await holds(at.store, absent("a", "other"));
      const unit = { conditions: [absent("b"), absent("a")], changes: [add("b")] };
      assert.deepEqual(await at.store.commit(unit), { kind: "refused", condition: absent("a") });
      await holds(at.store, absent("b"));
      await assert.rejects(changed(at.store, add("a")));
    });

    it("are forgotten a week later, and not before", async () => {
      await using at = await open();
      const since = at.clock.now();
      await changed(at.store, add("a", { atMs: since }), add("b", { atMs: since + 1 }));
      const prune = async () => {
        while ((await at.store.upkeep.prune({ beforeMs: 0, deadBeforeMs: 0, max: 1 })).more);
      };
      at.clock.advance(receivedKeptMs);
      await prune();
      await refused(at.store, absent("a"));
      at.clock.advance(1);
      await prune();
      await holds(at.store, absent("a"));
      await refused(at.store, absent("b"));
    });
  });
}
