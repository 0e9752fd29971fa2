/** The parts of `/openapi.json` that tests look at. */

export type Schema = Readonly<Record<string, unknown>>;

interface Content {
  readonly "application/json": { readonly schema: Schema; readonly example?: unknown };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

export interface OpenApi {
  readonly openapi: string;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export const componentPrefix = "#/components/schemas/";

export function operationsOf({ paths }: OpenApi): Operation[] {
  return Object.values(paths).flatMap((item) => Object.values(item));
}

/** What it refers to, or itself. */
export function resolved({ components }: OpenApi, schema: Schema): Schema {
  const { $ref } = schema;
  if (typeof $ref !== "string") return schema;
  return resolved({ components } as OpenApi, components.schemas[$ref.slice(componentPrefix.length)] ?? {});
}

/** Every object in it with its place, outermost first. */
export function* objectsOf(value: unknown, at = ""): Generator<{ readonly at: string; readonly object: Schema }> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield { at, object: value as Schema };
  for (const [name, inner] of Object.entries(value)) yield* objectsOf(inner, `${at}/${name}`);
}
