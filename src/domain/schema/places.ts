import type { Json } from "../event.ts";
import { isJsonObject } from "../merge-patch.ts";
import { compileRegex } from "../patterns/regex.ts";
import { isRecord, resolved, type SchemaObject } from "./unions.ts";

/** Which places of a value a JSON Schema names: for the author of a path that may be misspelled. */

/** What schemas that hold for one value say about what lies in it, whatever way they say it: `$ref`, `allOf`, `anyOf` and the like. */
export interface NamedPlaces {
  readonly properties: ReadonlyMap<string, readonly unknown[]>;
  /** RE2, with what names that match may hold. */
  readonly patterns: readonly (readonly [pattern: string, schema: unknown])[];
  /** What any other name may hold, where it is said that there may be others: `additionalProperties: true`, or a schema. */
  readonly others: readonly unknown[];
  /** Elements of lists. */
  readonly elements: readonly unknown[];
  /** Examples, defaults, constants. */
  readonly values: readonly unknown[];
  /** Schemas that say something of their own, without those that only lead to others. */
  readonly alternatives: readonly SchemaObject[];
  /** Neither a name nor that there are none: an object may hold anything. */
  readonly isBlank: boolean;
}

const inPlace = ["allOf", "anyOf", "oneOf"] as const;
const conditional = ["if", "then", "else"] as const;
const leading: ReadonlySet<string> = new Set([...inPlace, "$ref", "$defs", "definitions", "description", "title"]);
const listed = ["prefixItems", "items", "contains", "unevaluatedItems"] as const;
const open = ["additionalProperties", "unevaluatedProperties"] as const;

/** @param root what `$ref` leads into. */
export function saidBy(schemas: readonly unknown[], root: SchemaObject): NamedPlaces {
  const alternatives: SchemaObject[] = [];
  for (const schema of schemas) gather(schema, root, alternatives);
  const properties = new Map<string, unknown[]>();
  const name = (property: string, schema: unknown): void =>
    void properties.set(property, [...(properties.get(property) ?? []), schema]);
  for (const alternative of alternatives) {
    for (const [property, schema] of entriesOf(alternative["properties"])) name(property, schema);
  }
  for (const property of alternatives.flatMap(namesIn)) if (!properties.has(property)) name(property, true);
  const all = (keyword: string): readonly unknown[] =>
    alternatives.flatMap((schema) => (keyword in schema ? [schema[keyword]] : []));
  const patterns = all("patternProperties").flatMap(entriesOf);
  const additional = open.flatMap(all);
  const others = additional.filter((schema) => schema !== false);
  const values = ["examples", "enum"].flatMap(all).flatMap(asList).concat(["default", "const"].flatMap(all));
  const objects = values.filter((value) => isRecord(value) || Array.isArray(value));
  return {
    properties,
    patterns,
    others,
    elements: listed.flatMap(all).flatMap(asList),
    values: objects,
    alternatives,
    isBlank: properties.size + patterns.length + additional.length + objects.length === 0,
  };
}

function gather(schema: unknown, root: SchemaObject, into: SchemaObject[]): void {
  if (!isRecord(schema)) return;
  if (Object.keys(schema).some((keyword) => !leading.has(keyword)) || !Object.keys(schema).some(isLeading)) {
    into.push(schema);
  }
  if (typeof schema["$ref"] === "string") gather(resolved({ $ref: schema["$ref"] }, root), root, into);
  for (const keyword of inPlace) for (const part of asList(schema[keyword])) gather(part, root, into);
  for (const keyword of conditional) gather(schema[keyword], root, into);
  for (const [, part] of entriesOf(schema["dependentSchemas"])) gather(part, root, into);
}

function isLeading(keyword: string): boolean {
  return keyword === "$ref" || (inPlace as readonly string[]).includes(keyword);
}

/** Names that stand elsewhere than in `properties`. */
function namesIn(schema: SchemaObject): readonly string[] {
  const dependent = entriesOf(schema["dependentRequired"]).flatMap(([name, names]) => [name, ...asList(names)]);
  const names = [...asList(schema["required"]), ...dependent, ...entriesOf(schema["dependentSchemas"]).map(first)];
  return names.filter((name) => typeof name === "string");
}

function first([name]: readonly [string, unknown]): string {
  return name;
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isRecord(value) ? Object.entries(value) : [];
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

/** Of one pattern that stands in a schema: those were compiled before, in all with fewer. */
const mostInstructions = 60_000;

/** Schemas of what a name that matches holds. */
export function matching({ patterns }: NamedPlaces, name: string): readonly unknown[] {
  return patterns
    .filter(([pattern]) => {
      const compiled = compileRegex(pattern, mostInstructions);
      return compiled.kind === "ok" && compiled.test(name);
    })
    .map(([, schema]) => schema);
}

/**
 * Whether the schema names what lies at the path, names joined by dots, through lists. `free`: it says that there anything may have any
 * name. `undefined`: neither, so it cannot have been meant.
 */
export function schemaPlaceOf(schema: SchemaObject, path: string): "named" | "free" | undefined {
  return within([schema], path, schema);
}

function within(schemas: readonly unknown[], path: string, root: SchemaObject): "named" | "free" | undefined {
  if (schemas.every((schema) => schema === false)) return undefined;
  const said = saidBy(schemas, root);
  if (said.properties.has(path) || matching(said, path).length > 0) return "named";
  if (said.values.some((value) => holds(value as Json, path))) return "named";
  let found: "free" | undefined;
  for (const [head, rest] of splits(path)) {
    const below = said.properties.get(head);
    const place = below === undefined ? undefined : within(below, rest, root);
    if (place === "named") return place;
    found ??= place;
  }
  const [head = path, rest] = splits(path)[0] ?? [];
  const patterned = rest === undefined ? [] : matching(said, head);
  for (const [schemasBelow, at] of [
    [patterned, rest],
    [said.elements, path],
  ] as const) {
    const place = schemasBelow.length === 0 || at === undefined ? undefined : within(schemasBelow, at, root);
    if (place === "named") return place;
    found ??= place;
  }
  if (found !== undefined || said.properties.has(head)) return found;
  if (said.others.length > 0 && (rest === undefined || within(said.others, rest, root) !== undefined)) return "free";
  return said.isBlank && said.elements.length === 0 && mayHold(said) ? "free" : undefined;
}

/** Whether it may be an object or a list at all. */
export function mayHold({ alternatives }: NamedPlaces): boolean {
  const typed = alternatives.flatMap(({ type }) => asList(type));
  return typed.length === 0 || typed.includes("object") || typed.includes("array");
}

/** `a.b.c` as `a` and `b.c`, and as `a.b` and `c`: names may have dots in them. */
export function splits(path: string): readonly (readonly [head: string, rest: string])[] {
  const found: [string, string][] = [];
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
    found.push([path.slice(0, dot), path.slice(dot + 1)]);
  }
  return found;
}

function holds(value: Json, path: string): boolean {
  if (Array.isArray(value)) return value.some((element: Json) => holds(element, path));
  if (!isJsonObject(value)) return false;
  if (Object.hasOwn(value, path)) return true;
  return splits(path).some(([head, rest]) => Object.hasOwn(value, head) && holds(value[head] ?? null, rest));
}

/** More names than a hint is read for. */
const mostNames = 200;

/** Every path that the schema names, through lists. */
export function namedPaths(schema: SchemaObject): readonly string[] {
  return below([schema], "", schema).slice(0, mostNames);
}

function below(schemas: readonly unknown[], prefix: string, root: SchemaObject): readonly string[] {
  const { properties, elements } = saidBy(schemas, root);
  const named = [...properties].flatMap(([name, part]) => [prefix + name, ...below(part, `${prefix}${name}.`, root)]);
  return elements.length === 0 ? named : [...named, ...below(elements, prefix, root)];
}

/** Paths that every value must have, as far as what they lie in is there; through lists. Of `anyOf` those of each alternative. */
export function requiredPaths(schema: SchemaObject): readonly (readonly string[])[] {
  return required([schema], [], schema);
}

function required(
  schemas: readonly unknown[],
  at: readonly string[],
  root: SchemaObject,
): readonly (readonly string[])[] {
  const { properties, elements, alternatives } = saidBy(schemas, root);
  const own = alternatives.flatMap((schema) => asList(schema["required"])).filter((name) => typeof name === "string");
  return [
    ...own.map((name) => [...at, name]),
    ...[...properties].flatMap(([name, part]) => required(part, [...at, name], root)),
    ...(elements.length === 0 ? [] : required(elements, at, root)),
  ];
}
