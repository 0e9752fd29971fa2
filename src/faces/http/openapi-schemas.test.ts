import assert from "node:assert/strict";
import { it } from "node:test";
import { Type } from "typebox";
import { named } from "./named.ts";
import { Components } from "./openapi-schemas.ts";

const pet = named("Pet", Type.Object({ name: Type.String(), kind: Type.Literal("cat") }));
const reference = { $ref: "#/components/schemas/Pet" };

it("a named schema is told once, wherever it is and however it was copied", () => {
  const components = new Components();
  const owner = Type.Object({
    first: pet,
    second: Type.Optional(pet),
    all: Type.Array({ ...pet, description: "Old." }),
  });
  assert.deepEqual(components.told(owner)["properties"], {
    first: reference,
    second: reference,
    all: { type: "array", items: { ...reference, description: "Old." } },
  });
  const told =
    '{"type":"object","required":["name","kind"],"properties":{"name":{"type":"string"},"kind":{"type":"string","enum":["cat"]}}}';
  assert.deepEqual(components.texts(), [`"Pet":${told}`]);
});

it("a property may be called title", () => {
  const components = new Components();
  components.told(Type.Object({ title: Type.String() }));
  assert.deepEqual(components.texts(), []);
});

it("two schemas of one name are refused", () => {
  const components = new Components();
  components.told(pet);
  assert.throws(() => components.told(named("Pet", Type.Object({}))), /two schemas are named Pet/);
});
