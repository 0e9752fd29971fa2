import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Store } from "../../../src/store/store.ts";
import type { Unit } from "../../../src/store/unit.ts";
import { aSubscription, changed, givenBucket, givenSubscription, noonMs, refused, uuid } from "./given.ts";
import { aFunction, anApp, aVersion, givenApp } from "./given-functions.ts";
import type { OpenStore } from "./under-test.ts";

/** Commits all of them at once, twice: in one group, and what is left of them in the next. How many were committed. */
async function raced(store: Store, units: readonly Unit[]): Promise<number> {
  const half = units.length / 2;
  const first = units.slice(0, half).map((unit) => store.commit(unit));
  await Promise.resolve();
  const commits = await Promise.all([...first, ...units.slice(half).map((unit) => store.commit(unit))]);
  return commits.filter(({ kind }) => kind === "committed").length;
}

const many = Array.from({ length: 8 });

export function limitsConformance(open: OpenStore): void {
  describe("limits, which no number of writers at once can pass", () => {
    it("hold for the apps of a tenant, and count live ones", async () => {
      await using at = await open();
      await givenApp(at.store);
      const fewer = { if: "apps.fewer", tenant: "acme", fewer: 4 } as const;
      const add = (slug: string): Unit => ({
        conditions: [fewer],
        changes: [{ do: "app.add", app: anApp({ slug }) }],
      });
      assert.equal(
        await raced(
          at.store,
          many.map((_, n) => add(`app-${n}`)),
        ),
        3,
      );
      await refused(at.store, fewer);
      const [app] = await at.store.apps.apps("acme", { max: 1 });
      await changed(at.store, { do: "app.remove", uuid: app?.uuid ?? assert.fail(), atMs: noonMs });
      assert.equal(
        await raced(
          at.store,
          many.map((_, n) => add(`later-${n}`)),
        ),
        1,
      );
    });

    it("hold for the functions of an app, and count live ones", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      const fewer = { if: "functions.fewer", app: app.number, fewer: 3 } as const;
      const add = (slug: string): Unit => ({
        conditions: [fewer],
        changes: [{ do: "function.add", app: app.uuid, function: aFunction({ slug }), version: aVersion() }],
      });
      assert.equal(
        await raced(
          at.store,
          many.map((_, n) => add(`fn-${n}`)),
        ),
        3,
      );
      await refused(at.store, fewer);
      const [fn] = await at.store.functions.list(app.number, { max: 1 });
      await changed(at.store, { do: "function.remove", number: fn?.number ?? assert.fail(), atMs: noonMs });
      assert.equal(
        await raced(
          at.store,
          many.map((_, n) => add(`later-${n}`)),
        ),
        1,
      );
    });

    it("hold for the subscriptions of an owner, whatever their face, that still listen for something", async () => {
      await using at = await open();
      const { uuid: scope } = await givenBucket(at.store);
      const fewer = { if: "subscriptions.fewer", tenant: "acme", of: { owner: "bob" }, fewer: 4 } as const;
      const other = await givenSubscription(at.store, aSubscription(scope, { owner: "ada" }));
      const first = await givenSubscription(
        at.store,
        aSubscription(uuid("file"), { face: "notifications", owner: "bob" }),
      );
      const add = (): Unit => ({
        conditions: [fewer],
        changes: [{ do: "subscription.add", subscription: aSubscription(scope, { owner: "bob", enabled: false }) }],
      });
      assert.equal(await raced(at.store, many.map(add)), 3);
      await refused(at.store, fewer);
      await changed(at.store, { do: "subscription.remove", uuid: other.uuid, atMs: noonMs });
      await refused(at.store, fewer);
      await changed(at.store, { do: "subscription.remove", uuid: first.uuid, atMs: noonMs });
      assert.equal(await raced(at.store, many.map(add)), 1);
    });

    it("do not count one-shot subscriptions that were taken", async () => {
      await using at = await open();
      const { uuid: scope } = await givenBucket(at.store);
      const of = { if: "subscriptions.fewer", tenant: "acme", of: { owner: "bob" }, fewer: 1 } as const;
      const shot = await givenSubscription(at.store, aSubscription(scope, { owner: "bob", once: true }));
      await refused(at.store, of);
      const take = {
        do: "subscription.take",
        tenant: "acme",
        sequence: 1,
        subscriptions: [shot.number],
        dueMs: 1,
      } as const;
      await changed(at.store, take);
      assert.deepEqual(await at.store.commit({ conditions: [of] }), { kind: "committed", sequences: [] });
    });

    it("hold for the subscriptions of a face on a scope, whichever their owners", async () => {
      await using at = await open();
      const { uuid: scope } = await givenBucket(at.store);
      await givenSubscription(at.store, aSubscription(scope, { face: "notifications" }));
      const of = { scope, face: "objects" } as const;
      const fewer = { if: "subscriptions.fewer", tenant: "acme", of, fewer: 3 } as const;
      const add = (owner: string): Unit => ({
        conditions: [fewer],
        changes: [{ do: "subscription.add", subscription: aSubscription(scope, { owner }) }],
      });
      assert.equal(
        await raced(
          at.store,
          many.map((_, n) => add(`owner-${n}`)),
        ),
        3,
      );
      await refused(at.store, fewer);
      const [rule] = await at.store.subscriptions.list({ tenant: "acme", face: "objects" }, { max: 1 });
      await changed(at.store, { do: "subscription.remove", uuid: rule?.uuid ?? assert.fail(), atMs: noonMs });
      assert.equal(
        await raced(
          at.store,
          many.map((_, n) => add(`later-${n}`)),
        ),
        1,
      );
    });

    it("let one writer make a principal, and tell whether it was ended", async () => {
      await using at = await open();
      await givenBucket(at.store);
      const named = { tenant: "acme", name: "bob" };
      const absent = { if: "principal.absent", ...named } as const;
      const put = (role: "member" | "admin"): Unit => ({
        conditions: [absent],
        changes: [{ do: "principal.put", principal: { ...named, role, createdMs: noonMs } }],
      });
      assert.equal(
        await raced(
          at.store,
          many.map((_, n) => put(n % 2 === 0 ? "member" : "admin")),
        ),
        1,
      );
      await refused(at.store, { if: "principal.ended", ...named });
      await changed(at.store, { do: "principal.end", ...named, atMs: noonMs });
      await refused(at.store, absent);
      assert.equal((await at.store.commit({ conditions: [{ if: "principal.ended", ...named }] })).kind, "committed");
    });
  });
}
