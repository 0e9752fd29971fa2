import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Answer, type TestApi, testApi } from "../support/api.ts";

const principals = "/api/cloud/principals/";
const tokens = "/api/cloud/tokens/";
const keys = "/api/cloud/access-keys/";
const subscriptions = "/api/cloud/subscriptions/";

async function tokenFor(api: TestApi, principal: string, role: string, tenant?: string): Promise<string> {
  const asking = tenant === undefined ? {} : { tenant };
  const { status, data, text } = await api.ask("POST", tokens, { principal, role }, asking);
  assert.equal(status, 201, text);
  return String(data["token"]);
}

function hook(url: string, bucket: string): unknown {
  return { face: "objects", event: "*", bucket, target: { type: "webhook", url } };
}

function statusOf({ status, code }: Answer): readonly unknown[] {
  return [status, code];
}

describe("the operator and a principal of the same name", () => {
  it("are two, in every tenant but the operator's own: what one makes is not the other's", async () => {
    await using api = await testApi({ egressAllow: ["127.0.0.1"] });
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const token = await tokenFor(api, "admin", "member", "acme");
    const theirs = await api.bucket("theirs", "admin", "acme");
    const made = await api.ask("POST", subscriptions, hook("https://hooks.example/x", "theirs"), { tenant: "acme" });
    assert.deepEqual([made.status, made.data["owner"]], [201, "operator:admin"]);
    const at = `${subscriptions}${String(made.data["id"])}/`;
    const watch = {
      face: "notifications",
      event: "*",
      resource: theirs.uuid,
      target: { type: "webhook", url: "https://h.example/" },
    };
    const watched = await api.ask("POST", subscriptions, watch, { tenant: "acme" });
    const privately = `${subscriptions}${String(watched.data["id"])}/`;
    assert.deepEqual(statusOf(await api.ask("GET", privately, undefined, { token })), [404, "not_found"]);
    assert.deepEqual(statusOf(await api.ask("DELETE", privately, undefined, { token })), [404, "not_found"]);
    assert.equal((await api.ask("GET", at, undefined, { tenant: "acme" })).status, 200);
    const own = await api.ask("POST", keys, {}, { token });
    assert.equal(own.status, 201);
    assert.equal(
      (await api.ask("POST", keys, {}, { tenant: "acme" })).status,
      404,
      "the operator has no keys of its own there",
    );
    const listed = await api.ask("GET", keys, undefined, { token });
    assert.equal((listed.data["access_keys"] as unknown[]).length, 1);
  });

  it("and nobody takes the operator's name: not a principal, not a user, in whatever case", async () => {
    await using api = await testApi();
    for (const name of ["operator:admin", "OPERATOR:admin", "hook:x", "function:x"]) {
      const made = await api.ask("POST", tokens, { principal: name, role: "member" });
      assert.deepEqual([made.status, made.fields[0]?.path], [400, "principal"], name);
      const key = await api.ask("POST", keys, { principal: name });
      assert.deepEqual([key.status, key.fields[0]?.path], [400, "principal"], name);
      const user = await api.ask("POST", "/api/cloud/users/", { username: name });
      assert.deepEqual([user.status, user.fields[0]?.path], [400, "username"], name);
      assert.match(user.message, /operator:, hook: or function:/);
    }
  });
});

describe("principals", () => {
  it("are listed with what belongs to them, as far as the caller may handle them", async () => {
    await using api = await testApi();
    const boss = await tokenFor(api, "boss", "admin");
    await tokenFor(api, "mia", "member");
    await api.ask("POST", tokens, { principal: "mia", expires_in_s: 1 });
    await api.ask("POST", keys, { principal: "mia" });
    api.clock.advance(1_000);
    const of = async (token: string) =>
      ((await api.ask("GET", principals, undefined, { token })).data["principals"] as Record<string, unknown>[]).map(
        ({ name, role, status, tokens: count, access_keys: pairs }) => [name, role, status, count, pairs],
      );
    const mine = [
      ["boss", "admin", "active", 1, 0],
      ["mia", "member", "active", 1, 1],
    ];
    assert.deepEqual(await of(api.operator), [["admin", "operator", "active", 1, 0], ...mine]);
    assert.deepEqual(await of(boss), mine, "operators are above admins");
    assert.equal((await api.ask("GET", `${principals}admin/`, undefined, { token: boss })).status, 404);
    const first = await api.ask("GET", `${principals}?limit=2`);
    const rest = await api.ask("GET", `${principals}?limit=2&cursor=${String(first.data["next_cursor"])}`);
    assert.equal((rest.data["principals"] as unknown[]).length, 1);
  });

  it("end with their tokens and keys at once, and nobody else gets their name", async () => {
    await using api = await testApi();
    const mia = await tokenFor(api, "mia", "developer");
    const key = await api.ask("POST", keys, {}, { token: mia });
    await api.bucket("hers", "mia");
    const made = await api.ask("POST", subscriptions, hook("https://hooks.example/x", "hers"), { token: mia });
    assert.equal(made.status, 201, made.text);
    const { number } = (await api.deps.store.subscriptions.get(made.data["id"] as never)) ?? assert.fail();
    const woken = api.woken.length;
    const ended = await api.ask("DELETE", `${principals}mia/`);
    assert.deepEqual(
      [ended.status, ended.data["status"], ended.data["tokens"], ended.data["access_keys"]],
      [200, "ended", 0, 0],
    );
    assert.ok(api.woken.slice(woken).includes(number), "what stands in line for her is parked");
    assert.deepEqual(statusOf(await api.ask("GET", keys, undefined, { token: mia })), [401, "unauthenticated"]);
    assert.equal(await api.deps.store.credentials.accessKey(String(key.data["access_key_id"])), undefined);
    const again = await api.ask("POST", tokens, { principal: "mia", role: "member" });
    assert.deepEqual(statusOf(again), [409, "conflict"]);
    assert.match(again.message, /was ended.*restore/);
    assert.equal((await api.ask("POST", keys, { principal: "mia" })).status, 404);
    assert.equal((await api.ask("DELETE", `${principals}mia/`)).status, 200, "again is the same");
    assert.equal((await api.ask("PATCH", `${principals}mia/`, { role: "admin" })).status, 409);
  });

  it("leave subscriptions that wait, until another takes them over", async () => {
    await using api = await testApi();
    const mia = await tokenFor(api, "mia", "developer");
    const boss = await tokenFor(api, "boss", "admin");
    await api.bucket("hers", "mia");
    const made = await api.ask("POST", subscriptions, hook("https://hooks.example/x", "hers"), { token: mia });
    const at = `${subscriptions}${String(made.data["id"])}/`;
    await api.ask("DELETE", `${principals}mia/`);
    const shown = await api.ask("GET", at);
    assert.deepEqual(
      [shown.data["status"], (shown.data["paused"] as Record<string, unknown>)["reason"], shown.data["owner"]],
      ["paused", "owner_ended", "mia"],
    );
    const resumed = await api.ask("POST", `${at}resume/`, undefined, { token: boss });
    assert.deepEqual([resumed.status, resumed.data["status"], resumed.data["owner"]], [200, "active", "boss"]);
  });

  it("who are operators leave what they were told of in other tenants waiting, too", async () => {
    await using api = await testApi();
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const root = await tokenFor(api, "root", "operator");
    await api.bucket("theirs", "ann", "acme");
    const asking = { token: root, tenant: "acme" };
    const made = await api.ask("POST", subscriptions, hook("https://hooks.example/x", "theirs"), asking);
    assert.equal(made.data["owner"], "operator:root");
    await api.ask("DELETE", `${principals}root/`);
    const at = `${subscriptions}${String(made.data["id"])}/`;
    assert.equal((await api.ask("GET", at, undefined, { tenant: "acme" })).data["status"], "paused");
  });

  it("hear of nothing any more that their new role may not have, until another takes it over", async () => {
    await using api = await testApi();
    const boss = await tokenFor(api, "boss", "admin");
    const dora = await tokenFor(api, "dora", "admin");
    await api.bucket("hers", "dora");
    await api.bucket("others", "ann");
    const url = "https://hooks.example/x";
    const bodies = {
      own: hook(url, "hers"),
      other: hook(url, "others"),
      all: { face: "objects", event: "*", resource: "*", target: { type: "webhook", url } },
      operations: { event: "POST_USER_CREATE", target: { type: "webhook", url } },
    };
    const ids = new Map<string, string>();
    for (const [name, body] of Object.entries(bodies)) {
      const { status, data, text } = await api.ask("POST", subscriptions, body, { token: dora });
      assert.equal(status, 201, text);
      ids.set(name, String(data["id"]));
    }
    const paused = async () => {
      const shown = await Promise.all(
        [...ids].map(async ([name, id]) => [name, await api.ask("GET", at(id))] as const),
      );
      return shown
        .filter(([, { data }]) => (data["paused"] as { reason?: string } | null)?.reason === "owner_role")
        .map(([name]) => name);
    };
    const at = (id: string | undefined) => `${subscriptions}${String(id)}/`;
    const become = async (role: string) => {
      const woken = api.woken.length;
      const { status } = await api.ask("PATCH", `${principals}dora/`, { role }, { token: boss });
      assert.deepEqual([status, api.woken.length - woken], [200, ids.size], "what stands in line is looked at again");
    };
    await become("developer");
    assert.deepEqual(await paused(), ["all"]);
    await become("member");
    assert.deepEqual(await paused(), ["other", "all", "operations"]);
    await become("developer");
    assert.deepEqual(await paused(), ["other", "all", "operations"], "nothing goes on by itself");
    const own = await api.ask("POST", `${at(ids.get("operations"))}resume/`, undefined, { token: dora });
    assert.deepEqual([own.data["status"], own.data["owner"]], ["active", "dora"]);
    assert.equal((await api.ask("POST", `${at(ids.get("all"))}resume/`, undefined, { token: dora })).status, 403);
    const taken = await api.ask("POST", `${at(ids.get("all"))}resume/`, undefined, { token: boss });
    assert.deepEqual([taken.data["status"], taken.data["owner"]], ["active", "boss"]);
  });

  it("come back by being restored, with nothing but what they owned", async () => {
    await using api = await testApi();
    const mia = await tokenFor(api, "mia", "member");
    assert.equal((await api.ask("POST", `${principals}mia/restore/`)).status, 409, "she was not ended");
    await api.ask("DELETE", `${principals}mia/`);
    const back = await api.ask("POST", `${principals}mia/restore/`);
    assert.deepEqual([back.status, back.data["status"], back.data["tokens"]], [200, "active", 0]);
    assert.equal((await api.ask("GET", keys, undefined, { token: mia })).status, 401);
    assert.equal((await api.ask("POST", tokens, { principal: "mia" })).status, 201);
  });

  it("have another role from the next request on, never one above that of who gives it", async () => {
    await using api = await testApi();
    const boss = await tokenFor(api, "boss", "admin");
    const eve = await tokenFor(api, "eve", "admin");
    const lowered = await api.ask("PATCH", `${principals}eve/`, { role: "member" }, { token: boss });
    assert.deepEqual([lowered.status, lowered.data["role"]], [200, "member"]);
    assert.deepEqual(statusOf(await api.ask("GET", tokens, undefined, { token: eve })), [403, "forbidden"]);
    const raised = await api.ask("PATCH", `${principals}eve/`, { role: "operator" }, { token: boss });
    assert.deepEqual([raised.status, raised.fields[0]?.path], [400, "role"]);
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    await tokenFor(api, "ann", "member", "acme");
    const elsewhere = await api.ask("PATCH", `${principals}ann/`, { role: "operator" }, { tenant: "acme" });
    assert.deepEqual([elsewhere.status, elsewhere.fields[0]?.path], [400, "role"]);
  });

  it("neither end themselves, nor the operator of the configuration, nor whom they may not handle", async () => {
    await using api = await testApi();
    const boss = await tokenFor(api, "boss", "admin");
    assert.deepEqual(statusOf(await api.ask("DELETE", `${principals}boss/`, undefined, { token: boss })), [
      409,
      "conflict",
    ]);
    assert.equal((await api.ask("PATCH", `${principals}boss/`, { role: "member" }, { token: boss })).status, 409);
    assert.equal((await api.ask("DELETE", `${principals}admin/`, undefined, { token: boss })).status, 404);
    const root = await tokenFor(api, "root", "operator");
    for (const token of [root, api.operator]) {
      const refused = await api.ask("DELETE", `${principals}admin/`, undefined, { token });
      assert.equal(refused.status, 409);
      assert.match(refused.message, /SIGNALBOX_ADMIN_TOKEN/);
    }
    assert.equal((await api.ask("DELETE", `${principals}root/`)).status, 200, "other operators end");
    assert.equal((await api.ask("GET", principals, undefined, { token: root })).status, 401);
  });

  it("end while tokens and keys are made for them: none of those works", async () => {
    await using api = await testApi();
    await tokenFor(api, "mia", "member");
    const making = [1, 2, 3].flatMap(() => [
      api.ask("POST", tokens, { principal: "mia" }),
      api.ask("POST", keys, { principal: "mia" }),
    ]);
    const [, ...made] = await Promise.all([api.ask("DELETE", `${principals}mia/`), ...making]);
    for (const { status, data } of made) {
      if (status !== 201) continue;
      const token = data["token"];
      if (typeof token === "string") assert.equal((await api.ask("GET", keys, undefined, { token })).status, 401);
      else assert.equal(await api.deps.store.credentials.accessKey(String(data["access_key_id"])), undefined);
    }
    assert.deepEqual((await api.ask("GET", `${keys}?principal=mia`)).data["access_keys"], []);
  });
});

describe("a user that is deleted", () => {
  it("ends the principal that it is, but none above that of who deletes it", async () => {
    await using api = await testApi();
    const users = "/api/cloud/users/";
    const boss = await tokenFor(api, "boss", "admin");
    const mia = await tokenFor(api, "mia", "member");
    const user = async (username: string) => String((await api.ask("POST", users, { username })).data["id"]);
    const [hers, operators, namesake] = [await user("mia"), await user("admin"), await user("Boss")];
    for (const id of [hers, operators, namesake]) {
      assert.equal((await api.ask("DELETE", `${users}${id}/`, undefined, { token: boss })).status, 200);
    }
    assert.equal((await api.ask("GET", keys, undefined, { token: mia })).status, 401);
    assert.equal((await api.ask("GET", keys)).status, 200, "the operator is nobody's user");
    assert.equal(
      (await api.ask("GET", keys, undefined, { token: boss })).status,
      200,
      "another's name in another case",
    );
  });
});
