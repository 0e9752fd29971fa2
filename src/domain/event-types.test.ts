import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { threadMsNow, within } from "../../test/support/cpu-limits.ts";
import { problemsOf } from "../../test/support/problems.ts";
import type { EventTypeDefinition } from "./catalog.ts";
import { catalogOf, defineEvent } from "./event-types.ts";

const order = defineEvent({
  name: "PRE_ORDER_CREATE",
  phase: "pre",
  resource: "order",
  schema: {
    type: "object",
    properties: {
      item: { type: "string" },
      cards: { type: "array", items: { type: "object", properties: { brand: { type: "string" }, number: {} } } },
      pin: {},
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
    const schema = { type: "object", additionalProperties: true };
    const open = catalogOf([{ ...order, schema, changeable: [] }]);
    const params = { ...given, pin: 1, "cards.number": "4111" };
    assert.deepEqual(open.prepare(name, params), { item: "x", cards: [{ brand: "v" }, {}, "odd"] });
  });

  it("lose what calls itself a secret, unless it is said to be none", () => {
    const schema = { type: "object", properties: { page: { type: "object", properties: { token: {} } }, token: {} } };
    const host = catalogOf([{ ...order, schema, changeable: [], sensitive: [], public: ["page.token"] }]);
    const params = { page: { token: "next", password: "x" }, token: "x", lines: [{ secret: "x", item: "a pen" }] };
    assert.deepEqual(host.prepare(name, params), { page: { token: "next" }, lines: [{ item: "a pen" }] });
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
    const ms = threadMsNow(() => {
      assert.deepEqual(
        problemsOf(() => host.prepare(name, { text: "ab".repeat(100_000) })),
        ["params: takes too long to check against its schema; send less, or ask for a simpler schema"],
      );
    });
    within(50, ms);
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

  const remedy = "name it under properties (it may be optional), or say there additionalProperties: true";
  const tokenPage = { type: "object", properties: { token: { type: "string" } }, required: ["token"] };
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
    [{ changeable: ["dicsount"] }, ['changeable[0]: is nothing that the schema names. Did you mean "discount"?']],
    [{ sensitive: ["cards.nubmer"] }, ['sensitive[0]: is nothing that the schema names. Did you mean "cards.number"?']],
    [{ sensitive: ["remarks"] }, [`sensitive[0]: is nothing that the schema names. If it is no mistake, ${remedy}`]],
    // What is called like a secret is taken out wherever it is.
    [{ sensitive: ["password", "cards.cvc"] }, []],
    [{ changeable: ["password"] }, ["changeable[0]: is sensitive: hooks do not see it, and can't change it"]],
    [{ public: ["item"] }, ["public[0]: is not called like a secret, and is passed on in any case; leave it out"]],
    [{ public: ["token"] }, [`public[0]: is nothing that the schema names. If it is no mistake, ${remedy}`]],
    [
      { schema: { type: "object", properties: { next: tokenPage } }, sensitive: [], changeable: [] },
      [
        "schema: requires next.token, which is taken out of every event because of its name; make it optional, or name it under public if it is no secret",
      ],
    ],
    [
      {
        schema: { type: "object", properties: { next: tokenPage } },
        sensitive: [],
        changeable: [],
        public: ["next.token"],
      },
      [],
    ],
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
