import type { JsonSchema } from "../catalog.ts";

/** JSON Schema as TypeScript: for authors of functions, and for the types of the API's answers. */

interface TypePrinting {
  /** What a `$ref` is called. */
  readonly refer: (reference: string) => string;
  /** Whether properties stand on lines of their own, with their descriptions. Default: no. */
  readonly spread?: boolean;
}

/** A type that every value that fits has; what a schema says beyond types is left out. */
export function typeText(schema: unknown, printing: TypePrinting): string {
  if (!isSchema(schema)) return schema === false ? "never" : "unknown";
  const print = (inner: unknown): string => typeText(inner, printing);
  const { $ref: reference, const: only, enum: values, type } = schema;
  if (typeof reference === "string") return printing.refer(reference);
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(" | ");
  const union = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(union)) return `(${union.map(print).join(" | ")})`;
  if (Array.isArray(schema["allOf"])) return `(${schema["allOf"].map(print).join(" & ")})`;
  if (Array.isArray(type)) return `(${type.map((one) => print({ ...schema, type: one })).join(" | ")})`;
  switch (type) {
    case "string":
    case "boolean":
    case "null":
      return type;
    case "integer":
    case "number":
      return "number";
    case "array":
      return `readonly (${schema["items"] === undefined ? "unknown" : print(schema["items"])})[]`;
    case "object":
      return objectText(schema, printing);
    default:
      return isSchema(schema["properties"]) ? objectText(schema, printing) : "unknown";
  }
}

function objectText(schema: JsonSchema, printing: TypePrinting): string {
  const { properties, required, additionalProperties: open } = schema;
  const entries = Object.entries(isSchema(properties) ? properties : {});
  const needed = new Set(Array.isArray(required) ? required : []);
  const { spread = false } = printing;
  if (entries.length === 0) {
    if (open === false) return "Readonly<Record<string, never>>";
    return `Readonly<Record<string, ${isSchema(open) ? typeText(open, printing) : "unknown"}>>`;
  }
  const fields = entries.map(([name, property]) => {
    const text = typeText(property, printing);
    const field = `readonly ${propertyName(name)}${needed.has(name) ? `: ${text}` : `?: ${orUndefined(text)}`}`;
    return spread ? `${commentOf(property)}${field};` : field;
  });
  return spread ? `{\n${indented(fields.join("\n"))}\n}` : `{ ${fields.join("; ")} }`;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}

function propertyName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

const longestComment = 300;

/** A line before what it is about; empty where nothing is said. */
export function commentOf(schema: unknown): string {
  const said = isSchema(schema) ? schema["description"] : undefined;
  if (typeof said !== "string" || said === "") return "";
  const line = said.replaceAll(/\s+/g, " ").replaceAll("*/", "*\\/").slice(0, longestComment).trim();
  return `/** ${line} */\n`;
}

/** `unknown` is every value, and that one too. */
function orUndefined(text: string): string {
  return text === "unknown" ? text : `${text} | undefined`;
}
