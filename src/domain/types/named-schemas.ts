import type { JsonSchema } from "../catalog.ts";
import { segmentsOf } from "../schema/expand.ts";
import { schemaKeywords } from "../schema/keywords.ts";
import { isSchema } from "../schema/type-shape.ts";

/** A schema that other schemas refer to by its name: `#/$defs/OrderLine`. */
export interface NamedSchema {
  /** An identifier of every language that types are written in, and of one schema only. */
  readonly name: string;
  readonly schema: JsonSchema;
}

/** Of what a place adds to a name. */
const longestName = 64;

const words = (text: string): string[] => text.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");

/** `POST_ORDER_SHIP` as `PostOrderShip`. */
export function capitalized(text: string): string {
  return words(text)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join("");
}

/** Of a place in a schema: `#/$defs/order-line` as `OrderLine`. */
function nameOfPlace(segments: readonly string[]): string {
  const own = segments.filter((segment) => !schemaKeywords.has(segment) && !/^\d+$/.test(segment));
  const text = own
    .flatMap(words)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
  return text === "" ? "Part" : text.slice(0, longestName);
}

/** Gives names, each once. */
export class SchemaNames {
  readonly #taken: Set<string>;

  /** @param reserved names that mean something else already where types are written. */
  constructor(reserved: Iterable<string>) {
    this.#taken = new Set(reserved);
  }

  take(wanted: string): string {
    let name = wanted;
    for (let nth = 2; this.#taken.has(name); nth += 1) name = `${wanted}_${nth}`;
    this.#taken.add(name);
    return name;
  }
}

export function referenceTo(name: string): JsonSchema {
  return { $ref: `#/$defs/${name}` };
}

/** The name in a reference that {@link referenceTo} made. */
export function nameIn(reference: string): string {
  return reference.slice("#/$defs/".length);
}

/**
 * A schema that was accepted, and each place in it that it refers to, as schemas with names: those that others refer to come first, the schema
 * itself is the last. What is defined and referred to nowhere is left out. Yields after each of them.
 *
 * @param own what the names of its parts begin with.
 */
export function* namedSchemas(
  { name, schema: root }: NamedSchema,
  { own, names }: { readonly own: string; readonly names: SchemaNames },
): Generator<void, readonly NamedSchema[], void> {
  const made: NamedSchema[] = [];
  const known = new Map<string, string>();
  const refer = function* (reference: string): Generator<void, string, void> {
    const before = known.get(reference);
    if (before !== undefined) return before;
    const segments = segmentsOf(reference);
    const part = names.take(`${own}${nameOfPlace(segments)}`);
    known.set(reference, part);
    const schema = asSchema(yield* referring(at(root, segments), refer));
    made.push({ name: part, schema });
    yield;
    return part;
  };
  const schema = asSchema(yield* referring(root, refer));
  return [...made, { name, schema }];
}

/** `true` and `false` are schemas too; a name is given to none but objects. */
function asSchema(schema: unknown): JsonSchema {
  if (isSchema(schema)) return schema;
  return schema === false ? { not: {} } : {};
}

function at(root: unknown, segments: readonly string[]): unknown {
  return segments.reduce<unknown>((value, segment) => Object(value)[segment] as unknown, root);
}

type Refer = (reference: string) => Generator<void, string, void>;

/** The same schema, its references by name. */
function* referring(schema: unknown, refer: Refer): Generator<void, unknown, void> {
  if (!isSchema(schema)) return schema;
  const entries: [string, unknown][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    switch (schemaKeywords.get(keyword)) {
      case "schema":
        entries.push([keyword, yield* referring(value, refer)]);
        break;
      case "schemas": {
        const all: unknown[] = [];
        for (const one of Array.isArray(value) ? value : []) all.push(yield* referring(one, refer));
        entries.push([keyword, all]);
        break;
      }
      case "named schemas":
      case "schemas by pattern": {
        if (keyword === "$defs" || keyword === "definitions") break;
        const all: [string, unknown][] = [];
        for (const [name, one] of Object.entries(Object(value))) all.push([name, yield* referring(one, refer)]);
        entries.push([keyword, Object.fromEntries(all)]);
        break;
      }
      case "reference":
        entries.push([keyword, `#/$defs/${yield* refer(String(value))}`]);
        break;
      case "dialect":
        break;
      default:
        entries.push([keyword, value]);
    }
  }
  return Object.fromEntries(entries);
}
