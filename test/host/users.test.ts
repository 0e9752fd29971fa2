/** Users of a platform by the host interface. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";

const path = "/host/v1/users/";

describe("users by the host interface", () => {
  it("are created, shown, listed, changed and deleted, each with its event", async () => {
    await using api = await testApi();
    const made = await api.askHost("POST", path, { username: "ada", email: "ada@example.com", user: "importer" });
    assert.equal(made.status, 201, made.text);
    const { id, uuid } = made.data;
    assert.deepEqual([made.data["email_verified"], made.data["username"]], [false, "ada"]);
    assert.equal((await api.askHost("GET", `${path}${String(uuid)}/`)).data["id"], id);
    const { data } = await api.askHost("GET", `${path}?username=ada`);
    assert.equal((data["users"] as readonly unknown[]).length, 1);
    const changed = await api.askHost("PATCH", `${path}${String(id)}/`, { first_name: "Ada" });
    assert.equal(changed.data["first_name"], "Ada");
    assert.equal((await api.askHost("DELETE", `${path}${String(id)}/?user=importer`)).status, 200);
    assert.equal((await api.askHost("GET", `${path}${String(id)}/`)).status, 404);
    const events = await api.deps.store.events.after(0, 100);
    assert.deepEqual(
      events.map(({ names, origin }) => [names.lifecycle, origin]),
      ["POST_USER_CREATE", "POST_USER_UPDATE", "POST_USER_DELETE"].map((name) => [name, "library"]),
    );
  });

  it("are put by name: made, changed, and left alone when there is nothing to do, by many at once too", async () => {
    await using api = await testApi();
    const put = (body: object) => api.askHost("PUT", `${path}named/ada@example.com/`, body);
    const first = await put({ email: "ada@example.com", attributes: { plan: "free" } });
    assert.deepEqual([first.status, first.data["result"], first.data["email_verified"]], [200, "created", true]);
    assert.equal((await put({ attributes: { plan: "free" } })).data["result"], "unchanged");
    assert.equal((await put({ attributes: { plan: "gold" } })).data["result"], "changed");
    const asking = { token: await api.hostToken() };
    const ben = (): ReturnType<typeof put> => api.askHost("PUT", `${path}named/ben/`, { last_name: "Ben" }, asking);
    const many = await Promise.all([1, 2, 3].map(ben));
    assert.ok(many.every(({ status }) => status === 200));
    assert.deepEqual(many.map(({ data }) => String(data["result"])).toSorted(), ["created", "unchanged", "unchanged"]);
    const { data } = await api.askHost("GET", path);
    assert.equal((data["users"] as readonly unknown[]).length, 2);
  });

  it("are refused with the field that is wrong", async () => {
    await using api = await testApi();
    for (const [method, at, body, field] of [
      ["POST", "", { username: "" }, "username"],
      ["POST", "", { username: "ada", email: "nowhere" }, "email"],
      ["POST", "", { username: "ada", password: "x" }, "password"],
      ["POST", "", { username: "ada", user: {} }, "user"],
      ["PUT", "named/ada/", { username: "ben" }, "username"],
    ] as const) {
      const { status, fields } = await api.askHost(method, path + at, body);
      assert.deepEqual([status, fields[0]?.path], [400, field]);
    }
    assert.equal((await api.askHost("PATCH", `${path}7/`, { first_name: "x" })).status, 404);
    assert.deepEqual(await api.deps.store.events.after(0, 100), []);
  });
});
