import { type FieldError, SignalboxError } from "../errors.ts";
import type { JsonSchema } from "./catalog.ts";
import { fieldsText } from "./path.ts";
import { compileWith, type ErrorObject } from "./schema/compile.ts";
import { type Inspected, inspectSchema, type SchemaLimits } from "./schema/inspect.ts";
import { SchemaBudget, TooCostly } from "./schema/meter.ts";
import { sentences } from "./schema/sentences.ts";

/** JSON Schema, draft 2020-12, for untrusted values and schemas. */

/** What is wrong with a value, by paths within it (`attributes.plan`, `tags[0]`; empty for the value itself); empty: it fits. */
export type SchemaCheck = (value: unknown) => readonly FieldError[];

interface CheckOptions {
  /** How many problems are reported at most. Default 20. */
  readonly maxProblems?: number;
  /** Of {@link mostWork}, for patterns and `uniqueItems`: characters by instructions, some 4 ns each. Default: all of it. */
  readonly maxMatching?: number;
  /** Whether what finds everything that is wrong is compiled at once, too, and not with the first value that is refused. */
  readonly eager?: boolean;
  /** Steps that one check may take, at most {@link mostWork}, which is the default. */
  readonly maxWork?: number;
}

/** Steps that one check may take, roughly: some tenths of a second. */
const mostWork = 50_000_000;
/** Up to here everything that is wrong is looked for; beyond, the first is enough. */
const thoroughWork = 200_000;
/** Of one value: its levels. A value's own bound, set where it is taken in, is lower. */
const deepest = 256;

const tooCostly: readonly FieldError[] = [
  { path: "", message: "takes too long to check against its schema; send less, or ask for a simpler schema" },
];

/**
 * A check against `schema`. Values must be plain JSON. A check that would take too long is refused, not done.
 *
 * @throws SignalboxError `invalid_request` for a schema in which {@link checkSchema} finds something, apart from its `type`.
 */
export function compileSchema(schema: JsonSchema, options: CheckOptions = {}): SchemaCheck {
  return checkOf(usable(schema), options);
}

/**
 * {@link compileSchema}, eagerly, in steps that each take a third of that.
 *
 * @throws SignalboxError as {@link compileSchema}.
 */
export function* compileSchemaInSteps(schema: JsonSchema, options: CheckOptions): Generator<void, SchemaCheck, void> {
  const inspected = usable(schema);
  yield;
  const { compileAll, check } = checkParts(inspected, options);
  yield;
  compileAll();
  return check;
}

function usable(schema: JsonSchema): Usable {
  const inspected = inspectSchema(schema);
  if (inspected.kind === "ok") return inspected;
  throw new SignalboxError("invalid_request", fieldsText(inspected.fields), { fields: inspected.fields });
}

/** Like a {@link SchemaCheck}; `undefined` for a value whose check may take more than a few milliseconds, which is not begun. */
export type LightCheck = (value: unknown) => readonly FieldError[] | undefined;

/** Such a schema takes a few milliseconds to compile. */
const light: SchemaLimits = { bytes: 4_096, parts: 32, program: 64 };
/** And such a value as many to check: places that are looked at, and characters by instructions of patterns. */
const lightWork = { places: 20_000, matching: 20_000 };

/** A check for what most schemas and values are: small. `undefined` for a schema that takes long to compile, or is none. */
export function lightCheck(schema: JsonSchema): LightCheck | undefined {
  const inspected = inspectSchema(schema, light);
  if (inspected.kind === "refused") return undefined;
  const { weight, program } = inspected;
  const most = Math.min(lightWork.places / weight, lightWork.matching / (program * charactersPerPlace + 1));
  const check = checkOf(inspected, {});
  return (value) => (sizeOf(value, most) > most ? undefined : check(value));
}

type Usable = Extract<Inspected, { readonly kind: "ok" }>;

function checkOf(inspected: Usable, options: CheckOptions): SchemaCheck {
  const { check, compileAll } = checkParts(inspected, options);
  if (options.eager === true) compileAll();
  return check;
}

function checkParts(
  { assertions, weight }: Usable,
  { maxProblems = 20, maxWork = mostWork, maxMatching = mostWork }: CheckOptions,
): { readonly check: SchemaCheck; readonly compileAll: () => void } {
  const meter = new SchemaBudget(maxMatching);
  const first = compileWith(assertions, meter, false);
  let all: ReturnType<typeof compileWith> | undefined;
  const compileAll = (): ReturnType<typeof compileWith> => {
    all ??= compileWith(assertions, meter, true);
    return all;
  };
  const problems = (value: unknown, work: number): readonly ErrorObject[] => {
    meter.reset();
    if (first(value)) return [];
    const found = first.errors ?? [];
    if (work > thoroughWork) return found;
    const thorough = compileAll();
    meter.reset();
    thorough(value);
    return thorough.errors ?? found;
  };
  const check: SchemaCheck = (value) => {
    const work = weight * sizeOf(value, maxWork / weight);
    if (work > maxWork) return tooCostly;
    try {
      const errors = problems(value, work);
      return errors.length === 0 ? [] : sentences(errors, assertions, value).slice(0, maxProblems);
    } catch (thrown) {
      if (thrown instanceof TooCostly) return tooCostly;
      throw thrown;
    }
  };
  return { check, compileAll };
}

/** What is wrong with an uploaded schema, by paths within it; empty: it may be compiled. Never throws. */
export function checkSchema(schema: unknown, limits?: SchemaLimits): FieldError[] {
  const inspected = inspectSchema(schema, limits);
  if (inspected.kind === "refused") return [...inspected.fields];
  if (inspected.assertions["type"] !== "object") {
    return [{ path: "type", message: 'must be "object": what is described is a JSON object' }];
  }
  try {
    compileWith(inspected.assertions, new SchemaBudget(0), false);
    return [];
  } catch (thrown) {
    return [{ path: "", message: `can't be compiled: ${thrown instanceof Error ? thrown.message : String(thrown)}` }];
  }
}

const charactersPerPlace = 8;

/** Places in a value, each with its text by eights; more than `most` once it is clear that there are more. */
function sizeOf(value: unknown, most: number): number {
  const open: (readonly [unknown, number])[] = [[value, 0]];
  let size = 0;
  for (let next = open.pop(); next !== undefined && size <= most; next = open.pop()) {
    const [value, depth] = next;
    size += 1 + (typeof value === "string" ? value.length / charactersPerPlace : 0);
    if (typeof value !== "object" || value === null) continue;
    if (depth === deepest) return Number.POSITIVE_INFINITY;
    for (const [name, part] of Object.entries(value)) {
      size += name.length / charactersPerPlace;
      open.push([part, depth + 1]);
    }
  }
  return size;
}
