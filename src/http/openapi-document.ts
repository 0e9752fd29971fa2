import type { FastifySchema, RouteOptions } from "fastify";
import { documentHead } from "./openapi.ts";
import { operationIdOf } from "./operation-ids.ts";

/**
 * The OpenAPI document as text. It is the same for every caller, so it is made once; and since that takes longer than a request may hold up
 * the others, a route at a time.
 */

declare module "fastify" {
  /** What routes say of themselves for the document; the framework looks at none of it. */
  interface FastifySchema {
    /** Left out of the document. */
    readonly hide?: boolean;
    /** Where the one that follows from method and path reads badly. */
    readonly operationId?: string;
    readonly summary?: string;
    readonly description?: string;
    readonly tags?: readonly string[];
    readonly security?: unknown;
    /** Content types of the body; JSON by default. */
    readonly consumes?: readonly string[];
  }
}

/** A route as the framework took it. */
export type DocumentedRoute = Pick<RouteOptions, "method" | "url" | "schema">;

type Schema = Readonly<Record<string, unknown>>;

interface Described extends FastifySchema {
  readonly querystring?: Schema;
  readonly params?: Schema;
  readonly headers?: Schema;
  readonly body?: Schema;
  readonly response?: Readonly<Record<string, Schema>>;
}

/** Yields between routes. @param publicUrl where the API is reached, if that is known. */
export function* documentOf(
  routes: readonly DocumentedRoute[],
  publicUrl: string | undefined,
): Generator<void, string, void> {
  const paths = new Map<string, string[]>();
  for (const { method, url, schema } of routes) {
    const described = (schema ?? {}) as Described;
    const methods = [method].flat().filter((name) => name !== "HEAD");
    if (described.hide === true || methods.length === 0) continue;
    const operation = JSON.stringify(operationOf(described)).slice(1);
    const path = url.replaceAll(/:([A-Za-z_]+)/g, "{$1}");
    const operations = paths.get(path) ?? [];
    paths.set(path, operations);
    const idOf = (method: string): string => described.operationId ?? operationIdOf(method, url);
    operations.push(
      ...methods.map((name) => `"${name.toLowerCase()}":{"operationId":${JSON.stringify(idOf(name))},${operation}`),
    );
    yield;
  }
  const servers = publicUrl === undefined ? {} : { servers: [{ url: publicUrl }] };
  const head = JSON.stringify({ ...documentHead, ...servers }).slice(0, -1);
  const items = [...paths].map(([path, operations]) => `${JSON.stringify(path)}:{${operations.join(",")}}`);
  return `${head},"paths":{${items.join(",")}}}`;
}

function operationOf(described: Described): Schema {
  const { summary, description, tags, security, querystring, params, headers, body } = described;
  const parameters = [
    ...parametersOf("query", querystring),
    ...parametersOf("path", params),
    ...parametersOf("header", headers),
  ];
  return {
    summary,
    tags,
    description,
    ...(body === undefined ? {} : { requestBody: bodyOf(body, described.consumes) }),
    ...(parameters.length === 0 ? {} : { parameters }),
    security,
    ...Object.fromEntries(Object.entries(described).filter(([name]) => name.startsWith("x-"))),
    responses: responsesOf(described.response),
  };
}

function parametersOf(place: "query" | "path" | "header", schema: Schema = {}): readonly Schema[] {
  const required = new Set((schema["required"] ?? []) as readonly string[]);
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  return Object.entries(properties).map(([name, property]) => {
    const { description, required: _, ...told } = openApiSchema(property);
    return {
      schema: told,
      in: place,
      name,
      required: place === "path" || required.has(name),
      ...(description === undefined ? {} : { description }),
    };
  });
}

function bodyOf(body: Schema, consumes: readonly string[] = ["application/json"]): Schema {
  const schema = openApiSchema(body);
  const { description } = schema;
  return {
    required: true,
    content: Object.fromEntries(consumes.map((type) => [type, { schema }])),
    ...(description === undefined ? {} : { description }),
  };
}

function responsesOf(responses: Readonly<Record<string, Schema>> | undefined): Schema {
  if (responses === undefined) return { 200: { description: "Default Response" } };
  return Object.fromEntries(
    Object.entries(responses).map(([status, schema]) => [
      status,
      { description: schema["description"], content: { "application/json": { schema: openApiSchema(schema) } } },
    ]),
  );
}

/** JSON Schema is OpenAPI 3.1's own, but generators of clients know neither `const` nor names given by a pattern. */
function openApiSchema(schema: Schema): Schema {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (keyword === "patternProperties") {
        return ["additionalProperties", translated(Object.values(value as Readonly<Record<string, unknown>>)[0])];
      }
      if (keyword === "const") return ["enum", [value]];
      // Their names are no keywords.
      if (keyword === "properties") return [keyword, mapped(value as Readonly<Record<string, unknown>>)];
      return [keyword, translated(value)];
    }),
  );
}

function mapped(properties: Readonly<Record<string, unknown>>): Schema {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, translated(value)]));
}

function translated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(translated);
  return typeof value === "object" && value !== null ? openApiSchema(value as Schema) : value;
}
