import assert from "node:assert/strict";
import { it } from "node:test";
import { Type } from "typebox";
import { named } from "./named.ts";
import { Components } from "./openapi-schemas.ts";

const pet = named("Pet", Type.Object({ name: Type.String(), kind: Type.Literal("cat") }));
const reference = { $ref: "#/components/schemas/Pet" };

it("a named schema is defined once, wherever it is and however it was copied", () => {
  const components = new Components();
  const owner = Type.Object({
    first: pet,
    second: Type.Optional(pet),
    all: Type.Array({ ...pet, description: "Old." }),
  });
  assert.deepEqual(components.translate(owner)["properties"], {
    first: reference,
    second: reference,
    all: { type: "array", items: { ...reference, description: "Old." } },
  });
  const schema =
    '{"type":"object","required":["name","kind"],"properties":{"name":{"type":"string"},"kind":{"type":"string","enum":["cat"]}}}';
  assert.deepEqual(components.texts(), [`"Pet":${schema}`]);
});

it("a property may be called title", () => {
  const components = new Components();
  components.translate(Type.Object({ title: Type.String() }));
  assert.deepEqual(components.texts(), []);
});

it("two schemas of one name are refused", () => {
  const components = new Components();
  components.translate(pet);
  assert.throws(() => components.translate(named("Pet", Type.Object({}))), /two schemas are named Pet/);
});
