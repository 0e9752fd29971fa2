import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SignalboxError } from "../errors.ts";
import { builtInEvents, EventType } from "./built-in-events.ts";
import type { EventTypeDefinition } from "./catalog.ts";
import { catalogOf, defineEvent } from "./event-types.ts";
import { objectParams, type Params } from "./lifecycle.ts";

function problemsOf(act: () => unknown): readonly string[] {
  try {
    act();
    return [];
  } catch (thrown) {
    assert.ok(thrown instanceof SignalboxError && thrown.code === "invalid_request", String(thrown));
    return thrown.fields.map(({ path, message }) => `${path}: ${message}`);
  }
}

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

  it("tell params in one order, and leave out what is undefined", () => {
    const given = { email: "e", username: "u", user_id: 1, first_name: undefined };
    const told = catalog.prepare("POST_USER_CREATE", given as unknown as Params);
    assert.equal(JSON.stringify(told), '{"user_id":1,"username":"u","email":"e"}');
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

const order = defineEvent({
  name: "PRE_ORDER_CREATE",
  phase: "pre",
  resource: "order",
  schema: {
    type: "object",
    properties: {
      item: { type: "string" },
      cards: { type: "array", items: { type: "object", properties: { brand: { type: "string" } } } },
      discount: { type: "number", maximum: 50 },
    },
    required: ["item"],
    additionalProperties: false,
  },
  sensitive: ["cards.number", "pin"],
  changeable: ["discount"],
});
// The name stays known to TypeScript.
const name: "PRE_ORDER_CREATE" = order.name;

describe("a host's event types", () => {
  it("come last in the list, in the host's order", () => {
    const shipped: EventTypeDefinition = {
      name: "ORDER_SHIPPED",
      phase: "post",
      resource: "order",
      schema: { type: "object" },
    };
    assert.deepEqual(catalogOf([shipped, order]).names.slice(-2), ["ORDER_SHIPPED", name]);
  });

  it("lose what is sensitive before anything else, in every element of lists", () => {
    const given = { item: "x", pin: () => 1, cards: [{ brand: "v", number: "4111" }, { number: { a: 1 } }, "odd"] };
    const schema = { type: "object" };
    const open = catalogOf([{ ...order, schema, changeable: [] }]);
    const params = { ...given, pin: 1, "cards.number": "4111" };
    assert.deepEqual(open.prepare(name, params), { item: "x", cards: [{ brand: "v" }, {}, "odd"] });
  });

  it("are checked at each publish", () => {
    const host = catalogOf([order]);
    assert.deepEqual(problemsOf(() => host.prepare(name, { discount: 60 })).toSorted(), [
      "params.discount: must be at most 50",
      "params.item: is required",
    ]);
    assert.throws(() => host.prepare("INVALID_EVENT", {}), {
      message: `Invalid event type 'INVALID_EVENT'. Must be one of: ${host.names.join(", ")}`,
      fields: [{ path: "event_type", message: "is not an event type." }],
    });
    for (const odd of ["constructor", "__proto__", ""]) {
      assert.equal(host.get(odd), undefined);
      assert.throws(() => host.prepare(odd, {}), { code: "invalid_request" });
    }
  });

  it("may have patterns that cost what they like, and no event costs more than some milliseconds of them", () => {
    const schema = { type: "object", properties: { text: { type: "string", pattern: "[ab]*a?b?[ab]{80}c" } } };
    const host = catalogOf([{ ...order, schema, changeable: [], sensitive: [] }]);
    const before = process.threadCpuUsage();
    assert.deepEqual(
      problemsOf(() => host.prepare(name, { text: "ab".repeat(100_000) })),
      ["params: takes too long to check against its schema; send less, or ask for a simpler schema"],
    );
    const { user, system } = process.threadCpuUsage(before);
    assert.ok(user + system < 50_000, `${user + system} µs`);
    const fits = { text: `${"ab".repeat(5_000)}c` };
    assert.deepEqual(host.prepare(name, fits), fits);
  });

  it("are compiled one after the other, before any of their events", () => {
    const host = catalogOf([order]);
    assert.equal([...host.warm()].length, host.names.length);
  });

  it("can't take a name that is taken", () => {
    const taken = { ...order, name: "PRE_USER_CREATE" };
    assert.deepEqual(
      problemsOf(() => catalogOf([taken])),
      ["name: is a built-in event type; give yours another name"],
    );
    assert.deepEqual(
      problemsOf(() => catalogOf([order, order])),
      ["name: is declared twice; give yours another name"],
    );
  });

  const refused: readonly (readonly [Readonly<Record<string, unknown>>, readonly string[]])[] = [
    [{ name: "order" }, ["name: must be 3–64 of A–Z, 0–9 and _, beginning with a letter: PRE_ORDER_CREATE"]],
    [{ name: "X".repeat(65) }, ["name: must be 3–64 of A–Z, 0–9 and _, beginning with a letter: PRE_ORDER_CREATE"]],
    [{ name: "ORDER_CREATE" }, ["name: must be PRE_ORDER_CREATE"]],
    [{ phase: "post", changeable: [] }, ['phase: must be "pre", as the name says']],
    [
      { phase: "during" },
      [
        'phase: must be "pre" or "post"',
        "changeable[0]: only hooks change params, and only before the operation: phase must be pre",
      ],
    ],
    [
      { resource: "Order" },
      ["resource: must be the kind of thing that it is about: 1–32 of a–z, 0–9 and _, such as order"],
    ],
    [{ description: 5 }, ["description: must be a sentence of at most 500 characters"]],
    [{ schema: undefined }, ["schema: must be JSON, not undefined"]],
    [
      { schema: { type: "object", propertys: {} } },
      ['schema.propertys: is not a keyword that is known here. Did you mean "properties"?'],
    ],
    [{ sensetive: ["pin"] }, ['sensetive: is not a known property. Did you mean "sensitive"?']],
    [{ sensitive: "pin" }, ["sensitive: must be a list of paths"]],
    [
      { sensitive: ["item"] },
      [
        "sensitive[0]: is required by the schema, which is asked after sensitive params are taken out; make it optional there",
      ],
    ],
    [
      { sensitive: ["a..b", "a.*", 5] },
      [
        "sensitive[0]: must be names joined by dots, without *: what lies below is taken out too",
        "sensitive[1]: must be names joined by dots, without *: what lies below is taken out too",
        "sensitive[2]: must be a path such as address.city",
      ],
    ],
    [{ changeable: ["dicsount"] }, ["changeable[0]: is not a property that the schema has a place for"]],
    [{ changeable: ["*"] }, ["changeable[0]: must be names joined by dots, with * at the end at most: attributes.*"]],
    [{ changeable: ["pin.x"] }, ["changeable[0]: is sensitive: hooks do not see it, and can't change it"]],
    [{ changeable: ["cards.*"] }, []],
  ];
  for (const [change, expected] of refused) {
    it(`with ${JSON.stringify(change).slice(0, 60)} ${expected.length === 0 ? "stand" : "are refused"}`, () => {
      const declare = () => defineEvent({ ...order, ...change });
      assert.deepEqual(problemsOf(declare), expected);
    });
  }

  it("are refused by their name", () => {
    assert.throws(() => defineEvent({ ...order, resource: "" }), {
      message: /^event type PRE_ORDER_CREATE: resource: must be/,
    });
    assert.throws(() => defineEvent(null as unknown as EventTypeDefinition), { code: "invalid_request" });
  });
});
