import type { EventTypeDefinition, JsonSchema } from "../catalog.ts";
import { capitalized, type NamedSchema, namedSchemas, referenceTo, type SchemaNames } from "./named-schemas.ts";

/** The params of an event type as schemas with names. */

export interface EventTypeSchemas {
  /** `POST_ORDER_SHIP`. */
  readonly event: string;
  /** What the names of all that is of this event type begin with: `PostOrderShip`. */
  readonly own: string;
  /** Of the params: `PostOrderShipParams`. */
  readonly params: string;
  /** Those that others refer to come first, the params last. */
  readonly schemas: readonly NamedSchema[];
}

/** @param attributes the name of the schema of users' attributes, where they may not be anything. */
export function* paramsSchemas(
  { name: event, resource, schema, description = "", sensitive = [] }: EventTypeDefinition,
  { names, attributes }: { readonly names: SchemaNames; readonly attributes?: string | undefined },
): Generator<void, EventTypeSchemas, void> {
  const wanted = `${capitalized(event)}Params`;
  const params = names.take(wanted);
  const own = `${capitalized(event)}${params.slice(wanted.length)}`;
  const schemas = [...(yield* namedSchemas({ name: params, schema }, { own, names }))];
  const root = schemas.pop()?.schema ?? {};
  const properties = Object(root["properties"]) as JsonSchema;
  const hiding = sensitive.filter((path) => Object.hasOwn(properties, path.split(".")[0] ?? ""));
  const hidden = hiding.length === 0 ? "" : ` Taken out before anything sees them: ${hiding.join(", ")}.`;
  const said = { description: `Params of ${event}: ${description}${hidden}` };
  const known = resource === "user" && attributes !== undefined ? withAttributes(root, attributes) : root;
  schemas.push({ name: params, schema: { ...known, ...said } });
  return { event, own, params, schemas };
}

function withAttributes(schema: JsonSchema, attributes: string): JsonSchema {
  const properties = schema["properties"] as JsonSchema | undefined;
  if (properties === undefined || !Object.hasOwn(properties, "attributes")) return schema;
  return { ...schema, properties: { ...properties, attributes: referenceTo(attributes) } };
}
