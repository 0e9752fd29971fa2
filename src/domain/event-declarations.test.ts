import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { finished } from "../../test/support/finished.ts";
import { builtInEvents } from "./built-in-events.ts";
import { eventDeclarations } from "./event-declarations.ts";
import { catalogOf } from "./event-types.ts";
import { sampleOf } from "./schema/sample.ts";

describe("declarations of an event type", () => {
  it("have its params, with what is said of each, and its function", () => {
    const schema = {
      type: "object",
      required: ["id", "lines"],
      properties: {
        id: { type: "string", description: "The order's */ number.\nUnique." },
        total: { type: ["number", "null"] },
        state: { enum: ["open", "paid"] },
        lines: { type: "array", items: { $ref: "#/$defs/order-line" } },
        "ship to": { type: "object", properties: { city: { type: "string" } } },
        open: {},
        never: false,
      },
      $defs: { "order-line": { type: "object", required: ["sku"], properties: { sku: { type: "string" } } } },
    };
    const definition = {
      name: "PRE_ORDER_PLACE",
      phase: "pre",
      resource: "order",
      description: "An order is about to be placed.",
      schema,
    } as const;
    const { name, text } = finished(eventDeclarations(definition));
    assert.equal(name, "PreOrderPlaceParams");
    assert.equal(
      text,
      `import type { Hook } from "signalbox/functions";

export type PreOrderPlaceOrderLine = {
  readonly sku: string;
};

/** Params of PRE_ORDER_PLACE: An order is about to be placed. */
export type PreOrderPlaceParams = {
  /** The order's *\\/ number. Unique. */
  readonly id: string;
  readonly total?: (number | null) | undefined;
  readonly state?: "open" | "paid" | undefined;
  readonly lines: readonly (PreOrderPlaceOrderLine)[];
  readonly "ship to"?: {
    readonly city?: string | undefined;
  } | undefined;
  readonly open?: unknown;
  readonly never?: never | undefined;
};

/** A function of PRE_ORDER_PLACE. */
export type PreOrderPlaceHook = Hook<PreOrderPlaceParams>;
`,
    );
  });

  it("of users have what attributes may be", () => {
    const definition = builtInEvents.find(({ name }) => name === "POST_USER_CREATE");
    assert.ok(definition !== undefined);
    assert.match(
      finished(eventDeclarations(definition)).text,
      /readonly attributes\?: Readonly<Record<string, unknown>>/,
    );
    const plan = { type: "object", properties: { plan: { enum: ["free", "pro"] } } };
    const { text } = finished(eventDeclarations(definition, plan));
    assert.match(text, /export type UserAttributes = \{\n {2}readonly plan\?: "free" \| "pro" \| undefined;\n\};/);
    assert.match(text, /readonly attributes\?: UserAttributes \| undefined;/);
    assert.match(text, /export type PostUserCreateHandler = Handler<PostUserCreateParams>;/);
  });
});

describe("a sample of an event type", () => {
  it("fits, of every type that is built in", () => {
    const catalog = catalogOf([]);
    for (const { name, schema } of builtInEvents) {
      const params = sampleOf(schema);
      assert.doesNotThrow(() => catalog.prepare(name, params as never), name);
    }
  });

  it("is what a schema offers, else something of its type", () => {
    const properties = {
      given: { type: "string", examples: ["one", "two"] },
      usual: { type: "integer", default: 7 },
      list: { type: "array", items: { type: "string", format: "email" } },
      either: { anyOf: [{ type: "boolean" }, { type: "null" }] },
      long: { type: "string", minLength: 6 },
      much: { type: "number", minimum: 10 },
      nothing: {},
    };
    assert.deepEqual(sampleOf({ type: "object", properties }), {
      given: "one",
      usual: 7,
      list: ["ada@example.com"],
      either: true,
      long: "textxx",
      much: 10,
      nothing: null,
    });
  });
});
