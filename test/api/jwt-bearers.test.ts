import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { testApi } from "../support/api.ts";
import { subscribed } from "../support/hooks.ts";
import { audience, claimsAt, issuer, keyPair, signed } from "../support/issuer.ts";

/** Callers with tokens of the platform's own: who they become, and what they may do. */

const self = "/api/cloud/session/";
const key = await keyPair("k1");
const known = { jwks: { keys: [key.jwk] } };

async function server(over: Readonly<Record<string, unknown>> = {}) {
  const api = await testApi({ jwtIssuers: [issuer({ ...known, make_users: true, ...over })] });
  const bearer = (claims: Readonly<Record<string, unknown>> = {}): Promise<string> =>
    signed(key, claimsAt(api.clock.now(), claims));
  const as = async (claims: Readonly<Record<string, unknown>>, method = "GET", path = self, body?: unknown) =>
    api.ask(method, path, body, { token: await bearer(claims) });
  return { api, bearer, as, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

describe("a bearer of an issuer's token", () => {
  it("is the user of its name, made with its address when it is seen for the first time", async () => {
    await using at = await server();
    const claims = { email: "ada@example.com", email_verified: true };
    const answers = await Promise.all([at.as(claims), at.as(claims), at.as(claims)]);
    for (const { status, data, text } of answers) {
      assert.equal(status, 200, text);
      assert.deepEqual(
        [data["principal"], data["role"], data["tenant"], data["kind"]],
        ["ada", "member", "default", "jwt"],
      );
    }
    const { data: user } = await at.as({}, "GET", "/api/cloud/users/me/");
    assert.deepEqual(
      [user["username"], user["email"], user["uuid"]],
      ["ada", "ada@example.com", answers[0]?.data["user"]],
    );
    assert.equal((await at.api.deps.store.users.byName("default", "ada"))?.emailVerified, true);
    const { data: shown } = await at.api.ask("GET", "/api/cloud/principals/ada/");
    assert.deepEqual([shown["issuer"], shown["subject"], shown["tokens"]], ["https://login.acme.example", "ada", 0]);
  });

  it("without a good address or its verification is a user without", async () => {
    await using at = await server();
    for (const [sub, email, verified, kept, isVerified] of [
      ["a", "not an address", true, "", false],
      ["b", 7, true, "", false],
      ["c", "c@example.com", "yes", "c@example.com", false],
      ["d", "d@example.com", "true", "d@example.com", true],
      ["e", undefined, true, "", false],
    ] as const) {
      assert.equal((await at.as({ sub, email, email_verified: verified })).status, 200, sub);
      const user = await at.api.deps.store.users.byName("default", sub);
      assert.deepEqual([user?.email, user?.emailVerified], [kept, isVerified], sub);
    }
  });

  it("stays who it is when its name becomes another, and no other subject comes to its name", async () => {
    await using at = await server({ claims: { user: "preferred_username" } });
    assert.equal((await at.as({ sub: "17", preferred_username: "ada" })).data["principal"], "ada");
    assert.equal((await at.as({ sub: "17", preferred_username: "lovelace" })).data["principal"], "ada");
    const other = await at.as({ sub: "18", preferred_username: "ada" });
    assert.deepEqual([other.status, other.code], [401, "unauthenticated"]);
    assert.match(other.message, /^'ada' is the name of another subject/);
    assert.equal(
      (await at.as({ sub: 18, preferred_username: "ben" })).data["principal"],
      "ben",
      "numbers are subjects",
    );
  });

  it("never becomes a principal that is there for another reason, unless that is wanted and may do no more", async () => {
    await using at = await server();
    await at.api.tokenOf("member", "ann");
    for (const name of ["admin", "ann"]) {
      const { status, message } = await at.as({ sub: name });
      assert.deepEqual([status, /is a principal here already/.test(message)], [401, true], message);
    }
    await using linking = await server({ existing: "link" });
    const token = await linking.api.tokenOf("member", "ann");
    await linking.api.tokenOf("developer", "dev");
    assert.equal((await linking.as({ sub: "ann" })).data["principal"], "ann");
    assert.equal((await linking.api.ask("GET", self, undefined, { token })).status, 200, "its own token goes on");
    for (const name of ["admin", "dev"]) {
      assert.match((await linking.as({ sub: name })).message, /may do more than the token says/);
    }
  });

  it("has no name that is reserved, or that no principal can have", async () => {
    await using at = await server();
    for (const sub of ["operator:admin", "hook:1", "*", "a b", "ä", "-a", "a".repeat(129), "../admin", "a\u0000"]) {
      const { status, message } = await at.as({ sub });
      assert.deepEqual([status, /is no name that a principal can have/.test(message)], [401, true], message);
    }
    for (const sub of ["", null, {}, ["ada"], 1.5, true, undefined]) assert.equal((await at.as({ sub })).status, 401);
    const { as, ...prefixed } = await server({ prefix: "acme." });
    await using _ = prefixed;
    assert.equal((await as({ sub: "admin" })).data["principal"], "acme.admin");
  });

  it("without make_users comes in only as a user that is there", async () => {
    await using at = await server({ make_users: false });
    const none = await at.as({ sub: "ada" });
    assert.deepEqual([none.status, none.message.startsWith("there is no user 'ada' here")], [401, true], none.message);
    const { data: ada } = await at.api.ask("POST", "/api/cloud/users/", { username: "ada" });
    await at.api.ask("POST", "/api/cloud/users/", { username: "Ben" });
    assert.equal((await at.as({ sub: "ada" })).data["user"], ada["uuid"]);
    assert.match((await at.as({ sub: "ben" })).message, /is the name of a user in other letters \('Ben'\)/);
  });

  it("is refused while hooks refuse its user, which are not asked again for each try", async () => {
    await using at = await server();
    await subscribed(at.api, "PRE_USER_CREATE", `export default () => ({ decision: "deny", message: "not you" })`);
    const before = at.api.sandbox.calls.length;
    for (let count = 0; count < 3; count += 1) {
      const { status, code, message } = await at.as({ sub: "eve", n: count });
      assert.deepEqual([status, code], [400, "hook_denied"], message);
    }
    assert.equal(at.api.sandbox.calls.length, before + 1);
    at.api.clock.advance(10_000);
    await at.as({ sub: "eve" });
    assert.equal(at.api.sandbox.calls.length, before + 2);
    assert.equal(await at.api.deps.store.identities.principal("default", "eve"), undefined);
  });

  it("is refused once it was ended, at once, and comes back with it", async () => {
    await using at = await server();
    const token = await at.bearer();
    const ask = () => at.api.ask("GET", self, undefined, { token });
    assert.equal((await ask()).status, 200);
    await at.api.ask("DELETE", "/api/cloud/principals/ada/");
    assert.match((await ask()).message, /^'ada' was ended here/);
    assert.equal((await at.as({})).status, 401, "with a fresh token too");
    await at.api.ask("POST", "/api/cloud/principals/ada/restore/");
    assert.equal((await ask()).status, 200);
    const { data } = await at.api.ask("GET", "/api/cloud/users/?username=ada");
    const [{ id } = { id: 0 }] = data["users"] as { id: number }[];
    await at.api.ask("DELETE", `/api/cloud/users/${id}/`);
    assert.equal((await ask()).status, 401, "with its user");
  });

  it("ends with its token, to the second and the skew", async () => {
    await using at = await server({ clock_skew_s: 30 });
    const token = await at.bearer();
    const ask = () => at.api.ask("GET", self, undefined, { token });
    assert.equal((await ask()).status, 200);
    at.api.clock.advance(329_999);
    assert.equal((await ask()).status, 200);
    at.api.clock.advance(1);
    const { status, message, headers } = await ask();
    assert.deepEqual([status, message], [401, "the token has expired: get a new one from its issuer"]);
    assert.match(String(headers["www-authenticate"]), /error_description="the token has expired: get/);
  });
});

describe("the role of a bearer", () => {
  const roles = { staff: "developer", admins: "admin" };

  it("is the highest of its groups, a text or a list, and otherwise the default", async () => {
    await using at = await server({ roles });
    for (const [sub, groups, role] of [
      ["a", ["staff", "admins", "x"], "admin"],
      ["b", "staff", "developer"],
      ["c", "staff admins", "member"],
      ["d", undefined, "member"],
      ["e", [], "member"],
      ["f", ["operator", "__proto__", "constructor"], "member"],
      ["g", Array.from({ length: 500 }, (_, at) => `g${at}`), "member"],
    ] as const) {
      assert.equal((await at.as({ sub, groups })).data["role"], role, sub);
    }
    for (const groups of [7, { staff: true }, [["staff"]], [null]]) {
      assert.match((await at.as({ sub: "h", groups })).message, /'groups' is neither a text nor a list of texts/);
    }
    await using strict = await server({ roles, default_role: null, claims: { groups: ["realm_access", "roles"] } });
    assert.match((await strict.as({ sub: "a", groups: ["staff"] })).message, /^none of the groups in its claim/);
    assert.equal((await strict.as({ sub: "a", realm_access: { roles: ["staff"] } })).data["role"], "developer");
  });

  it("follows the newest token, and no older one brings it back", async () => {
    await using at = await server({ roles });
    const old = await at.bearer({ groups: ["admins"] });
    const role = async (token: string) => (await at.api.ask("GET", self, undefined, { token })).data["role"];
    assert.equal(await role(old), "admin");
    at.api.clock.advance(1_000);
    assert.equal(await role(await at.bearer({ groups: [] })), "member");
    assert.equal(await role(old), "member");
    assert.equal(await role(await at.bearer({ groups: ["staff"] })), "member", "of two of one second the lower counts");
    at.api.clock.advance(1_000);
    assert.equal(await role(await at.bearer({ groups: ["staff"] })), "developer");
    assert.match((await at.as({ iat: undefined })).message, /does not say when it was issued/);
  });

  it("is for admins to change where tokens give none", async () => {
    await using at = await server({ default_role: "developer" });
    assert.equal((await at.as({ groups: ["admins"] })).data["role"], "developer");
    await at.api.ask("PATCH", "/api/cloud/principals/ada/", { role: "member" });
    at.api.clock.advance(5_000);
    assert.equal((await at.as({ iat: undefined })).data["role"], "member");
  });

  it("is that of operators only where it is said, who then choose their tenant", async () => {
    await using at = await server({ roles: { ops: "operator" } });
    await at.api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const ops = await at.bearer({ sub: "root", groups: "ops" });
    const { data } = await at.api.ask("GET", self, undefined, { token: ops, tenant: "acme" });
    assert.deepEqual([data["principal"], data["role"], data["tenant"]], ["operator:root", "operator", "acme"]);
  });
});

describe("the tenant of a bearer", () => {
  it("is what its claim says; another's is not found, nor what it may not see", async () => {
    await using at = await server({ claims: { tenant: "org" } });
    for (const id of ["acme", "zeta"]) await at.api.ask("POST", "/api/cloud/tenants/", { id });
    const token = await at.bearer({ org: "acme" });
    assert.equal((await at.api.ask("GET", self, undefined, { token })).data["tenant"], "acme");
    assert.equal((await at.api.ask("GET", self, undefined, { token, tenant: "acme" })).status, 200);
    for (const tenant of ["zeta", "default", "none"]) {
      const { status, message } = await at.api.ask("GET", self, undefined, { token, tenant });
      assert.deepEqual([status, message], [404, `tenant '${tenant}' does not exist`]);
    }
    for (const org of ["nowhere", "", 7, undefined, ["acme"]]) assert.equal((await at.as({ org })).status, 401);
    const zeta = await at.bearer({ org: "zeta" });
    assert.equal(
      (await at.api.ask("GET", self, undefined, { token: zeta })).data["tenant"],
      "zeta",
      "another principal",
    );
    await at.api.bucket("photos", "ada", "acme");
    const bucket = "/api/cloud/buckets/photos/";
    assert.equal((await at.api.ask("GET", bucket, undefined, { token })).status, 200, "its own");
    assert.equal((await at.api.ask("GET", bucket, undefined, { token: zeta })).status, 404);
    const stranger = await at.bearer({ org: "acme", sub: "eve" });
    assert.equal((await at.api.ask("GET", bucket, undefined, { token: stranger })).status, 404);
    assert.equal((await at.api.ask("GET", "/api/cloud/users/", undefined, { token: stranger })).status, 403);
  });
});

describe("a token of an issuer", () => {
  it("cannot be turned into a login that outlives it", async () => {
    await using at = await server();
    const { status, message } = await at.as({}, "POST", "/api/cloud/login-links/", {});
    assert.deepEqual([status, /a token of an issuer outside cannot make links/.test(message)], [403, true], message);
    const answer = at.api.ask("POST", self, { token: await at.bearer() }, { token: "" });
    while (at.api.clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    at.api.clock.advance(250);
    assert.equal((await answer).status, 401);
  });

  it("is verified once, whatever it is used for", async () => {
    await using at = await server({ audience: ["other", audience] });
    const token = await at.bearer({ aud: ["x", audience] });
    const { jwts } = at.api.deps;
    const verify = mock.fn(jwts.verify.bind(jwts));
    Object.assign(jwts, { verify });
    for (let count = 0; count < 5; count += 1)
      assert.equal((await at.api.ask("GET", self, undefined, { token })).status, 200);
    assert.equal(verify.mock.callCount(), 1);
  });
});
