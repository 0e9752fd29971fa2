/** Sharing resources of every kind, and who hears of that. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resourceOf, viewOf } from "../../src/domain/notifications/view.ts";
import { anObject, uuid } from "../conformance/store/given.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { makeApp, makeFunction } from "../support/functions.ts";
import { heardBy, listen, raisedSince, theEvent } from "./hearing.ts";

const pems = (resource: unknown): string => `/api/cloud/resources/${String(resource)}/pems/`;

/** One of every kind, all of whoever has this token, who is called ann; by name of the kind. */
async function oneOfEach(api: TestApi, developer: string): Promise<Readonly<Record<string, string>>> {
  const { store } = api.deps;
  const bucket = await api.bucket("photos", "ann");
  const file = anObject(bucket.uuid, "a.jpg", { owner: "ann" });
  const facts = { kind: "job", owner: "ann", data: { name: "sums" }, createdMs: 0, updatedMs: 0 };
  const job = { ...facts, uuid: uuid("job"), tenant: "default" };
  await store.commit({
    changes: [
      { do: "object.put", object: file },
      { do: "registered.put", resource: job },
    ],
  });
  await makeApp(api, undefined, { token: developer });
  await makeFunction(api, {}, { token: developer });
  const url = "https://receiver.example/hook";
  const rule = await api.ask("POST", "/api/cloud/buckets/photos/notifications/", { url }, { token: developer });
  const user = await api.ask("POST", "/api/cloud/users/", { username: "ann" });
  const made = await raisedSince(store);
  const last = (kind: string): string => made.findLast(({ resource }) => resource.endsWith(kind))?.resource ?? "";
  return {
    bucket: bucket.uuid,
    file: file.uuid,
    job: job.uuid,
    app: last("005"),
    function: last("102"),
    subscription: String(rule.data["id"]),
    profile: String(user.data["uuid"]),
  };
}

describe("sharing", () => {
  it("is possible with resources of every kind, and announced with the grant", async () => {
    await using api = await testApi();
    const { store } = api.deps;
    const ann = { token: await api.tokenOf("developer", "ann") };
    const all = await oneOfEach(api, ann.token);
    const ben = { token: await api.tokenOf("member", "ben") };
    for (const [kind, resource] of Object.entries(all)) {
      assert.equal((await api.ask("PUT", `${pems(resource)}ben/`, { permission: "read" }, ben)).status, 404, kind);
      const put = await api.ask("PUT", `${pems(resource)}ben/`, { permission: "read" }, ann);
      assert.deepEqual([put.status, put.data], [200, { username: "ben", permission: "read" }], `${kind} ${put.text}`);
      const event = (await raisedSince(store)).at(-1) ?? assert.fail();
      assert.deepEqual(
        [event.names, event.resource, event.actor],
        [{ notifications: "PERMISSION_GRANT" }, resource, "ann"],
      );
      const view = viewOf(event, { face: "notifications", scope: event.resource, event: "*" }, { publicUrl: "" });
      const { lastUpdated, ...permission } = view.permission ?? assert.fail();
      assert.match(lastUpdated, /^2026-01-01T/);
      assert.deepEqual([view.kind, permission], [kind, { id: resource, permission: "READ", username: "ben" }]);
      const own = await api.ask("GET", `${pems(resource)}ben/`, undefined, ben);
      assert.deepEqual([own.status, own.data], [200, { username: "ben", permission: "read" }]);
      assert.equal((await api.ask("GET", pems(resource), undefined, ben)).status, 404, `${kind} is not ben's to share`);
      const list = await api.ask("GET", pems(resource), undefined, ann);
      assert.deepEqual(list.data["permissions"], [{ username: "ben", permission: "read" }]);
    }
  });

  it("takes the words that others use, in any case, and no others", async () => {
    await using api = await testApi();
    const { uuid: bucket } = await api.bucket("photos");
    await api.tokenOf("member", "ben");
    const put = (permission: unknown) => api.ask("PUT", `${pems(bucket)}ben/`, { permission });
    for (const [said, kept] of [
      ["READ", "read"],
      ["Write", "write"],
      ["ALL", "write"],
      ["none", "none"],
    ]) {
      assert.deepEqual((await put(said)).data, { username: "ben", permission: kept });
    }
    assert.deepEqual((await api.ask("GET", pems(bucket))).data["permissions"], []);
    assert.deepEqual((await put("NONE")).status, 404, "there is none to take away");
    for (const wrong of ["", "execute", "constructor", " read", "r".repeat(17), 7, null, ["read"]]) {
      const { status, fields } = await put(wrong);
      assert.deepEqual([status, fields[0]?.path], [400, "permission"], JSON.stringify(wrong));
    }
    assert.deepEqual(
      (await raisedSince(api.deps.store)).map(({ names }) => names.notifications),
      ["PERMISSION_GRANT", "PERMISSION_GRANT", "PERMISSION_GRANT", "PERMISSION_REVOKE"],
    );
  });

  it("ends once, and whoever loses sight by that does not hear of it", async () => {
    await using api = await testApi();
    const { store } = api.deps;
    const { uuid: bucket } = await api.bucket("photos", "ann");
    for (const name of ["ann", "ben"]) {
      await api.tokenOf("member", name);
      await listen(store, name);
    }
    await listen(store, "admin");
    await api.ask("PUT", `${pems(bucket)}ben/`, { permission: "write" });
    const granted = await theEvent(store, "PERMISSION_GRANT");
    const name = "PERMISSION_GRANT";
    assert.deepEqual(await heardBy(store, granted), [`admin ${name}`, `ann ${name}`, `ben ${name}`]);
    const answers = await Promise.all([1, 2, 3].map(() => api.ask("DELETE", `${pems(bucket)}ben/`)));
    assert.deepEqual(answers.map(({ status }) => `${status}`).toSorted(), ["200", "404", "404"]);
    const revoked = await theEvent(store, "PERMISSION_REVOKE");
    assert.deepEqual(await heardBy(store, revoked), ["admin PERMISSION_REVOKE", "ann PERMISSION_REVOKE"]);
    assert.equal(resourceOf(revoked)["name"], "photos");
  });

  it("shows no more than that there is nothing to who sees nothing", async () => {
    await using api = await testApi();
    const { uuid: bucket } = await api.bucket("photos", "ann");
    const eve = { token: await api.tokenOf("member", "eve") };
    const asked = async (method: string, resource: string, body?: unknown) =>
      (await api.ask(method, `${pems(resource)}eve/`, body, eve)).message.replaceAll(resource, "…");
    for (const [method, body] of [["GET"], ["DELETE"], ["PUT", { permission: "read" }]] as const) {
      assert.equal(await asked(method, bucket, body), "a resource '…' that you may share does not exist");
      assert.equal(await asked(method, uuid("bucket"), body), await asked(method, bucket, body));
    }
  });
});
