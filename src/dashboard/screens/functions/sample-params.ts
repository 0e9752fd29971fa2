/** Params that an event could have, made of its JSON Schema: something to begin with, and to be changed. */

type Schema = Readonly<Record<string, unknown>>;

const mostDepth = 6;

export function sampleParams(schema: Schema): string {
  return JSON.stringify(sampleOf(schema, "", 0) ?? {}, null, 2);
}

const byFormat: Readonly<Record<string, string>> = {
  email: "ada@example.com",
  "date-time": "2026-01-02T03:04:05.000Z",
  date: "2026-01-02",
  uuid: "0197f3a0-0000-7000-8000-000000000001",
  uri: "https://example.com/",
  url: "https://example.com/",
};

const byName: readonly (readonly [RegExp, string])[] = [
  [/email/i, "ada@example.com"],
  [/user_?name|login/i, "ada"],
  [/first_?name/i, "Ada"],
  [/last_?name/i, "Lovelace"],
  [/^key$/i, "images/cat.jpg"],
  [/^bucket$/i, "photos"],
  [/content_?type/i, "image/jpeg"],
  [/e_?tag/i, "5d41402abc4b2a76b9719d911017c592"],
];

function sampleOf(schema: Schema, name: string, depth: number): unknown {
  const { default: initial, const: only, enum: values, examples, anyOf, oneOf } = schema;
  const [given] = [only, initial, first(examples), first(values)].filter(
    (value) => value !== undefined && value !== null,
  );
  if (given !== undefined) return given;
  const choice = first(anyOf) ?? first(oneOf);
  if (choice !== undefined) return sampleOf(choice as Schema, name, depth);
  switch (typeOf(schema)) {
    case "object":
      return depth > mostDepth ? {} : objectOf(schema, depth);
    case "array":
      return [];
    case "string":
      return textOf(schema, name);
    case "integer":
    case "number":
      return typeof schema["minimum"] === "number" ? Math.max(schema["minimum"], 1) : 1;
    case "boolean":
      return true;
    default:
      return null;
  }
}

function objectOf(schema: Schema, depth: number): Readonly<Record<string, unknown>> {
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, sampleOf(property, name, depth + 1)]),
  );
}

function textOf({ format, pattern, minLength }: Schema, name: string): string {
  const known = byFormat[String(format)] ?? byName.find(([form]) => form.test(name))?.[1];
  if (known !== undefined) return known;
  const text = name === "" || typeof pattern === "string" ? "text" : name;
  return text.padEnd(typeof minLength === "number" ? Math.min(minLength, 100) : 0, "x");
}

function typeOf({ type, properties }: Schema): string {
  if (Array.isArray(type)) return String(type.find((one) => one !== "null") ?? "null");
  return typeof type === "string" ? type : properties === undefined ? "any" : "object";
}

function first(values: unknown): unknown {
  return Array.isArray(values) ? values[0] : undefined;
}
