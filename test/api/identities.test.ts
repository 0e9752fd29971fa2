import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SignalboxError } from "../../src/errors.ts";
import { ensureAdmin } from "../../src/platform/access/identities.ts";
import { testApi } from "../support/api.ts";
import { shared } from "../support/shared.ts";

const tokens = "/api/cloud/tokens/";
const keys = "/api/cloud/access-keys/";

describe("tenants", () => {
  it("are made, listed page by page, and shown", async () => {
    await using api = await testApi();
    const made = await api.ask("POST", "/api/cloud/tenants/", { id: "acme", name: "Acme Ltd" });
    assert.deepEqual(made.data, { id: "acme", name: "Acme Ltd", created_at: "2026-01-01T00:00:00.000Z" });
    assert.equal((await api.ask("POST", "/api/cloud/tenants/", { id: "zeta" })).data["name"], "zeta");
    const first = await api.ask("GET", "/api/cloud/tenants/?limit=2");
    assert.deepEqual(
      (first.data["tenants"] as { id: string }[]).map(({ id }) => id),
      ["acme", "default"],
    );
    const second = await api.ask("GET", `/api/cloud/tenants/?limit=2&cursor=${String(first.data["next_cursor"])}`);
    assert.deepEqual(
      (second.data["tenants"] as { id: string }[]).map(({ id }) => id),
      ["zeta"],
    );
    assert.equal(second.data["next_cursor"], undefined);
    assert.equal((await api.ask("GET", "/api/cloud/tenants/acme/")).data["name"], "Acme Ltd");
    assert.equal((await api.ask("GET", "/api/cloud/tenants/nobody/")).status, 404);
  });

  it("are refused when the id is taken or has another form", async () => {
    await using api = await testApi();
    assert.equal((await api.ask("POST", "/api/cloud/tenants/", { id: "default" })).status, 409);
    const answers = await Promise.all([1, 2, 3].map(() => api.ask("POST", "/api/cloud/tenants/", { id: "once" })));
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [201, 409, 409],
    );
    for (const id of ["", "Acme", "a b", "-a", "a-", "ä", "a".repeat(64), "a/b", 7, null]) {
      const { status, fields } = await api.ask("POST", "/api/cloud/tenants/", { id });
      assert.deepEqual([status, fields[0]?.path], [400, "id"], String(id));
    }
  });

  it("keep apart what has the same name, and cursors too", async () => {
    await using api = await testApi();
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const acme = { tenant: "acme" };
    for (const principal of ["ann", "ben"]) {
      await api.ask("POST", tokens, { principal, role: "member" });
      await api.ask("POST", tokens, { principal, role: "admin" }, acme);
    }
    const { data } = await api.ask("GET", `${tokens}?limit=1`, undefined, acme);
    const cursor = String(data["next_cursor"]);
    assert.equal((await api.ask("GET", `${tokens}?cursor=${cursor}`, undefined, acme)).status, 200);
    assert.equal((await api.ask("GET", `${tokens}?cursor=${cursor}`)).status, 400, "of another tenant");
    assert.equal((await api.ask("GET", `${keys}?cursor=${cursor}`, undefined, acme)).status, 400, "of another list");
    const flipped = `${cursor.slice(0, -2)}${cursor.endsWith("A") ? "BB" : "AA"}`;
    assert.equal((await api.ask("GET", `${tokens}?cursor=${flipped}`, undefined, acme)).status, 400, "tampered with");
  });
});

describe("tokens", () => {
  const server = shared(testApi);

  it("are shown once, with at least 32 random bytes, and kept as a hash", async () => {
    await using api = await testApi();
    const { status, data } = await api.ask("POST", tokens, { principal: "ann", role: "developer", label: "laptop" });
    assert.equal(status, 201);
    const token = String(data["token"]);
    assert.match(token, /^sbx_[A-Za-z0-9_-]{43}$/);
    const list = await api.ask("GET", tokens);
    assert.ok(!list.text.includes(token));
    const [shown] = list.data["tokens"] as Record<string, unknown>[];
    assert.deepEqual(shown, {
      id: data["id"],
      principal: "ann",
      role: "developer",
      label: "laptop",
      status: "active",
      created_at: "2026-01-01T00:00:00.000Z",
      expires_at: null,
      revoked_at: null,
      all_tenants: false,
      made_by: null,
      event_types: null,
      kinds: null,
    });
  });

  it("belong to principals of one role each", async () => {
    await using api = await testApi();
    assert.match((await api.ask("POST", tokens, { principal: "ann" })).message, /^role: is required, because/);
    assert.equal((await api.ask("POST", tokens, { principal: "ann", role: "member" })).status, 201);
    assert.equal((await api.ask("POST", tokens, { principal: "ann" })).data["role"], "member");
    const { status, message } = await api.ask("POST", tokens, { principal: "ann", role: "admin" });
    assert.equal(status, 409);
    assert.match(message, /leave role out or choose another principal/);
    const answers = await Promise.all(
      (["admin", "developer", "member"] as const).map((role) => api.ask("POST", tokens, { principal: "new", role })),
    );
    assert.deepEqual(
      answers.map((answer) => answer.status).toSorted((a, b) => a - b),
      [201, 409, 409],
      "also when many come at once",
    );
  });

  it("are made by admins for every role but operator, whose tokens they do not even see", async () => {
    await using api = await testApi();
    const token = await api.tokenOf("admin", "boss");
    for (const role of ["admin", "developer", "member"]) {
      const made = await api.ask("POST", tokens, { principal: `x-${role}`, role }, { token });
      assert.equal(made.status, 201, made.text);
    }
    assert.equal((await api.ask("POST", tokens, { principal: "y", role: "operator" }, { token })).status, 400);
    assert.equal((await api.ask("POST", tokens, { principal: "admin" }, { token })).status, 400, "by leaving role out");
    assert.equal((await api.ask("POST", tokens, { principal: "admin", role: "member" }, { token })).status, 400);
    const list = await api.ask("GET", tokens, undefined, { token });
    assert.doesNotMatch(list.text, /operator/);
    const ofOperator = (await api.ask("GET", tokens)).data["tokens"] as { id: string; role: string }[];
    const id = ofOperator.find(({ role }) => role === "operator")?.id ?? "";
    assert.equal((await api.ask("DELETE", `${tokens}${id}/`, undefined, { token })).status, 404);
    assert.equal((await api.ask("POST", keys, { principal: "admin" }, { token })).status, 404);
    assert.equal((await api.ask("POST", tokens, { principal: "op", role: "operator" })).status, 201);
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const elsewhere = await api.ask("POST", tokens, { principal: "op", role: "operator" }, { tenant: "acme" });
    assert.match(elsewhere.message, /operators live in the tenant 'default'/);
  });

  const bad: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    ["no principal", { principal: undefined }, "principal"],
    ["a principal with a slash", { principal: "a/b" }, "principal"],
    ["a principal like a hook", { principal: "hook:1" }, "principal"],
    ["an unknown role", { role: "root" }, "role"],
    ["a past end", { expires_at: "2025-01-01T00:00:00Z" }, "expires_at"],
    ["an end without a zone", { expires_at: "2027-01-01T00:00:00" }, "expires_at"],
    ["two ends", { expires_at: "2027-01-01T00:00:00Z", expires_in_s: 1 }, "expires_at"],
    ["no time", { expires_in_s: 0 }, "expires_in_s"],
    ["a label that is too long", { label: "x".repeat(257) }, "label"],
    ["a token of one's own", { token: "sbx_mine" }, "token"],
  ];
  for (const [what, body, path] of bad) {
    it(`are refused with ${what}`, async () => {
      const answer = await server().ask("POST", tokens, { principal: "ann", role: "member", ...body });
      assert.deepEqual([answer.status, answer.fields[0]?.path], [400, path], answer.text);
    });
  }

  it("are listed as active, expired or revoked, and revoked once", async () => {
    await using api = await testApi();
    const ids: string[] = [];
    for (const expiry of [{}, { expires_in_s: 1 }, { expires_at: "2027-01-01T01:00:00+01:00" }]) {
      const { data } = await api.ask("POST", tokens, { principal: "ann", role: "member", ...expiry });
      ids.push(String(data["id"]));
    }
    api.clock.advance(2000);
    const [first = "", second = "", third = ""] = ids;
    assert.equal((await api.ask("DELETE", `${tokens}${first}/`)).status, 200);
    assert.equal((await api.ask("DELETE", `${tokens}${first}/`)).status, 404);
    for (const id of ["nothing", `${"0".repeat(36)}-004`, `${second.slice(0, -4)}-011`]) {
      assert.equal((await api.ask("DELETE", `${tokens}${id}/`)).status, 404);
    }
    const list = (await api.ask("GET", tokens)).data["tokens"] as Record<string, unknown>[];
    const of = (id: string) => list.find((token) => token["id"] === id);
    assert.deepEqual(
      [first, second, third].map((id) => of(id)?.["status"]),
      ["revoked", "expired", "active"],
    );
    assert.equal(of(third)?.["expires_at"], "2027-01-01T00:00:00.000Z");
  });
});

describe("S3 key pairs", () => {
  it("are each principal's own; admins have those of the tenant", async () => {
    await using api = await testApi();
    const [ann, ben, boss] = [
      await api.tokenOf("member", "ann"),
      await api.tokenOf("developer", "ben"),
      await api.tokenOf("admin", "boss"),
    ];
    const own = await api.ask("POST", keys, { label: "laptop" }, { token: ann });
    assert.equal(own.status, 201);
    const id = String(own.data["access_key_id"]);
    assert.match(id, /^[A-Z2-7]{20}$/);
    assert.match(String(own.data["secret_access_key"]), /^[A-Za-z0-9_-]{40}$/);
    assert.equal(own.data["principal"], "ann");
    const kept = await api.deps.store.credentials.accessKey(id);
    assert.equal(api.deps.vault.open(kept?.key.sealedSecret ?? ""), own.data["secret_access_key"]);
    for (const [token, count] of [
      [ann, 1],
      [ben, 0],
      [boss, 1],
    ] as const) {
      const { data, text } = await api.ask("GET", keys, undefined, { token });
      assert.equal((data["access_keys"] as unknown[]).length, count);
      assert.ok(!text.includes(String(own.data["secret_access_key"])));
    }
    assert.equal((await api.ask("POST", keys, { principal: "ann" }, { token: ben })).status, 404);
    assert.equal((await api.ask("DELETE", `${keys}${id}/`, undefined, { token: ben })).status, 404);
    assert.equal((await api.ask("POST", keys, { principal: "ben" }, { token: boss })).status, 201);
    const unknown = await api.ask("POST", keys, { principal: "nobody" }, { token: boss });
    assert.match(unknown.message, /make a token for it first/);
    assert.equal((await api.ask("DELETE", `${keys}${id}/`, undefined, { token: boss })).status, 200);
    assert.equal((await api.ask("DELETE", `${keys}${id}/`, undefined, { token: ann })).status, 404);
    assert.equal((await api.ask("DELETE", `${keys}nothing/`, undefined, { token: ann })).status, 404);
  });
});

describe("the first operator", () => {
  it("gets a made token once; a configured one takes its place at each start", async () => {
    await using api = await testApi();
    const { store, vault, clock } = api.deps;
    const works = async (token: string) => (await api.ask("GET", tokens, undefined, { token })).status === 200;
    assert.deepEqual(await ensureAdmin({ store, vault, clock, config: {} }), {}, "it has one already");
    assert.ok(await works(api.operator), "and it stays when none is configured");
    await ensureAdmin({ store, vault, clock, config: { adminToken: "another long token" } });
    assert.deepEqual([await works(api.operator), await works("another long token")], [false, true]);
    await api.ask("POST", tokens, { principal: "ann", role: "member" }, { token: "another long token" });
    const list = (await api.ask("GET", tokens, undefined, { token: "another long token" })).data["tokens"];
    const own = (list as { id: string; role: string }[]).find(({ role }) => role === "operator");
    await api.ask("DELETE", `${tokens}${own?.id ?? ""}/`, undefined, { token: "another long token" });
    assert.equal(await works("another long token"), false);
    await ensureAdmin({ store, vault, clock, config: { adminToken: "another long token" } });
    assert.ok(await works("another long token"), "whoever locked himself out configures it again");
  });

  it("has a configured key pair of any shape; a new one takes its place", async () => {
    await using api = await testApi();
    const { store, vault, clock } = api.deps;
    const own = { adminToken: api.operator };
    await ensureAdmin({ store, vault, clock, config: { ...own, s3AccessKeyId: "a", s3SecretAccessKey: "b c" } });
    await ensureAdmin({ store, vault, clock, config: { ...own, s3AccessKeyId: "a", s3SecretAccessKey: "d" } });
    assert.equal(vault.open((await store.credentials.accessKey("a"))?.key.sealedSecret ?? ""), "d");
    await ensureAdmin({ store, vault, clock, config: { ...own, s3AccessKeyId: "e", s3SecretAccessKey: "f" } });
    assert.equal(await store.credentials.accessKey("a"), undefined);
    assert.equal((await store.credentials.accessKey("e"))?.principal.role, "operator");
  });

  it("does not take what is somebody else's", async () => {
    await using api = await testApi();
    const { store, vault, clock } = api.deps;
    const adminToken = await api.tokenOf("member", "ann");
    const key = await api.ask("POST", keys, {}, { token: adminToken });
    const isConflict = (thrown: unknown) => thrown instanceof SignalboxError && thrown.code === "conflict";
    await assert.rejects(ensureAdmin({ store, vault, clock, config: { adminToken } }), isConflict);
    const config = { s3AccessKeyId: String(key.data["access_key_id"]), s3SecretAccessKey: "x" };
    await assert.rejects(ensureAdmin({ store, vault, clock, config }), isConflict);
  });
});
