import type { TSchema } from "typebox";

/**
 * A schema with a name: the API's document has it once, among its components, and refers to it wherever it is used, however it was copied
 * into another. One name is one schema; two under one name are refused when the document is made.
 *
 * @param name in PascalCase; none that TypeScript, the browser or Node give a meaning of their own.
 */
export function named<T extends TSchema>(name: string, schema: T): T {
  return { ...schema, title: name };
}
