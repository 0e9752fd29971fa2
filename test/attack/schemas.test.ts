/** Schemas and values that a tenant chooses to be slow. The server runs in this process: what it costs its thread is measured. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { costsAtMost } from "../support/cpu-limits.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";

interface Answered {
  readonly status: number;
  readonly message: string;
  readonly fields?: readonly { readonly path: string; readonly message: string }[];
}

async function ask(server: RunningServer, method: string, path: string, body?: unknown): Promise<Answered> {
  const response = await fetch(new URL(path, server.url), {
    method,
    headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { ...((await response.json()) as Omit<Answered, "status">), status: response.status };
}

const users = "/api/cloud/users/";
const putSchema = (server: RunningServer, schema: unknown) => ask(server, "PUT", `${users}schema/`, { schema });
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** A text in which such a pattern has to look again and again. */
const text = (length: number): string => many(length, (index) => ((index * 7919) % 13 < 6 ? "a" : "b")).join("");

describe("schemas of users' attributes", () => {
  it("with costly patterns are checked beside the thread of all: 20 users at once cost it a tenth of a second", async () => {
    await using server = await runServer();
    const slow = { type: "object", properties: { code: { type: "string", pattern: "a[ab]{900}c." } } };
    assert.equal((await putSchema(server, slow)).status, 200);
    const create = (index: number) =>
      ask(server, "POST", users, { username: `user-${index}`, attributes: { code: text(30_000) } });
    const warm = await create(0);
    assert.deepEqual([warm.status, warm.fields?.[0]?.path], [400, "attributes.code"]);
    // One alone took this thread a second and more.
    await costsAtMost(400, async () => {
      const order: string[] = [];
      const costly = many(20, (index) => create(index + 1).then(({ status }) => order.push(String(status))));
      const light = ask(server, "GET", users).then(({ status }) => order.push(`light ${status}`));
      await Promise.all([...costly, light]);
      assert.ok(order.indexOf("light 200") < 10, order.join());
      assert.equal(order.filter((status) => status === "400").length, 20);
    });
    const fits = await ask(server, "POST", users, { username: "ada", attributes: { code: `a${"a".repeat(900)}cd` } });
    assert.equal(fits.status, 201);
  });

  it("that take long to compile are compiled beside it", async () => {
    await using server = await runServer();
    const schemas = [
      { oneOf: many(200, (index) => ({ const: index })) },
      { properties: Object.fromEntries(many(400, (index) => [`p${index}`, { type: "string" }])) },
      { patternProperties: Object.fromEntries(many(20, (index) => [`(?i)[\\p{L}\\p{N}]${index}`, true])) },
    ];
    await putSchema(server, { type: "object" });
    await costsAtMost(150, async () => {
      for (const schema of schemas) {
        const { status, message } = await putSchema(server, { type: "object", ...schema });
        assert.equal(status, 200, message);
        await ask(server, "POST", users, { username: "ada", attributes: { p1: 1 } });
      }
    });
  });

  it("that are far too large are refused before they are read to their end", async () => {
    await using server = await runServer();
    const schema = {
      type: "object",
      properties: Object.fromEntries(many(2_900, (index) => [`a-rather-long-name-of-a-property-${index}`, true])),
    };
    const { status, fields } = await putSchema(server, schema);
    assert.equal(status, 400);
    assert.deepEqual(fields, [
      { path: "schema", message: "is more than 65536 bytes long as JSON; at most 32768 are allowed" },
    ]);
  });

  it("of the ordinary kind cost as little as before", async () => {
    await using server = await runServer();
    const schema = {
      type: "object",
      properties: {
        plan: { enum: ["free", "paid"] },
        slug: { pattern: "^[a-z0-9-]{1,20}$" },
        age: { type: "integer" },
      },
      additionalProperties: false,
    };
    assert.equal((await putSchema(server, schema)).status, 200);
    const attributes = { plan: "paid", slug: "a-b-c", age: 5 };
    assert.equal((await ask(server, "POST", users, { username: "ada", attributes })).status, 201);
    const bad = { plan: "gold", slug: "A B", age: 1.5, rank: 1 };
    const { fields = [] } = await ask(server, "POST", users, { username: "bob", attributes: bad });
    assert.deepEqual(fields.map(({ path }) => path).toSorted(), [
      "attributes.age",
      "attributes.plan",
      "attributes.rank",
      "attributes.slug",
    ]);
  });
});
