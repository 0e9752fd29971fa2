import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EventType } from "../../src/index.ts";
import { hooked, invocationsOf } from "../support/functions-api.ts";
import { runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";

describe("users, changed by a program", () => {
  it("follow the documented flow, and functions are told who asked and that it was the library", async () => {
    await using server = await runServer();
    const domain = `export default ({ params }) => params.email.endsWith("@example.com")
      ? { decision: "allow", patch: { attributes: { checked: true } } } : { decision: "deny", message: "another domain" };`;
    await hooked(server, EventType.PRE_USER_CREATE, domain, { name: "Check Email Domain" });
    const tells =
      "export default ({ event_type, origin, user, params }) => [event_type, origin, user, params.username];";
    const told = await hooked(server, EventType.POST_USER_CREATE, tells, { name: "After" });
    for (const event of [EventType.POST_USER_UPDATE, EventType.POST_USER_DELETE]) {
      await server.api("POST", `/api/cloud/events/${event}/subscribe/`, { function_id: told.id });
    }
    const users = server.signalbox.users("default");
    const by = { user: { name: "importer" } };

    const created = await users.create({ username: "john_doe", email: "john@example.com" }, by);
    const { id, uuid } = created.user;
    assert.deepEqual(
      [created.user.username, created.user.attributes, created.warnings],
      ["john_doe", { checked: true }, []],
    );
    assert.equal(created.user.emailVerified, false, "the program said for whom it does it");
    assert.deepEqual(await users.get(uuid), created.user);
    assert.equal((await server.api<{ readonly uuid: string }>("GET", `/api/cloud/users/${id}/`)).uuid, uuid);

    const changed = await users.change(id, { firstName: "John", attributes: { checked: null } }, by);
    assert.deepEqual([changed.user.firstName, changed.user.attributes], ["John", {}]);
    const same = await users.change(id, { firstName: "John" }, by);
    assert.deepEqual([same.user, same.operationId], [changed.user, undefined]);
    const removed = await users.remove(uuid, by);
    assert.deepEqual(removed.user, changed.user);
    await assert.rejects(users.get(id), { code: "not_found" });

    await until("all three are told", async () => {
      const runs = await invocationsOf(server, told);
      return runs.filter(({ status }) => status === "succeeded").length === 3;
    });
    const results = (await invocationsOf(server, told)).map(({ result }) => result as readonly unknown[]);
    for (const [, origin, user, username] of results) {
      assert.deepEqual([origin, user, username], ["library", { name: "importer" }, "john_doe"]);
    }
    assert.deepEqual(results.map(([type]) => String(type)).toSorted(), [
      "POST_USER_CREATE",
      "POST_USER_DELETE",
      "POST_USER_UPDATE",
    ]);
  });

  it("are not made when a hook refuses, when what is said of them is wrong, or by a Signalbox that stops", async () => {
    await using server = await runServer();
    await hooked(server, EventType.PRE_USER_CREATE, "export default () => ({ decision: 'deny', message: 'nobody' });");
    const users = server.signalbox.users("default");
    const john = { username: "john_doe", email: "john@example.com" };
    await assert.rejects(users.create(john), { code: "hook_denied" });
    await assert.rejects(users.create({ ...john, email: "nowhere" }), { code: "invalid_request" });
    await assert.rejects(users.create(john, { user: {} }), { code: "invalid_request" });
    assert.deepEqual((await server.api<{ readonly users: unknown[] }>("GET", "/api/cloud/users/")).users, []);
    await server.signalbox.stop(AbortSignal.abort());
    await assert.rejects(users.create(john), { code: "unavailable" });
  });
});
