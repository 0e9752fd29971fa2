import type { JsonSchema } from "../catalog.ts";
import type { NamedSchema } from "./named-schemas.ts";

/** How the schemas of what Signalbox itself sends are written. They stay open: later versions may tell more. */

type Properties = Readonly<Record<string, JsonSchema>>;

/** An object that has all of `needed`, and may have some of `others`. */
export function record(needed: Properties, others: Properties = {}): JsonSchema {
  return { type: "object", properties: { ...needed, ...others }, required: Object.keys(needed) };
}

export function describedAs(name: string, description: string, schema: JsonSchema): NamedSchema {
  return { name, schema: { ...schema, description } };
}

export const instantText: JsonSchema = { type: "string", format: "date-time" };
export const sequence: JsonSchema = { type: "string", pattern: "^[0-9a-f]{16}$" };
export const texts: JsonSchema = { type: "object", additionalProperties: { type: "string" } };
export const link: JsonSchema = record({ href: { type: "string" } });
export const nullableText: JsonSchema = { type: ["string", "null"] };
