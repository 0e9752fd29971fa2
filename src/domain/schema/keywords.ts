/** The keywords of JSON Schema 2020-12 that schemas here may use, and what each takes. Nothing else reaches the compiler. */

/** What a keyword takes. `note`: it asserts nothing, and is left out of what is compiled. */
export type Shape =
  | "schema"
  | "schemas"
  | "named schemas"
  | "schemas by pattern"
  | "named names"
  | "names"
  | "types"
  | "values"
  | "value"
  | "count"
  | "number"
  | "positive"
  | "flag"
  | "pattern"
  | "format"
  | "reference"
  | "dialect"
  | "note";

export const schemaKeywords: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ["$schema", "dialect"],
  ["$ref", "reference"],
  ["$defs", "named schemas"],
  ["definitions", "named schemas"],
  ["type", "types"],
  ["enum", "values"],
  ["const", "value"],
  ["multipleOf", "positive"],
  ["minimum", "number"],
  ["maximum", "number"],
  ["exclusiveMinimum", "number"],
  ["exclusiveMaximum", "number"],
  ["minLength", "count"],
  ["maxLength", "count"],
  ["pattern", "pattern"],
  ["format", "format"],
  ["items", "schema"],
  ["prefixItems", "schemas"],
  ["contains", "schema"],
  ["minContains", "count"],
  ["maxContains", "count"],
  ["minItems", "count"],
  ["maxItems", "count"],
  ["uniqueItems", "flag"],
  ["unevaluatedItems", "schema"],
  ["properties", "named schemas"],
  ["patternProperties", "schemas by pattern"],
  ["additionalProperties", "schema"],
  ["unevaluatedProperties", "schema"],
  ["propertyNames", "schema"],
  ["required", "names"],
  ["minProperties", "count"],
  ["maxProperties", "count"],
  ["dependentRequired", "named names"],
  ["dependentSchemas", "named schemas"],
  ["allOf", "schemas"],
  ["anyOf", "schemas"],
  ["oneOf", "schemas"],
  ["not", "schema"],
  ["if", "schema"],
  ["then", "schema"],
  ["else", "schema"],
  ...["$comment", "title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples"].map(
    (name) => [name, "note"] as const,
  ),
  ...["contentEncoding", "contentMediaType", "contentSchema"].map((name) => [name, "note"] as const),
]);

/** What to write instead of keywords that other dialects have, or that would lead out of the schema. */
export const remedies: ReadonlyMap<string, string> = new Map([
  ["nullable", 'write type: ["string", "null"]'],
  ["example", "write examples: […]"],
  ["dependencies", "write dependentRequired or dependentSchemas"],
  ["additionalItems", "write prefixItems and items"],
  ["discriminator", "write oneOf with a const in each"],
  ["$id", "a schema has no address of its own here; leave it out"],
  ["id", "a schema has no address of its own here; leave it out"],
  ["$anchor", "refer to #/$defs/… instead"],
  ["$dynamicRef", "refer to #/$defs/… by $ref instead"],
  ["$dynamicAnchor", "refer to #/$defs/… by $ref instead"],
]);

export const types = ["object", "array", "string", "number", "integer", "boolean", "null"] as const;

export const dialect = "https://json-schema.org/draft/2020-12/schema";
