/** What a JSON Schema says about the texts, numbers and truths within a value: as far as it is plain, and no further. */
import { matching, mayHold, type NamedPlaces, saidBy, splits } from "./places.ts";
import type { SchemaObject } from "./unions.ts";

/** What lies at a path. Neither given: a value of an undeclared kind. */
export interface ScalarKinds {
  readonly holds?: "text" | "number";
  /** It is one of these texts. */
  readonly values?: readonly string[];
}

/**
 * `undefined`: a value that fits the schema holds nothing there that a filter could ask about, or does not declare that it might. An object
 * of which the schema says nothing may hold anything.
 */
export function scalarKindsAt(schema: SchemaObject, path: string): ScalarKinds | undefined {
  return kindsIn([schema], path, schema);
}

function kindsIn(schemas: readonly unknown[], path: string, root: SchemaObject): ScalarKinds | undefined {
  if (schemas.includes(true)) return {};
  const said = saidBy(schemas, root);
  if (!mayBe(said, "object")) return undefined;
  const own = said.properties.get(path);
  if (own !== undefined) return scalar(own, root);
  for (const [head, rest] of splits(path)) {
    const below = said.properties.get(head);
    const kinds = below === undefined ? undefined : kindsIn(below, rest, root);
    if (kinds !== undefined) return kinds;
  }
  const [head = path, rest] = splits(path)[0] ?? [];
  if (said.properties.has(head)) return undefined;
  const patterned = matching(said, path);
  if (patterned.length > 0) return scalar(patterned, root);
  const others = [...(rest === undefined ? [] : matching(said, head)), ...said.others];
  if (others.length > 0) {
    return scalar(said.others, root) ?? (rest === undefined ? undefined : kindsIn(others, rest, root));
  }
  if (said.values.some((value) => typeof valueAt(value, path) !== "object")) return {};
  return said.isBlank ? {} : undefined;
}

/** `undefined` is no object, and `null` for what is not there is one. */
function valueAt(value: unknown, path: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  if (Object.hasOwn(value, path)) return (value as SchemaObject)[path];
  for (const [head, rest] of splits(path)) {
    if (Object.hasOwn(value, head)) return valueAt((value as SchemaObject)[head], rest);
  }
  return null;
}

/** More names than a hint is read for. */
const mostPaths = 50;

/** Every path to a text, number or truth that the schema names; what may have any name as `attributes.<name>`. */
export function scalarPaths(schema: SchemaObject): readonly string[] {
  return pathsIn([schema], "", schema).slice(0, mostPaths);
}

function pathsIn(schemas: readonly unknown[], prefix: string, root: SchemaObject): readonly string[] {
  const said = saidBy(schemas, root);
  const named = [...said.properties].flatMap(([name, property]) => {
    const below = saidBy(property, root);
    const own = scalar(property, root) === undefined ? [] : [prefix + name];
    return property.every((schema) => schema !== true) && isObject(below)
      ? pathsIn(property, `${prefix}${name}.`, root)
      : own;
  });
  const isOpen = said.others.length > 0 || said.patterns.length > 0 || said.isBlank;
  return isOpen && mayHold(said) ? [...named, `${prefix}<name>`] : named;
}

/** What a value of the schemas is, when it is a text, number or truth. */
function scalar(schemas: readonly unknown[], root: SchemaObject): ScalarKinds | undefined {
  if (schemas.includes(true)) return {};
  const { alternatives } = saidBy(schemas, root);
  const [only, another] = alternatives;
  if (only === undefined) return schemas.some((schema) => schema !== false) ? {} : undefined;
  if (another === undefined) return plainScalar(only);
  return alternatives.some((schema) => plainScalar(schema) !== undefined) ? {} : undefined;
}

function plainScalar(schema: SchemaObject): ScalarKinds | undefined {
  if ("not" in schema) return {};
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

function textsOf(schema: SchemaObject): readonly string[] | undefined {
  const allowed: unknown = "const" in schema ? [schema["const"]] : schema["enum"];
  if (!Array.isArray(allowed)) return undefined;
  const texts = allowed.filter((value) => typeof value === "string");
  return texts.length === allowed.filter((value) => value !== null).length && texts.length > 0 ? texts : undefined;
}

function typesOf({ type }: SchemaObject): readonly unknown[] | undefined {
  return Array.isArray(type) ? type : type === undefined ? undefined : [type];
}

function mayBe({ alternatives }: NamedPlaces, type: string): boolean {
  return alternatives.length === 0 || alternatives.some((schema) => typesOf(schema)?.includes(type) ?? true);
}

function isObject({ alternatives }: NamedPlaces): boolean {
  const typed = alternatives.map(typesOf).filter((types) => types !== undefined);
  return typed.length > 0 && typed.every((types) => types.every((type) => type === "object" || type === "null"));
}
