import type { FastifySchema } from "fastify";
import type { Components, Schema } from "./openapi-schemas.ts";

/** One operation of the OpenAPI document. */

/** What routes say of themselves. */
export interface Described extends FastifySchema {
  readonly querystring?: Schema;
  readonly params?: Schema;
  readonly headers?: Schema;
  readonly body?: Schema;
  readonly response?: Readonly<Record<string, Schema>>;
}

export function operationOf(described: Described, operationId: string, components: Components): Schema {
  const { summary, description, tags, security, querystring, params, headers, body } = described;
  const parameters = [
    ...parametersOf(components, "query", querystring),
    ...parametersOf(components, "path", params),
    ...parametersOf(components, "header", headers),
  ];
  const name = `${operationId.slice(0, 1).toUpperCase()}${operationId.slice(1)}`;
  return {
    operationId,
    summary,
    tags,
    description,
    ...(body === undefined
      ? {}
      : { requestBody: bodyOf(components, { title: `${name}Request`, ...body }, described.consumes) }),
    ...(parameters.length === 0 ? {} : { parameters }),
    security,
    ...Object.fromEntries(Object.entries(described).filter(([name]) => name.startsWith("x-"))),
    responses: responsesOf(components, name, described.response),
  };
}

function parametersOf(
  components: Components,
  place: "query" | "path" | "header",
  schema: Schema = {},
): readonly Schema[] {
  const required = new Set((schema["required"] ?? []) as readonly string[]);
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  return Object.entries(properties).map(([name, property]) => {
    const { description, required: _, ...told } = components.told(property);
    return {
      schema: told,
      in: place,
      name,
      required: place === "path" || required.has(name),
      ...(description === undefined ? {} : { description }),
    };
  });
}

function bodyOf(components: Components, body: Schema, consumes: readonly string[] = ["application/json"]): Schema {
  const schema = components.told(body);
  const { description } = body;
  return {
    required: true,
    content: Object.fromEntries(consumes.map((type) => [type, { schema }])),
    ...(description === undefined ? {} : { description }),
  };
}

function responsesOf(
  components: Components,
  name: string,
  responses: Readonly<Record<string, Schema>> | undefined,
): Schema {
  if (responses === undefined) return { 200: { description: "Default Response" } };
  return Object.fromEntries(
    Object.entries(responses).map(([status, { description, ...schema }]) => {
      const told = components.told({ ...(/^\d+$/.test(status) ? { title: `${name}Response` } : {}), ...schema });
      return [status, { description, content: { "application/json": { schema: told } } }];
    }),
  );
}
