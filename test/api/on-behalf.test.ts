import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";

/** Admins who act for users. */

const tokens = "/api/cloud/tokens/";
const self = "/api/cloud/session/";

describe("a token on behalf of a user", () => {
  it("is the user's for a quarter of an hour, and is listed with who made it", async () => {
    await using api = await testApi();
    const boss = await api.tokenOf("admin", "boss");
    const { data: user } = await api.ask("POST", "/api/cloud/users/", { username: "ada" });
    const { status, data, text } = await api.ask(
      "POST",
      tokens,
      { on_behalf_of: "ada", label: "support" },
      { token: boss },
    );
    assert.equal(status, 201, text);
    assert.deepEqual(
      [data["principal"], data["role"], data["made_by"], data["expires_at"]],
      ["ada", "member", "boss", "2026-01-01T00:15:00.000Z"],
    );
    const token = String(data["token"]);
    assert.equal((await api.ask("GET", self, undefined, { token })).data["principal"], "ada");
    assert.equal((await api.ask("GET", "/api/cloud/users/me/", undefined, { token })).data["uuid"], user["uuid"]);
    const list = (await api.ask("GET", tokens)).data["tokens"] as readonly Readonly<Record<string, unknown>>[];
    assert.deepEqual(
      list.filter(({ id }) => id === data["id"]).map(({ made_by: by }) => by),
      ["boss"],
    );
    api.clock.advance(15 * 60_000);
    assert.equal((await api.ask("GET", self, undefined, { token })).status, 401);
  });

  it("makes no credentials and changes no principals, which would outlive it", async () => {
    await using api = await testApi();
    await api.tokenOf("admin", "ada");
    await api.ask("POST", "/api/cloud/users/", { username: "ada" });
    const { data } = await api.ask("POST", tokens, { on_behalf_of: "ada" });
    const token = String(data["token"]);
    for (const [method, path, body] of [
      ["POST", tokens, { principal: "ada" }],
      ["POST", "/api/cloud/access-keys/", {}],
      ["POST", "/api/cloud/login-links/", {}],
      ["PUT", "/api/cloud/principals/boss/issuer/", { issuer: "https://login.example", subject: "1" }],
      ["PATCH", "/api/cloud/principals/boss/", { role: "member" }],
    ] as const) {
      const { status, message } = await api.ask(method, path, body, { token });
      assert.deepEqual(
        [status, message.startsWith("this token is for 'admin' to act for 'ada'")],
        [403, true],
        message,
      );
    }
    assert.equal((await api.ask("POST", "/api/cloud/users/", { username: "eve" }, { token })).status, 201);
  });

  it("has no role above that of who makes it, and of users that are there", async () => {
    await using api = await testApi();
    const boss = await api.tokenOf("admin", "boss");
    for (const username of ["admin", "Ada", "a b"]) await api.ask("POST", "/api/cloud/users/", { username });
    const refused = async (body: object, token = boss) => {
      const { status, fields } = await api.ask("POST", tokens, body, { token });
      return [status, fields[0]?.path];
    };
    assert.deepEqual(await refused({ on_behalf_of: "admin" }), [400, "on_behalf_of"]);
    assert.deepEqual(await refused({ on_behalf_of: "ada" }), [404, undefined]);
    assert.deepEqual(await refused({ on_behalf_of: "a b" }), [400, "on_behalf_of"]);
    assert.deepEqual(await refused({ on_behalf_of: "Ada", principal: "Ada" }), [400, "principal"]);
    assert.deepEqual(await refused({}), [400, "principal"]);
    assert.deepEqual(await refused({ on_behalf_of: "Ada", role: "member" }), [400, "role"]);
    assert.deepEqual(await refused({ on_behalf_of: "Ada", expires_in_s: 3_601 }), [400, "expires_in_s"]);
    assert.deepEqual(await refused({ on_behalf_of: "Ada", kinds: ["job"] }), [400, "on_behalf_of"]);
    assert.deepEqual(await refused({ on_behalf_of: "Ada" }, await api.tokenOf("developer", "dev")), [403, undefined]);
    assert.deepEqual(await refused({ on_behalf_of: "Ada", expires_in_s: 3_600 }), [201, undefined]);
    await api.ask("DELETE", "/api/cloud/principals/Ada/");
    assert.deepEqual(await refused({ on_behalf_of: "Ada" }), [409, undefined]);
  });
});
