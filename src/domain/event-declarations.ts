import type { EventTypeDefinition, JsonSchema } from "./catalog.ts";
import { commentOf, typeText } from "./schema/type-text.ts";

/** The params of an event type as TypeScript declarations. */

interface EventDeclarations {
  /** Of the params: `PreUserCreateParams`. */
  readonly name: string;
  /** A module of types alone: that name, the function of the event, and what the schema names. */
  readonly text: string;
}

const words = (name: string): string[] => name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
const joined = (parts: readonly string[], rest: (text: string) => string): string =>
  parts.map((word) => word.slice(0, 1).toUpperCase() + rest(word.slice(1))).join("");

/**
 * @param attributes what the tenant's users may have as attributes, in place of anything.
 */
export function eventDeclarations(
  { name: event, phase, resource, schema, description = "" }: EventTypeDefinition,
  attributes?: JsonSchema,
): EventDeclarations {
  const own = joined(words(event), (text) => text.toLowerCase());
  const name = `${own}Params`;
  const known = resource === "user" && attributes !== undefined ? withAttributes(schema, attributes) : schema;
  const named = [schema, ...(known === schema ? [] : [attributes ?? {}])].flatMap(definitionsOf);
  const nameOf = new Map(named.map(([key]) => [key, `${own}${joined(words(key), (text) => text) || "Part"}`]));
  const refer = (reference: string): string => {
    const [, key = ""] = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(reference) ?? [];
    return nameOf.get(key) ?? "unknown";
  };
  const print = (inner: unknown): string => typeText(inner, { refer, spread: true });
  const fn = phase === "pre" ? "Hook" : "Handler";
  const text = [
    `import type { ${fn} } from "signalbox/functions";\n`,
    ...named.map(([key, inner]) => `${commentOf(inner)}export type ${nameOf.get(key)} = ${print(inner)};\n`),
    `${commentOf({ description: `Params of ${event}: ${description}` })}export type ${name} = ${print(known)};\n`,
    `/** A function of ${event}. */\nexport type ${own}${fn} = ${fn}<${name}>;\n`,
  ].join("\n");
  return { name, text };
}

function withAttributes(schema: JsonSchema, attributes: JsonSchema): JsonSchema {
  const properties = schema["properties"] as JsonSchema;
  return { ...schema, properties: { ...properties, attributes } };
}

function definitionsOf({ $defs, definitions }: JsonSchema): [string, unknown][] {
  return [definitions, $defs].flatMap((those) => Object.entries((those ?? {}) as JsonSchema));
}
