import type { FastifySchema } from "fastify";
import { defined } from "../../domain/defined.ts";
import type { Components, OpenApiSchema } from "./openapi-schemas.ts";

/** One operation of the OpenAPI document. */

/** What routes say of themselves. */
export interface Described extends FastifySchema {
  readonly querystring?: OpenApiSchema;
  readonly params?: OpenApiSchema;
  readonly headers?: OpenApiSchema;
  readonly body?: OpenApiSchema;
  readonly forms?: Readonly<Record<string, OpenApiSchema>>;
  readonly response?: Readonly<Record<string, OpenApiSchema>>;
}

/** By the operation's name: what was asked, where that has a body, and answered. */
export type Examples = Readonly<Record<string, { readonly request?: unknown; readonly answer: unknown }>>;

interface Documenting {
  readonly components: Components;
  readonly examples: Examples;
}

export function operationOf(
  described: Described,
  operationId: string,
  { components, examples }: Documenting,
): OpenApiSchema {
  const example = examples[operationId];
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
      : {
          requestBody: bodyOf(components, { title: `${name}Request`, described, example: example?.request }),
        }),
    ...(parameters.length === 0 ? {} : { parameters }),
    security,
    ...Object.fromEntries(Object.entries(described).filter(([name]) => name.startsWith("x-"))),
    responses: responsesOf(components, described, { name, example: example?.answer }),
  };
}

function parametersOf(
  components: Components,
  place: "query" | "path" | "header",
  schema: OpenApiSchema = {},
): readonly OpenApiSchema[] {
  const required = new Set((schema["required"] ?? []) as readonly string[]);
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, OpenApiSchema>>;
  return Object.entries(properties).map(([name, property]) => {
    const { description, required: _, ...rest } = components.translate(property);
    return {
      schema: rest,
      in: place,
      name,
      required: place === "path" || required.has(name),
      ...defined({ description }),
    };
  });
}

function bodyOf(
  components: Components,
  { title, described, example }: { readonly title: string; readonly described: Described; readonly example: unknown },
): OpenApiSchema {
  const { body, consumes = ["application/json"], forms = {} } = described;
  const content = { schema: components.translate({ title, ...body }), ...defined({ example }) };
  const { description } = body ?? {};
  const others = Object.entries(forms).map(([type, schema]) => [type, { schema: components.translate(schema) }]);
  return {
    required: true,
    content: Object.fromEntries([...consumes.map((type) => [type, content]), ...others]),
    ...defined({ description }),
  };
}

function responsesOf(
  components: Components,
  { response = {}, produces = "application/json" }: Described,
  { name, example }: { readonly name: string; readonly example: unknown },
): OpenApiSchema {
  return Object.fromEntries(
    Object.entries(response).map(([status, { description, headers, ...rest }]) => {
      const isSuccess = /^2\d\d$/.test(status);
      const schema = components.translate({ ...(isSuccess ? { title: `${name}Response` } : {}), ...rest });
      const content = { schema, ...(isSuccess && example !== undefined ? { example } : {}) };
      // Errors are told in JSON, whatever is sent otherwise.
      const head = defined({ headers });
      return [status, { description, ...head, content: { [isSuccess ? produces : "application/json"]: content } }];
    }),
  );
}
