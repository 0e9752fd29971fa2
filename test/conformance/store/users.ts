import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StoredUser } from "../../../src/store/records.ts";
import type { Store } from "../../../src/store/store.ts";
import type { NewUser } from "../../../src/store/unit.ts";
import { changed, holds, noonMs, refused, tenantWithAda, uuid } from "./given.ts";
import type { OpenStore } from "./under-test.ts";

let number = 0;

export function aUser(username: string, over: Partial<NewUser> = {}): NewUser {
  number += 1;
  const name = { username, email: `${username}@example.org`, firstName: "A", lastName: "B" };
  const facts = {
    attributes: { size: 3, tags: ["a", null] },
    emailVerified: false,
    createdMs: noonMs,
    updatedMs: noonMs,
  };
  return { uuid: uuid("profile"), number, tenant: "acme", ...name, ...facts, ...over };
}

async function givenUser(store: Store, user: NewUser): Promise<StoredUser> {
  await changed(store, { do: "user.add", user });
  return (await store.users.byUuid(user.uuid)) ?? assert.fail(`${user.username} is there`);
}

const twoTenants = [...tenantWithAda("acme"), ...tenantWithAda("other")];

export function usersConformance(open: OpenStore): void {
  describe("users", () => {
    it("are read back as written, by number, uuid and name", async () => {
      await using at = await open();
      await changed(at.store, ...twoTenants);
      const user = aUser("Zoë");
      const found = await givenUser(at.store, user);
      assert.deepEqual(found, { ...user, revision: 1 });
      assert.deepEqual(await at.store.users.byNumber({ tenant: "acme", number: user.number }), found);
      assert.deepEqual(await at.store.users.byName("acme", "zoË"), found, "whatever the case of its letters");
      assert.equal(await at.store.users.byNumber({ tenant: "other", number: user.number }), undefined);
      assert.equal(await at.store.users.byName("other", "Zoë"), undefined);
      assert.equal(await at.store.users.byUuid(uuid("profile")), undefined);
    });

    it("have numbers that begin at 1 and never repeat, also when a user is gone and after a restart", async () => {
      await using at = await open();
      await changed(at.store, ...twoTenants);
      const user = aUser("zoe", { number: await at.store.users.reserveNumbers(1) });
      assert.equal(user.number, 1);
      await changed(at.store, { do: "user.add", user });
      await assert.rejects(changed(at.store, { do: "user.add", user: aUser("yan", { number: 1 }) }));
      await changed(at.store, { do: "user.remove", uuid: user.uuid });
      const firsts = await Promise.all([2, 1, 4].map((count) => at.store.users.reserveNumbers(count)));
      assert.equal(new Set(firsts).size, 3);
      assert.ok(Math.min(...firsts) > 1);
      await at.reopen();
      assert.equal(await at.store.users.reserveNumbers(1), 9);
      await assert.rejects(at.store.users.reserveNumbers(0), RangeError);
    });

    it("come by number, in pages, and by exactly their e-mail address or name", async () => {
      await using at = await open();
      await changed(at.store, ...twoTenants);
      const shared = { email: "team@example.org" };
      for (const user of [
        aUser("c", shared),
        aUser("B"),
        aUser("a", shared),
        aUser("d", { ...shared, tenant: "other" }),
      ]) {
        await givenUser(at.store, user);
      }
      const names = async (query: object, after = 0, max = 9): Promise<string[]> =>
        (await at.store.users.list({ tenant: "acme", ...query }, { after, max })).map(({ username }) => username);
      const b = (await at.store.users.byName("acme", "b"))?.number ?? assert.fail();
      assert.deepEqual(await names({}), ["c", "B", "a"]);
      assert.deepEqual(await names({}, 0, 2), ["c", "B"]);
      assert.deepEqual(await names({}, b), ["a"]);
      assert.deepEqual(await names(shared), ["c", "a"]);
      assert.deepEqual(await names(shared, b), ["a"]);
      assert.deepEqual(await names({ email: "TEAM@example.org" }), []);
      assert.deepEqual(await names({ username: "B" }), ["B"]);
      assert.deepEqual(await names({ username: "b" }), []);
      assert.deepEqual(await names({ username: "B" }, b), []);
      assert.deepEqual(await names({ username: "c", ...shared }), ["c"]);
      assert.deepEqual(await names({ username: "B", ...shared }), []);
    });

    it("have a name of their own, of which exactly one of many who want it gets hold", async () => {
      await using at = await open();
      await changed(at.store, ...twoTenants);
      const free = { if: "user.nameFree", tenant: "acme", username: "ÄNNE" } as const;
      const rivals = ["Änne", "änne", "ÄNNE", "änNE"].map((username) => aUser(username));
      const commits = await Promise.all(
        rivals.map((user) => at.store.commit({ conditions: [free], changes: [{ do: "user.add", user }] })),
      );
      const winners = rivals.filter((_, index) => commits[index]?.kind === "committed");
      assert.equal(winners.length, 1);
      const except = winners[0]?.uuid ?? assert.fail();
      await refused(at.store, free);
      await holds(at.store, { ...free, except });
      await holds(at.store, { ...free, tenant: "other" });
      await refused(at.store, { ...free, except: uuid("profile") });
      await assert.rejects(changed(at.store, { do: "user.add", user: aUser("äNNE") }));
    });

    it("are replaced but for tenant, number and when they were made, each time with another revision", async () => {
      await using at = await open();
      await changed(at.store, ...twoTenants);
      const before = await givenUser(at.store, aUser("zoe"));
      const after = aUser("Yan", { uuid: before.uuid, attributes: {}, firstName: "", updatedMs: noonMs + 9 });
      const unchanged = { if: "user.revision", uuid: before.uuid, revision: 1 } as const;
      const unit = {
        conditions: [unchanged],
        changes: [{ do: "user.put", user: { ...after, tenant: "other", createdMs: 1 } } as const],
      };
      const commits = await Promise.all([at.store.commit(unit), at.store.commit(unit)]);
      assert.deepEqual(
        commits.map(({ kind }) => kind),
        ["committed", "refused"],
      );
      const kept = { tenant: "acme", number: before.number, createdMs: noonMs };
      assert.deepEqual(await at.store.users.byUuid(before.uuid), { ...after, ...kept, revision: 2 });
      assert.equal(await at.store.users.byName("acme", "zoe"), undefined);
      assert.equal((await at.store.users.byName("acme", "yan"))?.number, before.number);
    });

    it("never take the name of another one", async () => {
      await using at = await open();
      await changed(at.store, ...twoTenants);
      await givenUser(at.store, aUser("yan"));
      const zoe = await givenUser(at.store, aUser("zoe"));
      await assert.rejects(changed(at.store, { do: "user.put", user: { ...zoe, username: "YAN" } }));
      assert.deepEqual(await at.store.users.byUuid(zoe.uuid), zoe);
    });

    it("are gone when they are removed", async () => {
      await using at = await open();
      await changed(at.store, ...twoTenants);
      const user = await givenUser(at.store, aUser("zoe"));
      await changed(at.store, { do: "user.remove", uuid: user.uuid });
      await changed(at.store, { do: "user.put", user });
      assert.equal(await at.store.users.byUuid(user.uuid), undefined);
      await refused(at.store, { if: "user.revision", uuid: user.uuid, revision: 1 });
      await givenUser(at.store, aUser("zoe"));
    });

    it("need a tenant", async () => {
      await using at = await open();
      await assert.rejects(changed(at.store, { do: "user.add", user: aUser("zoe") }));
    });
  });

  describe("the schema of users' attributes", () => {
    it("is a tenant's own, replaced and taken away", async () => {
      await using at = await open();
      await changed(at.store, ...twoTenants);
      const put = async (schema: Record<string, unknown> | null): Promise<unknown> => {
        await changed(at.store, { do: "userSchema.put", tenant: "acme", schema });
        return at.store.users.schema("acme");
      };
      assert.equal(await at.store.users.schema("acme"), undefined);
      const schema = { type: "object", properties: { size: { type: "integer" } } };
      assert.deepEqual(await put(schema), schema);
      assert.deepEqual(await put({}), {});
      assert.equal(await at.store.users.schema("other"), undefined);
      assert.equal(await put(null), undefined);
      assert.equal(await put(null), undefined);
    });
  });
}
