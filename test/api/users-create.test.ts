import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Params } from "../../src/domain/lifecycle.ts";
import { SignalboxError } from "../../src/errors.ts";
import { createUser } from "../../src/platform/users/create.ts";
import { findUser } from "../../src/platform/users/find.ts";
import { subscribe } from "../support/guard.ts";
import { ada, failsWith, usersAtWork } from "../support/users.ts";

/** The verbs by themselves, whoever calls them: each operation's way through its hooks, its commit and its event. */

describe("creating a user", () => {
  it("asks hooks with the proposed data, then commits, then tells the complete user with its id", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    let duringHook: unknown = "not asked";
    subscribe(guard, "PRE_USER_CREATE", async () => {
      duringHook = [await deps.store.users.byName("default", "ada"), await work.told()];
    });
    const { user, operation, warnings } = await createUser(deps, doing, ada);
    assert.deepEqual(duringHook, [undefined, []], "neither the user nor an event while hooks run");
    assert.deepEqual(
      guard.asked.map(({ type, params, user, actor, origin, tenant }) => [type, params, user, actor, origin, tenant]),
      [
        [
          "PRE_USER_CREATE",
          { username: "ada", email: "ada@example.com", first_name: "Ada", last_name: "", attributes: { plan: "free" } },
          { username: "anna", role: "admin" },
          "anna",
          "api",
          "default",
        ],
      ],
    );
    assert.deepEqual(warnings, []);
    assert.deepEqual(await findUser(deps.store, "default", user.number), { ...user, revision: 1 });
    const [told, ...more] = await work.told();
    assert.deepEqual(more, []);
    assert.equal(told?.name, "POST_USER_CREATE");
    assert.deepEqual([told.event.resource, told.event.origin, told.event.actor], [user.uuid, "api", "anna"]);
    assert.match(user.uuid, /-001$/);
    assert.deepEqual(told.data, {
      params: {
        id: user.number,
        user_id: user.number,
        uuid: user.uuid,
        username: "ada",
        email: "ada@example.com",
        first_name: "Ada",
        last_name: "",
        attributes: { plan: "free" },
        created_at: "2026-01-01T00:00:00.000Z",
        updated_at: "2026-01-01T00:00:00.000Z",
      },
      user: { username: "anna", role: "admin" },
      operation,
    });
    assert.equal((await deps.store.operations.decision("default", operation ?? ""))?.resource, user.uuid);
  });

  it("keeps what hooks changed", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    subscribe(guard, "PRE_USER_CREATE", () => ({
      decision: "allow",
      patch: { last_name: "Lovelace", attributes: { score: 7, plan: null } },
    }));
    const { user } = await createUser(deps, doing, ada);
    assert.deepEqual([user.lastName, user.attributes], ["Lovelace", { score: 7 }]);
    assert.deepEqual((await findUser(deps.store, "default", user.uuid)).attributes, { score: 7 });
    assert.deepEqual((await work.told())[0]?.data.params["attributes"], { score: 7 });
  });

  it("ends with a denial: no user, no event, and nobody is told of an abort", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    subscribe(guard, "PRE_USER_CREATE", () => ({ decision: "deny", message: "no" }));
    await assert.rejects(createUser(deps, doing, ada), failsWith("hook_denied", /refused PRE_USER_CREATE: no/));
    assert.equal(await deps.store.users.byName("default", "ada"), undefined);
    assert.deepEqual([await work.told(), guard.aborts], [[], []]);
  });

  it("asks nobody when the user could not be, or its name is taken in whatever letters", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    await createUser(deps, doing, ada);
    subscribe(guard, "PRE_USER_CREATE", () => assert.fail("was asked"));
    await assert.rejects(
      createUser(deps, doing, { username: "ADA" }),
      failsWith("conflict", /^username: 'ADA' is taken/),
    );
    await assert.rejects(createUser(deps, doing, { username: " x" }), failsWith("invalid_request", /^username/));
    assert.deepEqual(guard.asked, []);
  });

  it("is aborted when somebody takes the name while hooks run; their functions are told, and no POST event is sent", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    subscribe(guard, "PRE_USER_CREATE", async ({ params }) => {
      if (params["first_name"] === "first") await createUser(deps, doing, { username: "Ada", firstName: "second" });
    });
    await assert.rejects(
      createUser(deps, doing, { username: "ada", firstName: "first" }),
      failsWith("conflict", /^username: 'ada' is taken/),
    );
    assert.equal((await deps.store.users.byName("default", "ada"))?.firstName, "second");
    assert.deepEqual(
      guard.aborts.map(({ type, ran }) => [type, ran]),
      [["PRE_USER_CREATE", [1]]],
    );
    assert.deepEqual(
      (await work.told()).map(({ data }) => data.params["first_name"]),
      ["second"],
    );
  });

  it("is aborted when the commit fails after its hooks: they are told, and no POST event is sent", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    subscribe(guard, "PRE_USER_CREATE", () => {});
    work.beforeCommit = () => {
      throw new SignalboxError("storage_full", "the disk is full");
    };
    await assert.rejects(createUser(deps, doing, ada), failsWith("storage_full", /disk is full/));
    assert.deepEqual(
      guard.aborts.map(({ reason, ran }) => [reason, ran]),
      [["the disk is full", [1]]],
    );
    assert.deepEqual(await work.told(), []);
    assert.equal(await deps.store.users.byName("default", "ada"), undefined);
  });

  it("tells functions nothing of a failure that nobody expected", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    subscribe(guard, "PRE_USER_CREATE", () => {});
    work.beforeCommit = () => {
      throw new Error("SELECT secret");
    };
    await assert.rejects(createUser(deps, doing, ada), /SELECT secret/);
    assert.deepEqual(
      guard.aborts.map(({ reason }) => reason),
      ["it failed"],
    );
  });

  it("is not called aborted when it was committed and only the answer was lost", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    subscribe(guard, "PRE_USER_CREATE", () => {});
    work.beforeCommit = async (unit) => {
      await deps.store.commit(unit);
      throw new Error("the connection to the store broke");
    };
    await assert.rejects(createUser(deps, doing, ada), /connection to the store/);
    assert.notEqual(await deps.store.users.byName("default", "ada"), undefined);
    assert.deepEqual(guard.aborts, []);
    assert.equal((await work.told()).length, 1);
  });

  it("is aborted when nobody waits any more", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    const gone = new AbortController();
    subscribe(guard, "PRE_USER_CREATE", (_, signal) => {
      // The hook agrees in the same moment in which the caller goes.
      queueMicrotask(() => queueMicrotask(() => gone.abort()));
      assert.equal(signal, gone.signal, "and the hook hears of it");
    });
    const created = createUser(deps, { ...doing, signal: gone.signal }, ada);
    await assert.rejects(created, (thrown: unknown) => thrown instanceof SignalboxError && thrown.status === 503);
    assert.equal(await deps.store.users.byName("default", "ada"), undefined);
    assert.deepEqual(await work.told(), []);
  });

  it("fails for hooks that leave no user: it is they who are wrong, not the caller", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    const schema = { type: "object", properties: { plan: { enum: ["free", "gold"] } } };
    await deps.publish({ changes: [{ do: "userSchema.put", tenant: "default", schema }] });
    let patch: Params = { attributes: { plan: "platinum" } };
    subscribe(guard, "PRE_USER_CREATE", () => ({ decision: "allow", patch }));
    await assert.rejects(
      createUser(deps, doing, ada),
      failsWith("hook_failed", /^what hooks changed does not fit: attributes\.plan: must be one of/),
    );
    patch = { first_name: "x".repeat(200) };
    await assert.rejects(createUser(deps, doing, ada), failsWith("hook_failed", /first_name: must have at most 150/));
    assert.equal(guard.aborts.length, 2);
    assert.equal(await deps.store.users.byName("default", "ada"), undefined);
  });

  it("carries what led to it, and by which way it came", async () => {
    await using work = await usersAtWork();
    const { deps, guard, doing } = work;
    subscribe(guard, "PRE_USER_CREATE", () => {});
    const chain = { root: "an operation", path: [] };
    await createUser(deps, { ...doing, origin: "hook", chain }, ada);
    await createUser(deps, { tenant: "default", origin: "library" }, { username: "ben" });
    assert.deepEqual(
      guard.asked.map((asked) => [asked.origin, asked.chain]),
      [
        ["hook", chain],
        ["library", undefined],
      ],
    );
    const told = await work.told();
    assert.deepEqual(
      told.map(({ event, data }) => [event.origin, event.actor, data.chain, data.user]),
      [
        ["hook", "anna", chain, doing.user],
        ["library", undefined, undefined, undefined],
      ],
    );
  });

  it("gives each of many at once a number of its own, and those of later ones are greater", async () => {
    await using work = await usersAtWork();
    const { deps, doing } = work;
    const names = Array.from({ length: 100 }, (_, index) => `user-${index}`);
    const made = await Promise.all(names.map((username) => createUser(deps, doing, { username })));
    const numbers = made.map(({ user }) => user.number);
    assert.equal(new Set(numbers).size, 100);
    const { user } = await createUser(deps, doing, { username: "later" });
    assert.ok(user.number > Math.max(...numbers));
  });
});
