import type { JsonSchema } from "../catalog.ts";
import type { Json } from "../event.ts";

/** A value such as a schema describes, to try things with. */

/** Deeper than any that a person would read. */
const deepest = 16;
const byFormat: Readonly<Record<string, string>> = {
  "date-time": "2026-01-01T12:00:00Z",
  date: "2026-01-01",
  time: "12:00:00Z",
  email: "ada@example.com",
  uri: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
  hostname: "example.com",
  ipv4: "192.0.2.1",
};
const byName: Readonly<Record<string, string>> = {
  username: "ada",
  email: "ada@example.com",
  first_name: "Ada",
  last_name: "Lovelace",
  uuid: "00000000-0000-4000-8000-000000000000-001",
  bucket: "photos",
  key: "images/cat.jpg",
  content_type: "image/jpeg",
  etag: "9e107d9d372bb6826bd81d3542a419d6",
};

/**
 * What the schema itself offers (`examples`, `default`, `const`, `enum`), else something of its type that reads well. It need not fit patterns
 * and whatever else a schema asks for beyond types and bounds.
 */
export function sampleOf(schema: unknown, name = "", depth = 0): Json {
  if (typeof schema !== "object" || schema === null || depth > deepest) return null;
  const { examples, default: usual, const: only, enum: values, type } = schema as JsonSchema;
  const [offered] = [first(examples), usual, only, first(values)].filter((value) => value !== undefined);
  if (offered !== undefined) return offered as Json;
  const union = first((schema as JsonSchema)["anyOf"] ?? (schema as JsonSchema)["oneOf"]);
  if (union !== undefined) return sampleOf(union, name, depth + 1);
  return sampleOfType(Array.isArray(type) ? type[0] : type, schema as JsonSchema, { name, depth });
}

function sampleOfType(
  type: unknown,
  schema: JsonSchema,
  { name, depth }: { readonly name: string; readonly depth: number },
): Json {
  const { format, minimum, properties, items, minItems } = schema;
  switch (type) {
    case "string":
      return text(schema, byFormat[String(format)] ?? byName[name] ?? "text");
    case "integer":
    case "number":
      return typeof minimum === "number" ? Math.max(minimum, 1) : 1;
    case "boolean":
      return true;
    case "array":
      return minItems === 0 || items === undefined ? [] : [sampleOf(items, name, depth + 1)];
    case "object":
      return Object.fromEntries(
        Object.entries((properties ?? {}) as JsonSchema).map(([key, property]) => [
          key,
          sampleOf(property, key, depth + 1),
        ]),
      );
    default:
      return properties === undefined ? null : sampleOfType("object", schema, { name, depth });
  }
}

function text({ minLength = 0, maxLength = Number.POSITIVE_INFINITY }: JsonSchema, sample: string): string {
  return sample.padEnd(Math.min(Number(minLength), 1_000), "x").slice(0, Number(maxLength));
}

function first(values: unknown): unknown {
  return Array.isArray(values) ? values[0] : undefined;
}
