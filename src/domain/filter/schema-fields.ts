/** What a JSON Schema says about the texts, numbers and truths within a value: as far as it is plain, and no further. */

/** What lies at a path. Neither given: something that nobody has declared. */
export interface Held {
  readonly holds?: "text" | "number";
  /** It is one of these texts. */
  readonly values?: readonly string[];
}

type Schema = Readonly<Record<string, unknown>>;

/** Keywords that make what is allowed depend on more than the place: then everything may be there. */
const involved = ["$ref", "allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas", "patternProperties"];

/** `undefined`: a value that fits the schema holds nothing there that a filter could ask about. */
export function heldAt(schema: unknown, path: string): Held | undefined {
  if (!isPlain(schema)) return {};
  if (!allows(schema, "object")) return undefined;
  const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
  if (Object.hasOwn(properties, path)) return scalar(properties[path]);
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
    const head = path.slice(0, dot);
    const held = Object.hasOwn(properties, head) ? heldAt(properties[head], path.slice(dot + 1)) : undefined;
    if (held !== undefined) return held;
  }
  const additional = schema["additionalProperties"] ?? schema["unevaluatedProperties"] ?? true;
  if (additional === false || Object.hasOwn(properties, path.split(".", 1).join(""))) return undefined;
  if (!isPlain(additional)) return {};
  const below = path.includes(".") ? heldAt(additional, path.slice(path.indexOf(".") + 1)) : undefined;
  return scalar(additional) ?? below;
}

/** Nobody reads more names in a hint. */
const mostPaths = 50;

/** Every path to a text, number or truth that the schema names; what may have any name as `attributes.<name>`. */
export function scalarPaths(schema: unknown): readonly string[] {
  return pathsIn(schema, "").slice(0, mostPaths);
}

function pathsIn(schema: unknown, prefix: string): readonly string[] {
  if (!isPlain(schema)) return [`${prefix}<name>`];
  const properties = isSchema(schema["properties"]) ? Object.entries(schema["properties"]) : [];
  const named = properties.flatMap(([name, property]) => {
    const own = scalar(property) === undefined ? [] : [prefix + name];
    return isPlain(property) && allowsOnly(property, "object") ? pathsIn(property, `${prefix}${name}.`) : own;
  });
  const closed = (schema["additionalProperties"] ?? schema["unevaluatedProperties"]) === false;
  return closed ? named : [...named, `${prefix}<name>`];
}

/** What a value of the schema is, when it is a text, number or truth. */
function scalar(schema: unknown): Held | undefined {
  if (schema === false) return undefined;
  if (!isPlain(schema)) return {};
  const texts = textsOf(schema);
  if (texts !== undefined) return { holds: "text", values: texts };
  const types = typesOf(schema);
  if (types === undefined) return {};
  const kinds = types.filter((type) => type !== "null" && type !== "object" && type !== "array");
  if (kinds.length === 0) return undefined;
  // Something else beside it is no matter: filters do not see it.
  if (kinds.every((type) => type === "string")) return { holds: "text" };
  if (kinds.every((type) => type === "boolean")) return { holds: "text", values: ["true", "false"] };
  return kinds.every((type) => type === "number" || type === "integer") ? { holds: "number" } : {};
}

function textsOf(schema: Schema): readonly string[] | undefined {
  const allowed: unknown = "const" in schema ? [schema["const"]] : schema["enum"];
  if (!Array.isArray(allowed)) return undefined;
  const texts = allowed.filter((value) => typeof value === "string");
  return texts.length === allowed.filter((value) => value !== null).length && texts.length > 0 ? texts : undefined;
}

function typesOf({ type }: Schema): readonly unknown[] | undefined {
  return Array.isArray(type) ? type : type === undefined ? undefined : [type];
}

function allows(schema: Schema, type: string): boolean {
  return typesOf(schema)?.includes(type) ?? true;
}

function allowsOnly(schema: Schema, type: string): boolean {
  return typesOf(schema)?.every((allowed) => allowed === type || allowed === "null") ?? false;
}

function isPlain(schema: unknown): schema is Schema {
  return isSchema(schema) && !involved.some((keyword) => keyword in schema);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
