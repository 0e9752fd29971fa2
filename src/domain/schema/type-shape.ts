import type { JsonSchema } from "../catalog.ts";
import type { Json } from "../event.ts";

/**
 * JSON Schema as a type, whatever language it is then written in: one that every value that fits the schema has. What a schema says beyond
 * types is left out.
 */
export type TypeShape =
  | { readonly kind: "anything" | "nothing" | "string" | "integer" | "number" | "boolean" | "null" }
  | { readonly kind: "value"; readonly value: Json }
  | { readonly kind: "one of" | "all of"; readonly shapes: readonly TypeShape[] }
  | { readonly kind: "list"; readonly item: TypeShape }
  /** Its first entries, of which `needed` are there; absent `rest`: no others. */
  | { readonly kind: "tuple"; readonly first: readonly TypeShape[]; readonly needed: number; readonly rest?: TypeShape }
  | { readonly kind: "map"; readonly value: TypeShape }
  | { readonly kind: "object"; readonly fields: readonly ShapeField[] }
  | { readonly kind: "named"; readonly reference: string };

export interface ShapeField {
  readonly name: string;
  readonly needed: boolean;
  readonly shape: TypeShape;
  readonly description?: string;
}

const anything: TypeShape = { kind: "anything" };
const nothing: TypeShape = { kind: "nothing" };

export function typeShapeOf(schema: unknown): TypeShape {
  if (!isSchema(schema)) return schema === false ? nothing : anything;
  const { $ref: reference, const: only, enum: values, anyOf, oneOf, allOf } = schema;
  // A type may be said beside a `const`; it says nothing more.
  if (only !== undefined) return { kind: "value", value: only as Json };
  if (Array.isArray(values)) return oneShape(values.map((value: Json) => ({ kind: "value", value })));
  const shapes = [
    ...(typeof reference === "string" ? [{ kind: "named", reference } as const] : []),
    typed(schema),
    ...[anyOf, oneOf].map((branches) => (Array.isArray(branches) ? oneShape(branches.map(typeShapeOf)) : anything)),
    ...(Array.isArray(allOf) ? allOf.map(typeShapeOf) : []),
  ].filter(({ kind }) => kind !== "anything");
  const [first = anything] = shapes;
  return shapes.length < 2 ? first : { kind: "all of", shapes };
}

/** Of a schema within a schema, and of definitions. */
export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function oneShape(shapes: readonly TypeShape[]): TypeShape {
  const [first = nothing] = shapes;
  if (shapes.some(({ kind }) => kind === "anything")) return anything;
  return shapes.length < 2 ? first : { kind: "one of", shapes };
}

/** By `type`; a schema without one that names properties is taken to be of an object. */
function typed(schema: JsonSchema): TypeShape {
  const { type } = schema;
  if (Array.isArray(type)) return oneShape(type.map((one: unknown) => ofType(one, schema)));
  return ofType(type ?? (isSchema(schema["properties"]) ? "object" : undefined), schema);
}

function ofType(type: unknown, schema: JsonSchema): TypeShape {
  switch (type) {
    case "string":
    case "boolean":
    case "null":
    case "integer":
    case "number":
      return { kind: type };
    case "array":
      return listShape(schema);
    case "object":
      return objectShape(schema);
    default:
      return anything;
  }
}

function listShape({ prefixItems: first, items, minItems = 0 }: JsonSchema): TypeShape {
  if (!Array.isArray(first)) return { kind: "list", item: typeShapeOf(items) };
  const needed = Math.min(Number(minItems), first.length);
  const rest = items === false ? {} : { rest: typeShapeOf(items) };
  return { kind: "tuple", first: first.map(typeShapeOf), needed, ...rest };
}

function objectShape({ properties, required, additionalProperties: open, patternProperties }: JsonSchema): TypeShape {
  const entries = Object.entries(isSchema(properties) ? properties : {});
  const needed = new Set<unknown>(Array.isArray(required) ? required : []);
  if (entries.length === 0) {
    const isMore = isSchema(patternProperties) && Object.keys(patternProperties).length > 0;
    return { kind: "map", value: isMore ? anything : typeShapeOf(open) };
  }
  const unnamed = [...needed].filter((name) => typeof name === "string" && !entries.some(([known]) => known === name));
  return {
    kind: "object",
    fields: [
      ...entries.map(([name, property]) => ({
        name,
        needed: needed.has(name),
        shape: typeShapeOf(property),
        ...describedBy(property),
      })),
      ...unnamed.map((name) => ({ name: String(name), needed: true, shape: anything })),
    ],
  };
}

function describedBy(schema: unknown): Pick<ShapeField, "description"> {
  const description = isSchema(schema) ? schema["description"] : undefined;
  return typeof description === "string" && description !== "" ? { description } : {};
}
