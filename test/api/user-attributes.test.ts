import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";
import { shared } from "../support/shared.ts";

const users = "/api/cloud/users/";
const schemaPath = `${users}schema/`;
const ada = { username: "ada", email: "ada@example.com", attributes: { plan: "free" } };

describe("what attributes must fit", () => {
  const server = shared(testApi);
  const schema = {
    type: "object",
    properties: { plan: { enum: ["free", "gold"] }, code: { type: "string", pattern: "^(a+)+$" } },
    required: ["plan"],
    additionalProperties: false,
  };

  it("is nothing, until the tenant says so, and nothing again when it takes it back", async () => {
    await using api = await testApi();
    assert.deepEqual((await api.ask("GET", schemaPath)).data, { schema: null });
    const put = await api.ask("PUT", schemaPath, { schema });
    assert.deepEqual([put.status, put.data], [200, { schema }]);
    assert.deepEqual((await api.ask("GET", schemaPath)).data, { schema });
    const { status, fields } = await api.ask("POST", users, { ...ada, attributes: { plan: "platinum", x: 1 } });
    assert.equal(status, 400);
    assert.deepEqual(fields.map(({ path }) => path).toSorted(), ["attributes.plan", "attributes.x"]);
    assert.equal((await api.ask("POST", users, { username: "ben" })).fields[0]?.path, "attributes.plan");
    const { id } = (await api.ask("POST", users, ada)).data;
    const one = `${users}${String(id)}/`;
    assert.equal((await api.ask("PATCH", one, { attributes: { plan: null } })).fields[0]?.path, "attributes.plan");
    assert.equal((await api.ask("PATCH", one, { attributes: { plan: "gold" } })).status, 200);
    await api.ask("PUT", schemaPath, { schema: { type: "object", required: ["team"] } });
    assert.equal((await api.ask("POST", users, { username: "ben" })).fields[0]?.path, "attributes.team");
    assert.deepEqual((await api.ask("DELETE", schemaPath)).data, { schema: null });
    assert.equal((await api.ask("POST", users, { username: "ben" })).status, 201);
  });

  it("is each tenant's own", async () => {
    await using api = await testApi();
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    await api.ask("PUT", schemaPath, { schema }, { tenant: "acme" });
    assert.deepEqual((await api.ask("GET", schemaPath)).data, { schema: null });
    assert.equal((await api.ask("POST", users, { username: "ben" })).status, 201);
    assert.equal((await api.ask("POST", users, { username: "ben" }, { tenant: "acme" })).status, 400);
  });

  it("is judged in linear time, whatever pattern the tenant chose", async () => {
    await using api = await testApi();
    await api.ask("PUT", schemaPath, { schema });
    const attributes = { plan: "free", code: `${"a".repeat(5_000)}!` };
    assert.equal((await api.ask("POST", users, { ...ada, attributes })).fields[0]?.path, "attributes.code");
  });

  const bad: readonly (readonly [string, unknown, string, RegExp])[] = [
    ["no schema", undefined, "schema", /is required/],
    ["null", null, "schema", /must be a JSON object/],
    ["a text", "{}", "schema", /must be a JSON object/],
    ["a schema of something else", { type: "string" }, "schema.type", /must be "object"/],
    ["a schema of anything", {}, "schema.type", /must be "object"/],
    [
      "a schema that requires what is left out",
      { type: "object", required: ["plan", "password"] },
      "schema",
      /requires password, but attributes hold no passwords/,
    ],
    ["an unknown type", { type: "object", properties: { a: { type: "txt" } } }, "schema.properties.a.type", /./],
    ["a keyword that is none", { type: "object", property: {} }, "schema.property", /./],
    [
      "a pattern that is none",
      { type: "object", properties: { a: { pattern: "(" } } },
      "schema.properties.a.pattern",
      /./,
    ],
    ["what lies elsewhere", { type: "object", $ref: "https://evil.example/schema" }, "schema.$ref", /./],
    ["what contains itself", { type: "object", properties: { a: { $ref: "#" } } }, "schema.properties.a.$ref", /./],
    ["one that is too large", { type: "object", description: "x".repeat(40_000) }, "schema", /./],
  ];
  for (const [what, given, path, message] of bad) {
    it(`is refused: ${what}, naming the place`, async () => {
      const api = server();
      const { status, code, fields, text } = await api.ask("PUT", schemaPath, { schema: given });
      assert.deepEqual([status, code, fields[0]?.path], [400, "invalid_request", path], text);
      assert.match(fields[0]?.message ?? "", message);
      assert.deepEqual((await api.ask("GET", schemaPath)).data, { schema: null });
    });
  }
});
