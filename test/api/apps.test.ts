import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";
import { allowing, makeApp, makeFunction } from "../support/functions.ts";
import { shared } from "../support/shared.ts";

const apps = "/api/apps/";

describe("apps", () => {
  const server = shared(testApi);

  it("are made, shown, renamed and deleted", async () => {
    await using api = await testApi();
    const made = await api.ask("POST", apps, { name: "User Management" });
    assert.deepEqual([made.status, made.message], [201, "App created successfully"]);
    const { id, uuid, ...rest } = made.data;
    assert.ok(Number.isSafeInteger(id));
    assert.match(String(uuid), /^[0-9a-f-]{36}-005$/);
    const time = "2026-01-01T00:00:00.000Z";
    const shown = {
      name: "User Management",
      slug: "user-management",
      owner: "admin",
      created_at: time,
      updated_at: time,
    };
    assert.deepEqual(rest, shown);
    assert.deepEqual((await api.ask("GET", `${apps}user-management/`)).data, made.data);
    api.clock.advance(1000);
    const renamed = await api.ask("PATCH", `${apps}user-management/`, { name: "People" });
    assert.deepEqual(renamed.data, { ...made.data, name: "People", updated_at: "2026-01-01T00:00:01.000Z" });
    assert.equal((await api.ask("DELETE", `${apps}user-management/`)).status, 200);
    assert.equal((await api.ask("GET", `${apps}user-management/`)).message, "app 'user-management' does not exist");
    assert.equal((await api.ask("DELETE", `${apps}user-management/`)).status, 404);
    assert.equal((await api.ask("POST", apps, { name: "User Management" })).status, 201, "the slug is free again");
  });

  it("are listed page by page, oldest first, for every member of their own tenant", async () => {
    await using api = await testApi();
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    for (const name of ["One", "Two", "Three"]) await makeApp(api, { name });
    await makeApp(api, { name: "Elsewhere" }, { tenant: "acme" });
    const listed = await api.all(apps, "apps", 2);
    assert.deepEqual(
      listed.map(({ slug }) => slug),
      ["one", "two", "three"],
    );
    const token = await api.tokenOf("member");
    const seen = await api.ask("GET", apps, undefined, { token });
    assert.deepEqual(seen.data["apps"], listed);
    assert.equal((await api.ask("GET", `${apps}one/`, undefined, { token })).status, 200);
    assert.equal((await api.ask("GET", `${apps}elsewhere/`, undefined, { token })).status, 404);
    for (const [method, path, body] of [
      ["POST", apps, { name: "Mine" }],
      ["PATCH", `${apps}one/`, { name: "Mine" }],
      ["DELETE", `${apps}one/`, undefined],
    ] as const) {
      const { status, code } = await api.ask(method, path, body, { token });
      assert.deepEqual([status, code], [403, "forbidden"], method);
    }
  });

  it("stay as long as they have functions", async () => {
    await using api = await testApi();
    await makeApp(api);
    const { path } = await makeFunction(api);
    const { status, code, message } = await api.ask("DELETE", `${apps}user-management/`);
    assert.deepEqual(
      [status, code, message],
      [409, "conflict", "app 'user-management' has functions; delete them first"],
    );
    await api.ask("DELETE", path);
    assert.equal((await api.ask("DELETE", `${apps}user-management/`)).status, 200);
  });

  it("are never deleted with a function that is just being made", async () => {
    await using api = await testApi();
    for (let turn = 0; turn < 5; turn++) {
      await makeApp(api);
      const made = api.ask("POST", `${apps}user-management/functions/`, { name: "Fn", code: allowing });
      // The code is compiled meanwhile.
      const [deleted] = await Promise.all([api.ask("DELETE", `${apps}user-management/`), made]);
      const { status } = await made;
      assert.ok(
        (deleted.status === 200 && status === 404) || (deleted.status === 409 && status === 201),
        `${deleted.status} ${status}`,
      );
      if (status === 201) await api.ask("DELETE", `${apps}user-management/functions/fn/`);
      await api.ask("DELETE", `${apps}user-management/`);
    }
  });

  const slugs = [
    ["Validate User Data", "validate-user-data"],
    ["  x", undefined],
    ["Größe & Maß", "gro-e-ma"],
    ["Crème Brûlée!", "creme-brulee"],
    ["--a--", "a"],
    ["名前", undefined],
    [`${"a".repeat(62)} ${"b".repeat(60)}`, "a".repeat(62)],
    ["constructor", "constructor"],
    ["2026", "2026"],
  ] as const;
  for (const [name, slug] of slugs) {
    it(`named ${JSON.stringify(name)} ${slug === undefined ? "need a slug" : `have the slug ${slug}`}`, async () => {
      const api = server();
      const { status, data, fields } = await api.ask("POST", apps, { name });
      assert.equal(status, slug === undefined ? 400 : 201);
      assert.equal(data["slug"], slug);
      if (slug === undefined && !name.startsWith(" ")) {
        assert.equal(fields[0]?.path, "slug");
        assert.equal((await api.ask("POST", apps, { name, slug: "a-slug" })).data["name"], name);
      }
    });
  }

  it("have a slug each, also when many ask for it at once; another tenant's does not matter", async () => {
    await using api = await testApi();
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const answers = await Promise.all([1, 2, 3].map(() => api.ask("POST", apps, { name: "Once" })));
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [201, 409, 409],
    );
    assert.match(answers.find(({ status }) => status === 409)?.message ?? "", /'once' already; choose another slug/);
    assert.equal((await api.ask("POST", apps, { name: "Once" }, { tenant: "acme" })).status, 201);
  });

  it("are at most 1,000 in a tenant", async () => {
    await using api = await testApi();
    const at = { tenant: "default", owner: "admin", createdMs: 0, updatedMs: 0 };
    const many = Array.from({ length: 1_000 }, (_, n) => ({
      do: "app.add" as const,
      app: { ...at, uuid: `app-${n}-005` as never, slug: `app-${n}`, name: `App ${n}` },
    }));
    await api.deps.store.commit({ changes: many });
    const { status, message } = await api.ask("POST", apps, { name: "One more" });
    assert.deepEqual([status, message], [409, "a tenant may have at most 1000 apps; delete one"]);
    await api.ask("DELETE", `${apps}app-7/`);
    assert.equal((await api.ask("POST", apps, { name: "One more" })).status, 201);
  });

  const bad: readonly (readonly [string, unknown, string])[] = [
    ["no name", {}, "name"],
    ["an empty name", { name: "" }, "name"],
    ["a name of blanks", { name: "   " }, "name"],
    ["a name that ends with a blank", { name: "a " }, "name"],
    ["a name with a line break", { name: "a\nb" }, "name"],
    ["a name with a NUL", { name: "a\0b" }, "name"],
    ["a name that turns letters around", { name: "a\u202eb" }, "name"],
    ["a name that is too long", { name: "x".repeat(129) }, "name"],
    ["a name that is no text", { name: 7 }, "name"],
    ["a slug with capitals", { name: "a", slug: "App" }, "slug"],
    ["a slug with a slash", { name: "a", slug: "a/b" }, "slug"],
    ["a slug with dots", { name: "a", slug: ".." }, "slug"],
    ["a slug that begins with a hyphen", { name: "a", slug: "-a" }, "slug"],
    ["an empty slug", { name: "a", slug: "" }, "slug"],
    ["a slug that is too long", { name: "a", slug: "a".repeat(64) }, "slug"],
    ["an owner", { name: "a", owner: "root" }, "owner"],
    ["a list", [{ name: "a" }], "body"],
    ["nothing", undefined, "body"],
  ];
  for (const [what, body, path] of bad) {
    it(`are refused with ${what}`, async () => {
      const { status, fields, text } = await server().ask("POST", apps, body);
      assert.deepEqual([status, fields[0]?.path], [400, path], text);
    });
  }

  it("are not found by names that are none", async () => {
    await using api = await testApi();
    for (const slug of ["__proto__", "constructor", "a%00b", "..%2f..", "%27", "ä", "x".repeat(200)]) {
      assert.equal((await api.ask("GET", `${apps}${slug}/`)).status, 404, slug);
      assert.equal((await api.ask("GET", `${apps}${slug}/events/`)).status, 404, slug);
      assert.equal((await api.ask("GET", `${apps}${slug}/functions/`)).status, 404, slug);
    }
  });

  it("are made once for one Idempotency-Key", async () => {
    await using api = await testApi();
    const headers = { "idempotency-key": "k-1" };
    const first = await api.ask("POST", apps, { name: "Once" }, { headers });
    const second = await api.ask("POST", apps, { name: "Once" }, { headers });
    assert.deepEqual([second.status, second.text], [201, first.text]);
  });
});
