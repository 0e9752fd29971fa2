import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Uuid } from "../../src/domain/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { shared } from "../support/shared.ts";

const users = "/api/cloud/users/";
const schemaPath = `${users}schema/`;
const ada = {
  username: "ada",
  email: "ada@example.com",
  first_name: "Ada",
  last_name: "Lovelace",
  attributes: { plan: "free" },
};

async function made(api: TestApi, body: unknown = ada): Promise<Readonly<Record<string, unknown>>> {
  const { status, data, text } = await api.ask("POST", users, body);
  assert.equal(status, 201, text);
  return data;
}

describe("users", () => {
  const withAda = shared(async () => {
    const api = await testApi();
    await made(api);
    return api;
  });

  it("are created, shown by number and by uuid, changed and deleted", async () => {
    await using api = await testApi({ mailConfirm: "trust" });
    const created = await api.ask("POST", users, ada);
    assert.deepEqual([created.status, created.message], [201, "User created successfully"]);
    const { operation_id: operation, ...user } = created.data;
    const { id, uuid } = user;
    assert.ok(Number.isSafeInteger(id));
    assert.match(String(uuid), /^[0-9a-f-]{36}-001$/);
    assert.match(String(operation), /^[0-9a-f-]{36}$/);
    const created_at = "2026-01-01T00:00:00.000Z";
    assert.deepEqual(user, { id, uuid, ...ada, email_verified: true, created_at, updated_at: created_at });
    for (const name of [id, uuid]) {
      assert.deepEqual((await api.ask("GET", `${users}${String(name)}/`)).data, user);
    }
    api.clock.advance(1_000);
    const patch = { email: null, last_name: "King", attributes: { plan: null, level: 2 } };
    const changed = await api.ask("PATCH", `${users}${String(id)}/`, patch);
    assert.deepEqual([changed.status, changed.message], [200, "User updated successfully"]);
    const { operation_id: _, ...now } = changed.data;
    assert.deepEqual(now, {
      ...user,
      email: "",
      email_verified: false,
      last_name: "King",
      attributes: { level: 2 },
      updated_at: "2026-01-01T00:00:01.000Z",
    });
    const deleted = await api.ask("DELETE", `${users}${String(uuid)}/`);
    assert.deepEqual([deleted.status, deleted.message], [200, "User deleted successfully"]);
    for (const [method, body] of [["GET"], ["DELETE"], ["PATCH", {}]] as const) {
      assert.equal((await api.ask(method, `${users}${String(id)}/`, body)).status, 404);
    }
  });

  it("need nothing but a name", async () => {
    await using api = await testApi();
    const { email, first_name, last_name, attributes } = await made(api, { username: "ben" });
    assert.deepEqual([email, first_name, last_name, attributes], ["", "", "", {}]);
  });

  it("are listed page by page, and found by name or address", async () => {
    await using api = await testApi();
    for (let index = 0; index < 5; index += 1) {
      await made(api, { username: `user-${index}`, email: index < 2 ? "shared@example.com" : "" });
    }
    const names = (list: readonly Readonly<Record<string, unknown>>[]) => list.map(({ username }) => username);
    assert.deepEqual(names(await api.all(users, "users", 2)), ["user-0", "user-1", "user-2", "user-3", "user-4"]);
    const found = async (query: string) =>
      names((await api.ask("GET", `${users}?${query}`)).data["users"] as Readonly<Record<string, unknown>>[]);
    assert.deepEqual(await found("email=shared%40example.com"), ["user-0", "user-1"]);
    assert.deepEqual(await found("email=shared%40example.com&limit=1"), ["user-0"]);
    assert.deepEqual(await found("username=user-3"), ["user-3"]);
    assert.deepEqual(await found("username=user-3&email=shared%40example.com"), []);
    assert.deepEqual(await found("username=USER-3"), [], "exactly");
    assert.deepEqual(await found("username=nobody"), []);
    const { data } = await api.ask("GET", `${users}?limit=1`);
    const elsewhere = await api.ask("GET", `/api/cloud/tokens/?cursor=${String(data["next_cursor"])}`);
    assert.equal(elsewhere.status, 400, "a cursor is of its list");
  });

  it("are the tenant's own: another's do not exist, and their names are free", async () => {
    await using api = await testApi();
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const { id, uuid } = await made(api);
    const token = await api.tokenOf("admin", "boss", "acme");
    for (const name of [id, uuid]) {
      for (const [method, body] of [["GET"], ["PATCH", { first_name: "x" }], ["DELETE"]] as const) {
        const { status, code } = await api.ask(method, `${users}${String(name)}/`, body, { token });
        assert.deepEqual([status, code], [404, "not_found"], method);
      }
    }
    const list = await api.ask("GET", users, undefined, { token });
    assert.deepEqual(list.data["users"], []);
    assert.equal((await api.ask("POST", users, ada, { token })).status, 201);
    assert.equal((await api.ask("POST", users, ada)).status, 409);
  });

  it("are read by developers, changed by admins, and others than themselves nothing to members", async () => {
    await using api = await testApi();
    const { id } = await made(api);
    const one = `${users}${String(id)}/`;
    const statuses = async (role: "developer" | "member" | "admin") => {
      const token = await api.tokenOf(role);
      const asked = [
        await api.ask("GET", users, undefined, { token }),
        await api.ask("GET", one, undefined, { token }),
        await api.ask("GET", schemaPath, undefined, { token }),
        await api.ask("POST", users, { username: `by-${role}` }, { token }),
        await api.ask("PATCH", one, { first_name: role }, { token }),
        await api.ask("PUT", schemaPath, { schema: { type: "object" } }, { token }),
        await api.ask("DELETE", schemaPath, undefined, { token }),
      ];
      return asked.map(({ status }) => status);
    };
    assert.deepEqual(await statuses("member"), [403, 404, 403, 403, 404, 403, 403]);
    assert.deepEqual(await statuses("developer"), [200, 200, 200, 403, 404, 403, 403]);
    assert.deepEqual(await statuses("admin"), [200, 200, 200, 201, 200, 200, 200]);
  });

  it("see themselves and who was shared with them, and change their own names and address, which is unverified then", async () => {
    await using api = await testApi({ mailConfirm: "trust" });
    const { id } = await made(api);
    const one = `${users}${String(id)}/`;
    const [ada, ben] = [await api.tokenOf("member", "ada"), await api.tokenOf("member", "ben")];
    const shown = await api.ask("GET", one, undefined, { token: ada });
    assert.deepEqual([shown.status, shown.data["email_verified"]], [200, true]);
    const unseen = await api.ask("GET", one, undefined, { token: ben });
    assert.deepEqual([unseen.status, unseen.message], [404, `user '${String(id)}' does not exist`]);
    await api.ask("PUT", `/api/cloud/resources/${String(shown.data["uuid"])}/pems/ben/`, { permission: "write" });
    assert.equal((await api.ask("GET", one, undefined, { token: ben })).status, 200);

    const own = { email: "ada@elsewhere.example", first_name: "A", last_name: null };
    const changed = await api.ask("PATCH", one, own, { token: ada });
    const { email, email_verified, last_name } = changed.data;
    assert.deepEqual([email, email_verified, last_name], ["ada@elsewhere.example", false, ""]);
    const same = await api.ask("PATCH", one, own, { token: ben });
    const missing = await api.ask("PATCH", `${users}999/`, own, { token: ben });
    assert.deepEqual(
      [same.status, same.message, missing.message],
      [
        404,
        `a user '${String(id)}' that you may change does not exist`,
        "a user '999' that you may change does not exist",
      ],
    );
    const refused = await api.ask("PATCH", one, { username: "eve", attributes: {}, email: "" }, { token: ada });
    assert.equal(refused.status, 400);
    assert.deepEqual(
      refused.fields.map(({ path }) => path),
      ["username", "attributes"],
    );
  });

  it("are not taken over by a principal of their name that is another user, or by one in other letters", async () => {
    await using api = await testApi();
    const { id } = await made(api);
    const other = await api.ask("POST", users, { username: "other" });
    const [linked, upper] = [await api.tokenOf("member", "ada"), await api.tokenOf("member", "ADA")];
    const user = String(other.data["uuid"]) as Uuid;
    const principal = { tenant: "default", name: "ada", role: "member", createdMs: 0, user } as const;
    await api.deps.store.commit({ changes: [{ do: "principal.put", principal }] });
    for (const token of [linked, upper]) {
      assert.equal((await api.ask("PATCH", `${users}${String(id)}/`, { first_name: "E" }, { token })).status, 404);
    }
    const own = await api.ask("PATCH", `${users}${user}/`, { first_name: "E" }, { token: linked });
    assert.equal(own.status, 200);
  });

  for (const id of [
    "0",
    "-1",
    "1.5",
    "007",
    "1e3",
    "9007199254740993",
    "99999999999999999999",
    "nobody",
    "x-001",
    "%00",
    "1%20",
  ]) {
    it(`do not exist by the id ${id}`, async () => {
      const api = withAda();
      assert.equal((await api.ask("GET", `${users}${id}/`)).status, 404);
      assert.equal((await api.ask("DELETE", `${users}${id}/`)).status, 404);
    });
  }
});

describe("a user that cannot be", () => {
  const withOne = shared(async () => {
    const api = await testApi();
    const { id } = await made(api, { username: "there" });
    return { api, id: String(id), [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
  });

  type Bad = readonly (readonly [string, Readonly<Record<string, unknown>>, string, RegExp])[];
  /** A patch may say it: null empties, and what is left out stays. */
  const badInNew: Bad = [
    ["no name", { username: undefined }, "username", /is required/],
    ["an address that is null", { email: null }, "email", /must be a string/],
    ["a last name that is null", { last_name: null }, "last_name", /must be a string/],
    ["attributes that are null", { attributes: null }, "attributes", /must be a JSON object/],
  ];
  const bad: Bad = [
    ["an empty name", { username: "" }, "username", /must not be empty/],
    ["a name that is no text", { username: 7 }, "username", /must be a string/],
    ["a name that is null", { username: null }, "username", /must be a string/],
    ["a name with a blank before it", { username: " ada" }, "username", /begin or end with a blank/],
    ["a name with a control character", { username: "ada\u0007" }, "username", /control characters/],
    ["a name with a NUL", { username: "a\u0000da" }, "username", /control characters/],
    ["a name that is too long", { username: "a".repeat(151) }, "username", /at most 150/],
    ["a name of one letter and many accents", { username: `a${"\u0301".repeat(5_000)}` }, "username", /at most 150/],
    ["an address that is none", { email: "ada" }, "email", /e-mail address/],
    ["an address with a header in it", { email: "a@b.example\nBcc: c@d.example" }, "email", /e-mail address/],
    ["an address that is too long", { email: `${"a".repeat(250)}@b.example` }, "email", /at most 254/],
    ["a first name that is too long", { first_name: "x".repeat(151) }, "first_name", /at most 150/],
    ["a last name with a line break", { last_name: "x\r\n" }, "last_name", /control characters/],
    ["attributes that are an array", { attributes: [] }, "attributes", /must be a JSON object/],
    ["attributes that are a text", { attributes: "{}" }, "attributes", /must be a JSON object/],
    ["attributes that are too large", { attributes: { a: "x".repeat(70_000) } }, "attributes", /at most 65536/],
    ["a password", { password: "correct horse" }, "password", /is not a known property/],
    ["an id of its own", { id: 1 }, "id", /is not a known property/],
    ["a flag that nobody may set", { is_superuser: true }, "is_superuser", /is not a known property/],
    ["a mistyped property", { user_name: "x" }, "user_name", /Did you mean "username"\?/],
  ];
  for (const [what, over, path, message] of [...badInNew, ...bad]) {
    it(`is refused: ${what}`, async () => {
      const { api, id } = withOne();
      const answers = [await api.ask("POST", users, { ...ada, ...over })];
      if (bad.some(([name]) => name === what)) answers.push(await api.ask("PATCH", `${users}${id}/`, over));
      for (const { status, code, fields, text } of answers) {
        assert.deepEqual([status, code], [400, "invalid_request"], text);
        const field = fields.find((candidate) => candidate.path === path);
        assert.match(field?.message ?? `nothing about ${path} in ${JSON.stringify(fields)}`, message);
        assert.ok(!text.includes("correct horse"), "what was sent is not repeated");
        assert.ok(text.length < 2_000);
      }
      assert.equal((await api.all(users, "users", 9)).length, 1, "nothing half done");
    });
  }

  const deep = (levels: number) => `{"username":"ada","attributes":${'{"a":'.repeat(levels)}1${"}".repeat(levels)}}`;
  const raw: readonly (readonly [string, string, number, RegExp])[] = [
    ["attributes that lie too deep", deep(25), 400, /attributes.*too deep: at most 24 levels/],
    ["attributes that lie a hundred thousand levels deep", deep(100_000), 400, /too deep: at most 24 levels/],
    ["a prototype in the attributes", '{"username":"ada","attributes":{"__proto__":{"x":1}}}', 400, /__proto__/],
    [
      "a constructor in the attributes",
      '{"username":"ada","attributes":{"constructor":{"prototype":{}}}}',
      400,
      /constructor/,
    ],
    ["a body that is too large", `{"username":"${"a".repeat(2 ** 20)}"}`, 413, /1048576 bytes/],
    ["a body that is no object", "[]", 400, /must be a JSON object/],
    ["a body that is no JSON", '{"username":', 400, /is not JSON/],
  ];
  for (const [what, body, wanted, message] of raw) {
    it(`is refused: ${what}, with and without an Idempotency-Key`, async () => {
      const { api } = withOne();
      for (const headers of [{}, { "idempotency-key": "k" }]) {
        const { status, message: told } = await api.ask("POST", users, body, { headers });
        assert.equal(status, wanted, told);
        assert.match(told, body.length > 1_000 && "idempotency-key" in headers && status === 400 ? /levels/ : message);
        assert.ok(told.length < 2_000);
      }
      assert.equal((await api.all(users, "users", 9)).length, 1, "nothing half done");
    });
  }

  it("is refused when its name is taken, in whatever letters and however they are composed", async () => {
    await using api = await testApi();
    await made(api, { username: "Zo\u00eb" });
    for (const username of ["Zo\u00eb", "ZO\u00cb", "zoe\u0308"]) {
      const { status, code, fields, message } = await api.ask("POST", users, { username });
      assert.deepEqual([status, code, fields[0]?.path], [409, "conflict", "username"]);
      assert.match(message, /^username: '.*' is taken: choose another$/);
    }
    assert.equal((await api.ask("POST", users, { username: "zoe" })).status, 201);
  });

  it("is refused to all but one of those who ask for one name at once", async () => {
    await using api = await testApi();
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.ask("POST", users, ada)));
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [201, ...Array(7).fill(409)],
    );
    assert.equal((await api.all(users, "users", 9)).length, 1);
  });
});
