/** As many event types as may be declared, each as large as it may be: what is written of them is written in steps. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EventTypeDefinition } from "../../src/domain/catalog.ts";
import { declaredSchemaLimits } from "../../src/domain/prepared-event-type.ts";
import { inspectSchema } from "../../src/domain/schema/inspect.ts";
import { type TypesLanguage, typesLanguages, writeTypes } from "../../src/domain/types/written-types.ts";
import { Slices } from "../../src/pace/slices.ts";
import { declarationLimits } from "../../src/platform/declarations/deps.ts";

/** Every part refers to the one before it, by a place within the other. */
const properties = Object.fromEntries(
  Array.from({ length: 45 }, (_, index) => [
    `part_${index}`,
    {
      type: "object",
      description: "*/".repeat(50),
      properties: {
        next: index === 0 ? { type: "string" } : { $ref: `#/properties/part_${index - 1}/properties/next` },
      },
    },
  ]),
);
const schema = { type: "object", properties, required: Object.keys(properties) };

const types = (count: number): readonly EventTypeDefinition[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `POST_MANY_${index}`,
    phase: "post",
    resource: "order",
    schema,
  }));

describe("types of very many declarations", () => {
  const slices = new Slices();
  const write = (language: TypesLanguage, count: number): Promise<string> =>
    slices.run("acme", writeTypes(language, { types: types(count), kinds: [] }));

  it("are of such as may be declared", () => {
    assert.equal(inspectSchema(schema, declaredSchemaLimits).kind, "ok");
  });

  for (const language of typesLanguages) {
    it(`are written in ${language} a little in each turn of the loop, or refused with the remedy`, async () => {
      // The watchdog over the tests sees what holds the loop.
      assert.match(await write(language, 100), /PostMany99Params/);
      await assert.rejects(write(language, declarationLimits.eventTypes), {
        code: "invalid_request",
        message: /^event: the types of all 500 event types come to more than \d+ characters: name those that you need$/,
      });
    });
  }
});
