import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { everyone } from "../../../src/domain/access.ts";
import { parseUuid, type Uuid } from "../../../src/domain/ids.ts";
import type { Registered } from "../../../src/store/records.ts";
import { aBucket, anObject, aSubscription, changed, holds, noonMs, refused, tenantWithAda, uuid } from "./given.ts";
import { addFunction, aFunction, anApp } from "./given-functions.ts";
import type { OpenStore, StoreUnderTest } from "./under-test.ts";
import { aUser } from "./users.ts";

export function aResource(over: Partial<Registered> = {}): Omit<Registered, "revision"> {
  const { revision: _, ...resource } = {
    uuid: uuid("job"),
    tenant: "acme",
    kind: "job",
    owner: "ada",
    data: { status: "NEW", tags: ["a", null] },
    createdMs: noonMs,
    updatedMs: noonMs,
    revision: 0,
    ...over,
  };
  return resource;
}

function given(text: string): Uuid {
  return parseUuid(text) ?? assert.fail();
}

async function twoTenants(open: OpenStore): Promise<StoreUnderTest> {
  const at = await open();
  await changed(at.store, ...tenantWithAda("acme"), ...tenantWithAda("other"));
  return at;
}

export function registeredConformance(open: OpenStore): void {
  describe("registered resources", () => {
    it("are read back as written, also after a restart", async () => {
      await using at = await twoTenants(open);
      const [resource, bare] = [
        aResource({ app: "shop", parents: [uuid("job"), uuid("app")] }),
        aResource({ data: {} }),
      ];
      for (const one of [resource, bare]) await changed(at.store, { do: "registered.put", resource: one });
      await at.reopen();
      for (const one of [resource, bare]) {
        assert.deepEqual(await at.store.registered.get(one.uuid), { ...one, revision: 1 });
      }
      assert.equal(await at.store.registered.get(uuid("job")), undefined);
    });

    it("are replaced but for tenant, kind and when they were made, each time with another revision", async () => {
      await using at = await twoTenants(open);
      const before = aResource({ app: "shop" });
      await changed(at.store, { do: "registered.put", resource: before });
      const after = aResource({ uuid: before.uuid, owner: "ben", data: { status: "DONE" }, updatedMs: noonMs + 9 });
      const unit = {
        conditions: [{ if: "registered.revision", uuid: before.uuid, revision: 1 } as const],
        changes: [
          { do: "registered.put", resource: { ...after, tenant: "other", kind: "system", createdMs: 1 } } as const,
        ],
      };
      const commits = await Promise.all([at.store.commit(unit), at.store.commit(unit)]);
      assert.deepEqual(
        commits.map(({ kind }) => kind),
        ["committed", "refused"],
      );
      assert.deepEqual(await at.store.registered.get(before.uuid), { ...after, revision: 2 });
    });

    it("come by uuid, in pages, those of one tenant and kind", async () => {
      await using at = await twoTenants(open);
      for (const id of ["c-007", "a-007", "b-007"]) {
        await changed(at.store, { do: "registered.put", resource: aResource({ uuid: given(id) }) });
      }
      await changed(at.store, { do: "registered.put", resource: aResource({ tenant: "other" }) });
      await changed(at.store, { do: "registered.put", resource: aResource({ kind: "system" }) });
      const query = { tenant: "acme", kind: "job" };
      const ids = async (page: object) =>
        (await at.store.registered.list(query, { max: 9, ...page })).map((r) => r.uuid);
      assert.deepEqual(await ids({}), ["a-007", "b-007", "c-007"]);
      assert.deepEqual(await ids({ max: 2 }), ["a-007", "b-007"]);
      assert.deepEqual(await ids({ after: "a-007" }), ["b-007", "c-007"]);
    });

    it("come by uuid, in pages, those of one owner", async () => {
      await using at = await twoTenants(open);
      for (const [id, owner] of [
        ["c-007", "ben"],
        ["a-007", "ben"],
        ["b-007", "ada"],
      ] as const) {
        await changed(at.store, { do: "registered.put", resource: aResource({ uuid: given(id), owner }) });
      }
      const query = { tenant: "acme", kind: "job", owner: "ben" };
      const ids = async (page: object) =>
        (await at.store.registered.list(query, { max: 9, ...page })).map((r) => r.uuid);
      assert.deepEqual(await ids({}), ["a-007", "c-007"]);
      assert.deepEqual(await ids({ max: 1 }), ["a-007"]);
      assert.deepEqual(await ids({ after: "a-007" }), ["c-007"]);
    });

    it("are gone when they are removed", async () => {
      await using at = await twoTenants(open);
      const resource = aResource();
      await changed(at.store, { do: "registered.put", resource });
      await changed(at.store, { do: "registered.remove", uuid: resource.uuid });
      assert.equal(await at.store.registered.get(resource.uuid), undefined);
      await refused(at.store, { if: "registered.revision", uuid: resource.uuid, revision: 1 });
    });
  });

  describe("resources of every kind", () => {
    it("are live from when they are there until they end", async () => {
      await using at = await twoTenants(open);
      const { store } = at;
      const [bucket, app, resource, user] = [aBucket(), anApp(), aResource(), aUser("zoe")];
      const [file, fn, subscription] = [anObject(bucket.uuid, "k"), aFunction(), aSubscription(bucket.uuid)];
      const all = [bucket, file, subscription, app, fn, user, resource].map((one) => one.uuid);
      for (const one of all) {
        await refused(store, { if: "resource.live", uuid: one });
        await holds(store, { if: "resource.absent", uuid: one });
      }
      await changed(
        store,
        { do: "bucket.add", bucket },
        { do: "object.put", object: file },
        { do: "subscription.add", subscription },
        { do: "app.add", app },
        addFunction(app.uuid, fn),
        { do: "user.add", user },
        { do: "registered.put", resource },
      );
      for (const one of all) {
        await holds(store, { if: "resource.live", uuid: one });
        await refused(store, { if: "resource.absent", uuid: one });
      }
      const number = (await store.functions.byUuid(fn.uuid))?.number ?? assert.fail();
      const atMs = noonMs + 1;
      await changed(
        store,
        { do: "object.remove", bucket: bucket.uuid, key: "k" },
        { do: "subscription.remove", uuid: subscription.uuid, atMs },
        { do: "bucket.remove", bucket: bucket.uuid, atMs },
        { do: "function.remove", number, atMs },
        { do: "app.remove", uuid: app.uuid, atMs: noonMs },
        { do: "user.remove", uuid: user.uuid },
        { do: "registered.remove", uuid: resource.uuid },
      );
      for (const one of all) {
        await refused(store, { if: "resource.live", uuid: one });
        await holds(store, { if: "resource.absent", uuid: one });
      }
    });
  });

  describe("grants on resources that end", () => {
    it("count no more, but for who hears of the end, and not for another with that uuid", async () => {
      await using at = await twoTenants(open);
      const { store } = at;
      const resource = aResource();
      const of = { resource: resource.uuid, grantee: "ben" };
      const query = { tenant: "acme", resources: [uuid("job"), resource.uuid], developers: false };
      const seers = async (): Promise<boolean | undefined> => (await store.grants.seersOf([query]))[0]?.has("ben");
      await refused(store, { if: "grant.exists", ...of });
      await changed(
        store,
        { do: "registered.put", resource },
        { do: "grant.put", grant: { ...of, permission: "read" } },
      );
      await changed(store, { do: "registered.put", resource });
      await holds(store, { if: "grant.exists", ...of });
      assert.deepEqual([await store.grants.grant(resource.uuid, "ben"), await seers()], ["read", true]);
      await changed(
        store,
        { do: "registered.remove", uuid: resource.uuid },
        { do: "resource.end", uuid: resource.uuid, atMs: noonMs },
      );
      await refused(store, { if: "grant.exists", ...of });
      assert.deepEqual(
        [await store.grants.grant(resource.uuid, "ben"), await store.grants.grants(resource.uuid), await seers()],
        [undefined, [], true],
      );
      await changed(store, { do: "registered.put", resource });
      assert.equal(await seers(), false);
    });
  });

  describe("who sees resources", () => {
    it("are those with grants, the user whose profile it is, admins, operators, and developers where that is said", async () => {
      await using at = await twoTenants(open);
      const { store } = at;
      const [mine, linked] = [aUser("zoe"), aUser("yan")];
      const principal = { tenant: "acme", createdMs: noonMs };
      await changed(
        store,
        { do: "tenant.add", tenant: { id: "default", name: "Default", createdMs: noonMs } },
        { do: "user.add", user: mine },
        { do: "user.add", user: linked },
        { do: "principal.put", principal: { ...principal, name: "zoe", role: "member" } },
        { do: "principal.put", principal: { ...principal, name: "somebody", role: "member", user: linked.uuid } },
        // Of the name of one user, and linked to another.
        { do: "principal.put", principal: { ...principal, name: "yan", role: "member", user: mine.uuid } },
        { do: "principal.put", principal: { ...principal, name: "dev", role: "developer" } },
        { do: "principal.put", principal: { ...principal, name: "ben", role: "member" } },
        { do: "principal.put", principal: { ...principal, tenant: "other", name: "olga", role: "admin" } },
        { do: "principal.put", principal: { ...principal, tenant: "default", name: "root", role: "operator" } },
        { do: "principal.put", principal: { ...principal, tenant: "default", name: "ben", role: "operator" } },
        { do: "grant.put", grant: { resource: linked.uuid, grantee: "cat", permission: "read" } },
      );
      const seersOf = async (...queries: readonly [resource: Uuid, developers: boolean][]) => {
        const asked = queries.map(([resource, developers]) => ({ tenant: "acme", resources: [resource], developers }));
        return (await store.grants.seersOf(asked)).map((found) => [...found].toSorted());
      };
      const seers = async (resource: Uuid, developers = false) => (await seersOf([resource, developers]))[0];
      const operators = ["operator:ben", "operator:root"];
      assert.deepEqual(await seers(uuid("job")), ["ada", ...operators]);
      assert.deepEqual(await seers(uuid("job"), true), ["ada", "dev", ...operators]);
      assert.deepEqual(await seers(mine.uuid), ["ada", ...operators, "yan", "zoe"]);
      assert.deepEqual(await seers(linked.uuid), ["ada", "cat", ...operators, "somebody"]);
      assert.deepEqual(await seersOf([mine.uuid, false], [uuid("job"), true]), [
        ["ada", ...operators, "yan", "zoe"],
        ["ada", "dev", ...operators],
      ]);
      assert.deepEqual(await seersOf(), []);
      await changed(
        store,
        { do: "principal.put", principal: { ...principal, name: "cat", role: "member" } },
        ...["ada", "cat", "dev", "somebody", "zoe"].map(
          (name) => ({ do: "principal.end", tenant: "acme", name, atMs: noonMs }) as const,
        ),
        { do: "principal.end", tenant: "default", name: "ben", atMs: noonMs },
      );
      assert.deepEqual(await seers(uuid("job"), true), ["operator:root"], "nobody who was ended sees anything");
      assert.deepEqual(await seers(mine.uuid), ["operator:root", "yan"]);
      assert.deepEqual(await seers(linked.uuid), ["operator:root"]);
      await changed(store, {
        do: "grant.put",
        grant: { resource: linked.uuid, grantee: everyone, permission: "read" },
      });
      assert.deepEqual(await seers(linked.uuid), ["*", "operator:root"], "everybody stands for all who have rights");
      const living = await store.identities.living("acme", ["ada", "ben", "cat", "olga", "root", "yan", "zoe"]);
      assert.deepEqual([...living].toSorted(), ["ben", "yan"]);
    });
  });
}
