import type { EventTypeDefinition, JsonSchema } from "./catalog.ts";
import { commentOf } from "./schema/type-text.ts";
import { paramsSchemas } from "./types/event-params.ts";
import { namedSchemas, SchemaNames } from "./types/named-schemas.ts";
import { declared } from "./types/typescript.ts";

/** The params of an event type as TypeScript declarations. */

export interface EventDeclarations {
  /** Of the params: `PreUserCreateParams`. */
  readonly name: string;
  /** A module of types alone: that name, the function of the event, and what the schema names. */
  readonly text: string;
}

/**
 * Yields where it may be interrupted.
 *
 * @param attributes what the tenant's users may have as attributes, in place of anything.
 */
export function* eventDeclarations(
  definition: EventTypeDefinition,
  attributes?: JsonSchema,
): Generator<void, EventDeclarations, void> {
  const names = new SchemaNames(["Hook", "Handler", "Readonly", "Record"]);
  const users = definition.resource === "user" ? attributes : undefined;
  const name = users === undefined ? undefined : names.take("UserAttributes");
  const ofUsers =
    users === undefined || name === undefined
      ? []
      : yield* namedSchemas({ name, schema: users }, { own: "User", names });
  const { own, params, schemas, event } = yield* paramsSchemas(definition, { names, attributes: name });
  const fn = definition.phase === "pre" ? "Hook" : "Handler";
  const parts = [`import type { ${fn} } from "signalbox/functions";\n`];
  for (const one of [...ofUsers, ...schemas]) {
    parts.push(declared(one.name, one.schema));
    yield;
  }
  parts.push(`${commentOf({ description: `A function of ${event}.` })}export type ${own}${fn} = ${fn}<${params}>;\n`);
  return { name: params, text: parts.join("\n") };
}
