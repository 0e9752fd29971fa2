import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Need, needsBeyond } from "../../../src/domain/face-rules.ts";
import { anyResource } from "../../../src/domain/ids.ts";
import {
  aBucket,
  aSubscription,
  changed,
  changedSince,
  givenSubscription,
  noonMs,
  tenantWithAda,
  uuid,
} from "./given.ts";
import type { OpenStore } from "./under-test.ts";

const bob = { tenant: "acme", name: "bob", role: "member", createdMs: noonMs } as const;

export function loweredConformance(open: OpenStore): void {
  describe("a principal that is less than before", () => {
    it("hears no more at webhooks of what needs that, whatever the face; a member manages what it owns", async () => {
      await using at = await open();
      const { store } = at;
      await changed(store, ...tenantWithAda("acme"), ...tenantWithAda("other"), {
        do: "principal.put",
        principal: bob,
      });
      const [own, another] = [aBucket({ owner: "bob" }), aBucket()];
      await changed(store, { do: "bucket.add", bucket: own }, { do: "bucket.add", bucket: another });
      const hook = { kind: "function", function: 7 } as const;
      const wanted = {
        plain: aSubscription(another.uuid, { owner: "bob" }),
        hers: aSubscription(another.uuid, { needs: "admin" }),
        runs: aSubscription(another.uuid, { owner: "bob", needs: "admin", target: hook }),
        manager: aSubscription(another.uuid, { owner: "bob", needs: "manager" }),
        ofOwn: aSubscription(own.uuid, { owner: "bob", needs: "manager" }),
        developer: aSubscription(uuid("app"), { owner: "bob", needs: "developer" }),
        admin: aSubscription(anyResource, { owner: "bob", needs: "admin" }),
        elsewhere: aSubscription(uuid("file"), { owner: "operator:bob", tenant: "other" }),
      } as const;
      for (const subscription of Object.values(wanted)) await givenSubscription(store, subscription);
      const lowered = async (atMs: number, change: { beyond: readonly Need[]; everywhere?: boolean }) => {
        const { revision } = await changedSince(store, "acme", 0);
        await changed(store, { do: "principal.lowered", tenant: "acme", name: "bob", atMs, ...change });
        const told = (await changedSince(store, "acme", revision)).changed.map((of) => of.uuid);
        const paused: string[] = [];
        for (const [name, of] of Object.entries(wanted)) {
          const pause = (await store.subscriptions.get(of.uuid))?.paused;
          if (pause?.sinceMs !== atMs) continue;
          assert.equal(pause.reason, "owner_role");
          assert.equal(told.includes(of.uuid), of.tenant === "acme");
          paused.push(name);
        }
        return paused;
      };
      assert.deepEqual(await lowered(noonMs + 1, { beyond: [] }), []);
      assert.deepEqual(await lowered(noonMs + 2, { beyond: ["admin"] }), ["admin"]);
      assert.deepEqual(await lowered(noonMs + 3, { beyond: needsBeyond("member") }), ["manager", "developer", "admin"]);
      assert.deepEqual(await lowered(noonMs + 4, { beyond: [], everywhere: true }), ["elsewhere"]);
    });
  });
}
