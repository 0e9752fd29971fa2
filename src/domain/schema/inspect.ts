import type { FieldError } from "../../errors.ts";
import type { JsonSchema } from "../catalog.ts";
import { didYouMean } from "../did-you-mean.ts";
import type { Json } from "../event.ts";
import { isJsonObject, type JsonObject } from "../merge-patch.ts";
import { pathText, type Segment } from "../path.ts";
import { compileRegex } from "../patterns/regex.ts";
import { plainJson } from "../plain-json.ts";
import { type ExpandedSchema, partKey, totalOf } from "./expand.ts";
import { remedies, type Shape, schemaKeywords } from "./keywords.ts";
import { plainProblem } from "./shapes.ts";

/** What is found out about a schema before anything is made of it. */
export type Inspected =
  | {
      readonly kind: "ok";
      /** The schema without what asserts nothing. */
      readonly assertions: JsonSchema;
      /** How many things are checked at most, each `$ref` followed: what one place of a value may cost. */
      readonly weight: number;
      /** RE2 instructions of all patterns together: what one character of a value may cost. */
      readonly program: number;
    }
  | { readonly kind: "refused"; readonly fields: readonly FieldError[] };

/** As JSON. */
export const schemaBytes = 32_768;
/** Levels of JSON; a property's schema lies two levels below the one that it is in. */
export const schemaDepth = 64;
const mostProblems = 20;

/** What a schema may cost to compile. */
export interface SchemaLimits {
  readonly bytes: number;
  /** Schemas within it. */
  readonly parts: number;
  /** RE2 instructions of all patterns together. */
  readonly program: number;
}

/** Within these, a schema takes up to 0.2 s to inspect and compile. */
const most: SchemaLimits = { bytes: schemaBytes, parts: 1_000, program: 1_000 };

/** Reads an untrusted schema. Every problem is reported with its place; never throws. */
export function inspectSchema(schema: unknown, limits: SchemaLimits = most): Inspected {
  const plain = plainJson(schema, { maxBytes: limits.bytes, maxDepth: schemaDepth });
  if (plain.kind === "refused") return plain;
  if (!isJsonObject(plain.value)) return refused([{ path: "", message: "must be a JSON object" }]);
  const inspector = new Inspector(limits);
  const root = inspector.part(plain.value, []);
  const total = totalOf(root, inspector.parts, inspector.problems);
  inspector.checkContains();
  if (inspector.problems.length > 0) return refused(inspector.problems);
  return { kind: "ok", assertions: root.assertions as JsonSchema, weight: total, program: inspector.program };
}

function refused(problems: readonly FieldError[]): Inspected {
  return { kind: "refused", fields: problems.slice(0, mostProblems) };
}

type Place = readonly Segment[];

class Inspector {
  readonly problems: FieldError[] = [];
  /** Every schema within the schema, by {@link partKey}: what `$ref` may name. */
  readonly parts = new Map<string, ExpandedSchema>();
  /** Of the patterns so far. */
  program = 0;
  readonly #limits: SchemaLimits;

  constructor(limits: SchemaLimits) {
    this.#limits = limits;
  }

  part(schema: Json, at: Place, hoards = false): ExpandedSchema {
    const below: ExpandedSchema[] = [];
    const assertions = typeof schema === "boolean" ? schema : this.#keywords(schema, at, below);
    const reference = isJsonObject(assertions) ? assertions["$ref"] : undefined;
    const part: ExpandedSchema = {
      at,
      assertions,
      below,
      own: isJsonObject(assertions) ? ownWeight(assertions) : 1,
      hoards,
      ...(typeof reference === "string" ? { reference } : {}),
    };
    const { parts } = this.#limits;
    if (this.parts.size === parts) this.#refuse(at, `is one schema too many: at most ${parts} within one`);
    this.parts.set(partKey(at), part);
    return part;
  }

  /** Where Ajv's code would let pass what the standard does not. */
  checkContains(): void {
    const all = [...this.parts.values()];
    const unevaluated = all.some(({ assertions }) => has(assertions, "unevaluatedItems"));
    for (const { at, assertions } of all.filter(({ assertions }) => has(assertions, "contains"))) {
      const place = [...at, "contains"];
      // Every entry would count as evaluated, not only those that are wanted.
      if (unevaluated) this.#refuse(place, "can't be used in a schema with unevaluatedItems");
      // An empty list would not be looked at.
      if (has(assertions, "prefixItems")) {
        this.#refuse(place, "can't stand beside prefixItems here; write allOf: [{ contains: … }]");
      }
    }
  }

  #keywords(schema: Json, at: Place, below: ExpandedSchema[]): JsonObject {
    if (!isJsonObject(schema)) {
      this.#refuse(at, "must be a schema: a JSON object, true or false");
      return {};
    }
    const entries: [string, Json][] = [];
    for (const [name, value] of Object.entries(schema)) {
      const shape = schemaKeywords.get(name);
      if (shape === undefined) this.#refuse([...at, name], unknownKeyword(name));
      const asserted = shape === undefined ? undefined : this.#keyword(shape, value, [...at, name], below);
      if (asserted !== undefined) entries.push([name, asserted]);
    }
    return Object.fromEntries(entries);
  }

  /** What is to be compiled of a keyword. */
  #keyword(shape: Shape, value: Json, at: Place, below: ExpandedSchema[]): Json | undefined {
    const inner = (schema: Json, ...segments: Segment[]): Json => {
      const keyword = at.at(-1);
      const part = this.part(schema, [...at, ...segments], keyword === "contains");
      // Definitions cost nothing where they stand, only where they are referred to.
      if (keyword !== "$defs" && keyword !== "definitions") below.push(part);
      return part.assertions;
    };
    switch (shape) {
      case "schema":
        return inner(value);
      case "schemas":
        if (Array.isArray(value) && value.length > 0) return value.map((schema: Json, index) => inner(schema, index));
        return this.#refuse(at, "must be a list of schemas, at least one");
      case "named schemas":
      case "schemas by pattern": {
        if (!isJsonObject(value)) return this.#refuse(at, "must be a JSON object of schemas");
        const entries = Object.entries(value);
        if (shape === "schemas by pattern") for (const [pattern] of entries) this.#pattern(pattern, [...at, pattern]);
        return Object.fromEntries(entries.map(([name, schema]) => [name, inner(schema, name)]));
      }
      case "pattern":
        this.#pattern(value, at);
        return value;
      case "note":
      case "dialect": {
        const problem = plainProblem(shape, value);
        return problem === undefined ? undefined : this.#refuse(at, problem);
      }
      default: {
        const problem = plainProblem(shape, value);
        return problem === undefined ? value : this.#refuse(at, problem);
      }
    }
  }

  #pattern(pattern: Json, at: Place): void {
    if (typeof pattern !== "string") return this.#refuse(at, "must be a pattern: a string");
    const compiled = compileRegex(pattern, this.#limits.program - this.program);
    switch (compiled.kind) {
      case "ok":
        this.program += compiled.programSize;
        return;
      case "invalid":
        return this.#refuse(at, `is not a pattern of RE2 syntax: ${compiled.message}${hint(compiled.hint)}`);
      case "too_large":
        return this.#refuse(at, "is too large, alone or with the other patterns; use * or + instead of repetitions");
      default:
        return compiled satisfies never;
    }
  }

  #refuse(at: Place, message: string): undefined {
    this.problems.push({ path: pathText(at), message });
    return undefined;
  }
}

function has(assertions: boolean | JsonObject, keyword: string): boolean {
  return typeof assertions === "object" && Object.hasOwn(assertions, keyword);
}

function hint(text: string | undefined): string {
  return text === undefined ? "" : `; ${text}`;
}

function unknownKeyword(name: string): string {
  const remedy = remedies.get(name);
  const means = remedy === undefined ? didYouMean(name, [...schemaKeywords.keys()]) : ` Instead, ${remedy}`;
  return `is not a keyword that is known here.${means}`;
}

/** Everything that one visit may look at, without the schemas below: those count by themselves. */
function ownWeight(assertions: JsonObject): number {
  return Object.entries(assertions).reduce((sum, [name, value]) => {
    const shape = schemaKeywords.get(name);
    if (shape === "schema" || shape === "schemas" || name === "$defs" || name === "definitions") return sum + 1;
    if (shape === "named schemas" || shape === "schemas by pattern") return sum + 1 + Object.keys(Object(value)).length;
    return sum + nodes(value);
  }, 1);
}

function nodes(value: Json): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce((sum: number, part: Json) => sum + nodes(part), 1);
}
