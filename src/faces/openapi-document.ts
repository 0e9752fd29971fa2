import type { RouteOptions } from "fastify";
import type { DocumentHead } from "./http/openapi.ts";
import { type Described, type Examples, operationOf } from "./http/openapi-operation.ts";
import { Components } from "./http/openapi-schemas.ts";
import { operationIdOf } from "./http/operation-ids.ts";

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
    /** Schemas of bodies that may come in other forms, by their content types. */
    readonly forms?: Readonly<Record<string, unknown>>;
    /** Content type of the answer; JSON by default. */
    readonly produces?: string;
  }
}

/** A route as the framework took it. */
export type DocumentedRoute = Pick<RouteOptions, "method" | "url" | "schema">;

/** What the document has beside the routes. */
interface Documentation {
  /** All but its paths. */
  readonly head: DocumentHead;
  /** Where the API is reached, if that is known. */
  readonly publicUrl: string | undefined;
  readonly examples: Examples;
}

/** Yields between routes. */
export function* documentOf(
  routes: readonly DocumentedRoute[],
  { head: documentHead, publicUrl, examples }: Documentation,
): Generator<void, string, void> {
  const paths = new Map<string, string[]>();
  const components = new Components();
  for (const { method, url, schema } of routes) {
    const described = (schema ?? {}) as Described;
    const methods = [method].flat().filter((name) => name !== "HEAD");
    if (described.hide === true || methods.length === 0) continue;
    const path = url.replaceAll(/:([A-Za-z_]+)/g, "{$1}");
    const operations = paths.get(path) ?? [];
    paths.set(path, operations);
    for (const name of methods) {
      const operation = operationOf(described, described.operationId ?? operationIdOf(name, url), {
        components,
        examples,
      });
      operations.push(`${JSON.stringify(name.toLowerCase())}:${JSON.stringify(operation)}`);
    }
    yield;
  }
  const servers = publicUrl === undefined ? {} : { servers: [{ url: publicUrl }] };
  const { components: others, ...first } = documentHead;
  const head = JSON.stringify({ ...first, ...servers }).slice(0, -1);
  const rest = JSON.stringify(others).slice(0, -1);
  const items = [...paths].map(([path, operations]) => `${JSON.stringify(path)}:{${operations.join(",")}}`);
  return `${head},"components":${rest},"schemas":{${components.texts().join(",")}}},"paths":{${items.join(",")}}}`;
}
