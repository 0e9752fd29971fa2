import type { ErrorObject } from "ajv";

/** Which alternative of `anyOf` or `oneOf` was meant, so that only the problems of that one are reported. */

export type SchemaObject = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is SchemaObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A schema that is no more than a `$ref`, as what it names. */
export function resolved(schema: unknown, root: SchemaObject): unknown {
  if (!isRecord(schema) || typeof schema["$ref"] !== "string") return schema;
  const segments = schema["$ref"].slice(2).split("/");
  const named = segments.reduce<unknown>((at, segment) => {
    const name = segment.replaceAll("~1", "/").replaceAll("~0", "~");
    return typeof at === "object" && at !== null && Object.hasOwn(at, name) ? (at as SchemaObject)[name] : undefined;
  }, root);
  // References can't go in circles: that is seen to before a schema is compiled.
  return resolved(named, root);
}

/** A value that fits none of the alternatives. */
export interface Union {
  readonly error: ErrorObject;
  /** The alternative that was meant; `undefined` when it cannot be known. */
  readonly meant: SchemaObject | undefined;
  readonly sentence: string;
}

export function unionOf(error: ErrorObject, root: SchemaObject): Union {
  const all = Array.isArray(error.schema) ? error.schema.map((branch) => resolved(branch, root)) : [];
  const candidates = all.filter(isRecord).filter(({ type }) => type !== "null");
  const named = discriminator(candidates);
  return {
    error,
    meant: candidates.length === 1 ? candidates[0] : meantBy(candidates, named, error.data),
    sentence: sentenceOf(candidates, named),
  };
}

/** The property in which every alternative has a constant of its own. */
function discriminator(candidates: readonly SchemaObject[]): string | undefined {
  const [first] = candidates;
  if (first === undefined || !isRecord(first["properties"])) return undefined;
  return Object.keys(first["properties"]).find((name) =>
    candidates.every((candidate) => constantOf(candidate, name) !== undefined),
  );
}

function constantOf({ properties }: SchemaObject, name: string): unknown {
  const property = isRecord(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
  return isRecord(property) ? property["const"] : undefined;
}

function meantBy(
  candidates: readonly SchemaObject[],
  named: string | undefined,
  data: unknown,
): SchemaObject | undefined {
  if (named !== undefined && isRecord(data) && Object.hasOwn(data, named)) {
    return candidates.find((candidate) => constantOf(candidate, named) === data[named]);
  }
  const fitting = candidates.filter(({ type }) => type === typeOf(data));
  return named === undefined && fitting.length === 1 && candidates.every(({ type }) => type !== undefined)
    ? fitting[0]
    : undefined;
}

function typeOf(data: unknown): string {
  if (Array.isArray(data)) return "array";
  return data === null ? "null" : typeof data;
}

function sentenceOf(candidates: readonly SchemaObject[], named: string | undefined): string {
  if (named !== undefined) {
    const constants = candidates.map((candidate) => JSON.stringify(constantOf(candidate, named)));
    return `must be an object whose ${named} is ${constants.join(" or ")}`;
  }
  const constants = candidates.map((candidate) => candidate["const"]);
  return candidates.length > 0 && constants.every((constant) => constant !== undefined)
    ? `must be one of ${constants.map((constant) => JSON.stringify(constant)).join(", ")}`
    : "has none of the allowed forms";
}

/** Which schemas lie within others, references followed; found once for each, however many errors ask. */
export class Within {
  readonly #root: SchemaObject;
  readonly #known = new Map<unknown, ReadonlySet<unknown>>();

  constructor(root: SchemaObject) {
    this.#root = root;
  }

  has(outer: unknown, schema: unknown): boolean {
    const known = this.#known.get(outer) ?? this.#gather(outer, new Set());
    this.#known.set(outer, known);
    return known.has(schema);
  }

  #gather(schema: unknown, found: Set<unknown>): ReadonlySet<unknown> {
    if (typeof schema !== "object" || schema === null || found.has(schema)) return found;
    found.add(schema);
    for (const part of Object.values(schema)) this.#gather(part, found);
    const target = resolved(schema, this.#root);
    return target === schema ? found : this.#gather(target, found);
  }
}
