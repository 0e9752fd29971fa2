import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { changed, committed, holds, noonMs, refused, tenantWithAda } from "./given.ts";
import { anApp, appNow, functionNow, givenApp, givenFunction } from "./given-functions.ts";
import type { OpenStore } from "./under-test.ts";

export function appsConformance(open: OpenStore): void {
  describe("apps", () => {
    it("are read back as written, renamed, and found only in their tenant", async () => {
      await using at = await open();
      const app = anApp({ slug: "shop", name: "Shöp" });
      await changed(at.store, ...tenantWithAda("acme"), ...tenantWithAda("other"), { do: "app.add", app });
      const found = await appNow(at.store, app);
      assert.deepEqual(found, { ...app, number: found.number });
      assert.equal(await at.store.apps.app("other", "shop"), undefined);
      await changed(at.store, { do: "app.change", uuid: app.uuid, name: "Store", atMs: noonMs + 5 });
      assert.deepEqual(await appNow(at.store, app), { ...found, name: "Store", updatedMs: noonMs + 5 });
      await changed(at.store, { do: "app.add", app: anApp({ tenant: "other", slug: "shop" }) });
      assert.equal((await at.store.apps.app("acme", "shop"))?.uuid, app.uuid);
    });

    it("come by number, in pages", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"), ...tenantWithAda("other"));
      const apps = [anApp({ slug: "c" }), anApp({ tenant: "other" }), anApp({ slug: "b" }), anApp({ slug: "a" })];
      for (const app of apps) await changed(at.store, { do: "app.add", app });
      const page = await at.store.apps.apps("acme", { max: 2 });
      assert.deepEqual(
        page.map(({ slug }) => slug),
        ["c", "b"],
      );
      const after = page[1]?.number ?? assert.fail();
      assert.deepEqual(await at.store.apps.apps("acme", { after, max: 2 }), [
        await appNow(at.store, { tenant: "acme", slug: "a" }),
      ]);
    });

    it("have a slug of their own, of which exactly one of many who want it gets hold", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"), ...tenantWithAda("other"));
      const free = { if: "app.slugFree", tenant: "acme", slug: "shop" } as const;
      await holds(at.store, free);
      const rivals = Array.from({ length: 9 }, () => anApp({ slug: "shop" }));
      const commits = await Promise.all(
        rivals.map((app) => at.store.commit({ conditions: [free], changes: [{ do: "app.add", app }] })),
      );
      const winners = rivals.filter((_, index) => commits[index]?.kind === "committed");
      assert.equal(winners.length, 1);
      assert.equal((await appNow(at.store, free)).uuid, winners[0]?.uuid);
      await refused(at.store, free);
      await holds(at.store, { ...free, tenant: "other" });
      await assert.rejects(changed(at.store, { do: "app.add", app: anApp({ slug: "shop" }) }));
    });

    it("are gone when they are removed; slug and name of theirs stay with who was in them, no number comes back", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      const exists = { if: "app.exists", uuid: app.uuid } as const;
      const empty = { if: "app.empty", uuid: app.uuid } as const;
      await holds(at.store, empty);
      const fn = await givenFunction(at.store, app);
      await holds(at.store, exists);
      await refused(at.store, empty);
      await changed(at.store, { do: "function.remove", number: fn.number, atMs: noonMs });
      await committed(at.store, {
        conditions: [exists, empty],
        changes: [{ do: "app.remove", uuid: app.uuid, atMs: noonMs }],
      });
      await refused(at.store, exists);
      await refused(at.store, { ...exists, uuid: anApp().uuid });
      await holds(at.store, { if: "app.slugFree", tenant: "acme", slug: app.slug });
      assert.equal(await at.store.apps.app("acme", app.slug), undefined);
      assert.deepEqual(await at.store.apps.apps("acme", { max: 9 }), []);
      assert.equal((await functionNow(at.store, fn.number)).appSlug, app.slug);

      const next = anApp({ slug: app.slug });
      await changed(at.store, { do: "app.add", app: next }, { do: "app.change", uuid: app.uuid, name: "x", atMs: 1 });
      const found = await appNow(at.store, app);
      assert.deepEqual(found, { ...next, number: found.number });
      assert.ok(found.number > app.number);
      assert.equal((await functionNow(at.store, fn.number)).appName, app.name);
    });

    it("need a tenant", async () => {
      await using at = await open();
      await assert.rejects(changed(at.store, { do: "app.add", app: anApp() }));
    });
  });
}
