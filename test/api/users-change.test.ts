import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Params } from "../../src/domain/lifecycle.ts";
import { changeUser, removeUser } from "../../src/platform/users/change.ts";
import { createUser } from "../../src/platform/users/create.ts";
import { findUser } from "../../src/platform/users/find.ts";
import { subscribe } from "../support/guard.ts";
import { ada, failsWith, usersAtWork } from "../support/users.ts";

/** The verbs by themselves, whoever calls them: each operation's way through its hooks, its commit and its event. */

describe("changing a user", () => {
  it("asks hooks with the user as it would be and what changes, and tells both afterwards", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    const { user: before } = await createUser(deps, doing, ada);
    subscribe(guard, "PRE_USER_UPDATE", () => ({ decision: "allow", patch: { attributes: { checked: true } } }));
    const patch = { email: "ada@new.example", attributes: { plan: "gold" } };
    const { user } = await changeUser(deps, doing, { id: before.number, patch });
    const [asked] = guard.asked;
    const email = { from: "ada@example.com", to: "ada@new.example" };
    assert.deepEqual(asked?.params["changes"], { email, attributes: { from: { plan: "free" }, to: { plan: "gold" } } });
    assert.deepEqual([asked?.params["email"], asked?.params["id"]], ["ada@new.example", before.number]);
    assert.deepEqual(user.attributes, { plan: "gold", checked: true });
    const told = (await work.told()).at(-1);
    assert.deepEqual([told?.name, told?.event.resource], ["POST_USER_UPDATE", before.uuid]);
    assert.deepEqual(told?.data.params["changes"], {
      email,
      attributes: { from: { plan: "free" }, to: { plan: "gold", checked: true } },
    });
    assert.deepEqual(told?.data.params["attributes"], { plan: "gold", checked: true });
  });

  it("may have attributes up to their limits, before and after", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    subscribe(guard, "PRE_USER_UPDATE", () => {});
    const deep = JSON.parse(`${'{"a":'.repeat(23)}{}${"}".repeat(23)}`) as Params;
    const large = (letter: string): Params => ({ ...deep, text: letter.repeat(65_000) });
    const { user } = await createUser(deps, doing, { ...ada, attributes: large("x") });
    const changed = await changeUser(deps, doing, { id: user.uuid, patch: { attributes: large("y") } });
    assert.deepEqual(changed.user.attributes, large("y"));
    assert.deepEqual((await work.told()).at(-1)?.data.params["changes"], {
      attributes: { from: large("x"), to: large("y") },
    });
  });

  it("that changes nothing asks nobody and tells nobody", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    const { user } = await createUser(deps, doing, ada);
    subscribe(guard, "PRE_USER_UPDATE", () => assert.fail("was asked"));
    const patch = { username: "ada", email: "ada@example.com", attributes: { plan: "free", absent: null } };
    const done = await changeUser(deps, doing, { id: user.uuid, patch });
    assert.deepEqual([done.operation, done.user.updatedMs], [undefined, user.updatedMs]);
    assert.equal((await work.told()).length, 1);
  });

  it("that hooks undo is recorded as decided, and told to nobody", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    const { user } = await createUser(deps, doing, ada);
    subscribe(guard, "PRE_USER_UPDATE", () => ({ decision: "allow", patch: { first_name: "Ada" } }));
    const done = await changeUser(deps, doing, { id: user.uuid, patch: { firstName: "Eve" } });
    assert.equal(done.user.firstName, "Ada");
    assert.notEqual(await deps.store.operations.decision("default", done.operation ?? ""), undefined);
    assert.deepEqual([(await work.told()).length, guard.aborts], [1, []]);
  });

  it("is refused when somebody changes the user while hooks run, who are told and not asked again", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    const { user } = await createUser(deps, doing, ada);
    subscribe(guard, "PRE_USER_UPDATE", async ({ params }) => {
      if (params["first_name"] === "slow")
        await changeUser(deps, doing, { id: user.uuid, patch: { lastName: "King" } });
    });
    await assert.rejects(
      changeUser(deps, doing, { id: user.uuid, patch: { firstName: "slow" } }),
      failsWith("conflict", /changed while hooks ran/),
    );
    assert.equal(guard.asked.length, 2, "once for each");
    assert.equal(guard.aborts.length, 1);
    const now = await findUser(deps.store, "default", user.uuid);
    assert.deepEqual([now.firstName, now.lastName], ["Ada", "King"]);
  });

  it("by many at once without hooks loses nothing", async () => {
    await using work = await usersAtWork();
    const { deps, doing } = work;
    const { user } = await createUser(deps, doing, ada);
    const names = ["a", "b", "c", "d", "e"];
    await Promise.all(
      names.map((name) => changeUser(deps, doing, { id: user.uuid, patch: { attributes: { [name]: 1 } } })),
    );
    const { attributes } = await findUser(deps.store, "default", user.uuid);
    assert.deepEqual(attributes, { plan: "free", a: 1, b: 1, c: 1, d: 1, e: 1 });
  });

  it("may change the letters of its own name, and not take another's", async () => {
    await using work = await usersAtWork();
    const { deps, doing } = work;
    const { user } = await createUser(deps, doing, ada);
    await createUser(deps, doing, { username: "ben" });
    assert.equal((await changeUser(deps, doing, { id: user.uuid, patch: { username: "Ada" } })).user.username, "Ada");
    await assert.rejects(
      changeUser(deps, doing, { id: user.uuid, patch: { username: "BEN" } }),
      failsWith("conflict", /'BEN' is taken/),
    );
  });

  it("leaves a user alone whom a new schema would not let in, until its attributes are changed", async () => {
    await using work = await usersAtWork();
    const { deps, doing } = work;
    const { user } = await createUser(deps, doing, ada);
    const schema = { type: "object", required: ["team"] };
    await deps.publish({ changes: [{ do: "userSchema.put", tenant: "default", schema }] });
    const { uuid: id } = user;
    assert.equal((await changeUser(deps, doing, { id, patch: { firstName: "A." } })).user.firstName, "A.");
    await assert.rejects(
      changeUser(deps, doing, { id, patch: { attributes: { plan: "gold" } } }),
      failsWith("invalid_request", /attributes\.team: is required/),
    );
    await changeUser(deps, doing, { id, patch: { attributes: { team: "a" } } });
  });
});

describe("deleting a user", () => {
  it("asks hooks with the user, and tells the user that was", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    const { user } = await createUser(deps, doing, ada);
    subscribe(guard, "PRE_USER_DELETE", () => {});
    await removeUser(deps, doing, user.number);
    assert.equal(guard.asked[0]?.params["username"], "ada");
    const told = (await work.told()).at(-1);
    assert.deepEqual(
      [told?.name, told?.data.params["username"], told?.data.params["id"]],
      ["POST_USER_DELETE", "ada", user.number],
    );
    await assert.rejects(removeUser(deps, doing, user.number), failsWith("not_found", /^user '/));
  });

  it("is held up by a denial, and by somebody who changes the user while hooks run", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    const { user } = await createUser(deps, doing, ada);
    let deny = true;
    subscribe(guard, "PRE_USER_DELETE", async () => {
      if (deny) return { decision: "deny", message: "she has invoices" };
      await changeUser(deps, doing, { id: user.uuid, patch: { firstName: "A." } });
      return undefined;
    });
    await assert.rejects(removeUser(deps, doing, user.uuid), failsWith("hook_denied", /invoices/));
    deny = false;
    await assert.rejects(removeUser(deps, doing, user.uuid), failsWith("conflict", /changed while hooks ran/));
    assert.equal((await findUser(deps.store, "default", user.uuid)).firstName, "A.");
    assert.equal(guard.aborts.length, 1);
  });

  it("makes the name free, and never gives its number to another", async () => {
    await using work = await usersAtWork();
    const { deps, doing } = work;
    const { user } = await createUser(deps, doing, ada);
    await removeUser(deps, doing, user.uuid);
    const { user: again } = await createUser(deps, doing, ada);
    assert.ok(again.number > user.number);
    assert.notEqual(again.uuid, user.uuid);
  });
});

describe("a user of another tenant", () => {
  it("does not exist, by number or by uuid", async () => {
    await using work = await usersAtWork();
    const { deps, doing } = work;
    await deps.publish({ changes: [{ do: "tenant.add", tenant: { id: "acme", name: "Acme", createdMs: 0 } }] });
    const { user } = await createUser(deps, doing, ada);
    const there = { ...doing, tenant: "acme" };
    for (const id of [user.number, user.uuid]) {
      await assert.rejects(findUser(deps.store, "acme", id), failsWith("not_found", /does not exist/));
      await assert.rejects(changeUser(deps, there, { id, patch: { firstName: "x" } }), failsWith("not_found", /./));
      await assert.rejects(removeUser(deps, there, id), failsWith("not_found", /./));
    }
    assert.equal((await createUser(deps, there, ada)).user.tenant, "acme", "names are each tenant's own");
  });
});
