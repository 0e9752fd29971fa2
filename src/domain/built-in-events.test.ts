import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { problemsOf } from "../../test/support/problems.ts";
import { builtInEvents, EventType } from "./built-in-events.ts";
import { catalogOf, defineEvent } from "./event-types.ts";
import { objectParams, type Params } from "./lifecycle.ts";

const catalog = catalogOf([]);

describe("the built-in event types", () => {
  it("are listed in their order, the documented ones first", () => {
    assert.deepEqual(catalog.names, [
      "PRE_USER_CREATE",
      "POST_USER_CREATE",
      "PRE_USER_UPDATE",
      "POST_USER_UPDATE",
      "PRE_USER_DELETE",
      "POST_USER_DELETE",
      "USER_CREATE_ABORTED",
      "PRE_OBJECT_PUT",
      "POST_OBJECT_PUT",
      "PRE_OBJECT_DELETE",
      "POST_OBJECT_DELETE",
    ]);
    assert.deepEqual(Object.values(EventType), catalog.names);
    for (const [key, name] of Object.entries(EventType)) assert.equal(key, name);
  });

  for (const definition of builtInEvents) {
    it(`${definition.name} could be declared by a host`, () => {
      assert.deepEqual(
        problemsOf(() => defineEvent(definition)),
        [],
      );
      assert.equal(catalog.get(definition.name), definition);
    });
  }

  const user = { username: "john_doe", email: "john@example.com" };
  const full = {
    ...user,
    id: 123,
    user_id: 123,
    uuid: "0199-001",
    first_name: "John",
    last_name: "Doe",
    attributes: { plan: "pro", nested: { deep: [1] } },
    created_at: "2026-11-20T10:30:00.000Z",
    updated_at: "2026-11-20T10:30:00.000Z",
  };
  const object = objectParams({
    bucket: "photos",
    key: "a/b.png",
    size: 12,
    eTag: "e",
    contentType: "image/png",
    lastModifiedMs: 0,
    reason: "PutObject",
    userMetadata: { owner: "me" },
    tags: { Team: "a" },
  });
  const valid: readonly (readonly [EventType, Params])[] = [
    ["PRE_USER_CREATE", user],
    ["PRE_USER_CREATE", { username: "john_doe" }],
    ["PRE_USER_CREATE", { ...full, id: "0199-001" }],
    ["POST_USER_CREATE", { user_id: 123, ...user }],
    ["POST_USER_CREATE", full],
    ["PRE_USER_UPDATE", { ...full, changes: { first_name: "John" } }],
    ["POST_USER_UPDATE", { ...full, changes: { email: { from: "", to: "john@example.com" } } }],
    ["PRE_USER_DELETE", full],
    ["POST_USER_DELETE", full],
    ["USER_CREATE_ABORTED", { ...user, reason: "the commit failed" }],
    ["PRE_OBJECT_PUT", { bucket: "photos", key: "a", metadata: {}, tags: {} }],
    ["POST_OBJECT_PUT", { uuid: "0199-002", ...object }],
    ["PRE_OBJECT_DELETE", object],
    ["POST_OBJECT_DELETE", object],
  ];
  for (const [name, params] of valid) {
    it(`${name} takes ${Object.keys(params).join(", ")}`, () =>
      assert.deepEqual(catalog.prepare(name, params), params));
  }

  const wrong: readonly (readonly [EventType, unknown, readonly string[]])[] = [
    ["PRE_USER_CREATE", {}, ["params.username: is required"]],
    ["PRE_USER_CREATE", { username: "" }, ["params.username: must not be empty"]],
    ["PRE_USER_CREATE", { ...user, emial: "x" }, ['params.emial: is not a known property. Did you mean "email"?']],
    ["PRE_USER_CREATE", { username: 1 }, ["params.username: must be a string"]],
    ["PRE_USER_CREATE", { ...user, attributes: null }, ["params.attributes: must be a JSON object"]],
    ["PRE_USER_CREATE", { ...user, attributes: { f: () => 1 } }, ["params.attributes.f: must be JSON, not a function"]],
    ["PRE_USER_CREATE", [user], ["params: must be a JSON object"]],
    ["PRE_USER_CREATE", undefined, ["params: must be JSON, not undefined"]],
    [
      "PRE_USER_CREATE",
      { ...user, attributes: { a: "x".repeat(262_144) } },
      ["params: is 262216 bytes long as JSON; at most 262144 are allowed"],
    ],
    ["USER_CREATE_ABORTED", user, ["params.reason: is required"]],
    ["PRE_OBJECT_PUT", { bucket: "b", key: "k", tags: { a: 1 } }, ["params.tags.a: must be a string"]],
  ];
  for (const [name, params, expected] of wrong) {
    it(`${name} refuses ${JSON.stringify(params)?.slice(0, 60)}`, () => {
      assert.deepEqual(
        problemsOf(() => catalog.prepare(name, params as Params)),
        expected,
      );
    });
  }

  it("never show passwords and tokens", () => {
    const secret = { ...user, password: "hunter2", token: { a: 1 } };
    assert.deepEqual(catalog.prepare("PRE_USER_CREATE", secret), user);
    const changes = { first_name: "J", password: "hunter2" };
    assert.deepEqual(catalog.prepare("PRE_USER_UPDATE", { ...user, changes }), {
      ...user,
      changes: { first_name: "J" },
    });
  });

  it("never show what calls itself a secret, however deep it lies", () => {
    const attributes = {
      plan: "pro",
      password: "hunter2",
      crm: { apiKey: "hunter2", logins: [{ pwd: "hunter2", n: 1 }] },
    };
    const left = { plan: "pro", crm: { logins: [{ n: 1 }] } };
    for (const name of ["PRE_USER_CREATE", "POST_USER_CREATE", "POST_USER_UPDATE", "PRE_USER_DELETE"]) {
      const prepared = catalog.prepare(name, { ...user, attributes });
      assert.deepEqual(prepared, { ...user, attributes: left });
    }
    const changes = { attributes: { from: { password: "hunter1" }, to: attributes } };
    assert.deepEqual(catalog.prepare("POST_USER_UPDATE", { ...user, changes })["changes"], {
      attributes: { from: {}, to: left },
    });
    const stored = { bucket: "b", key: "k", metadata: { "upload-token": "hunter2", owner: "me" }, tags: {} };
    assert.deepEqual(catalog.prepare("PRE_OBJECT_PUT", stored)["metadata"], { owner: "me" });
  });

  it("tell params in one order, and leave out what is undefined", () => {
    const given = { email: "e", username: "u", user_id: 1, first_name: undefined };
    const prepared = catalog.prepare("POST_USER_CREATE", given as unknown as Params);
    assert.equal(JSON.stringify(prepared), '{"user_id":1,"username":"u","email":"e"}');
    assert.equal(given.email, "e");
  });

  it("let hooks change what is the user's own and what is said about an object, and nothing else", () => {
    const changeable = Object.fromEntries(
      builtInEvents.flatMap((event) => (event.changeable ? [[event.name, event.changeable]] : [])),
    );
    assert.deepEqual(changeable, {
      PRE_USER_CREATE: ["first_name", "last_name", "attributes.*"],
      PRE_USER_UPDATE: ["first_name", "last_name", "attributes.*"],
      PRE_OBJECT_PUT: ["metadata.*", "tags.*"],
    });
  });
});
