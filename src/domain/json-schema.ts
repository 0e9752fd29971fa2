import { type FieldError, SignalboxError } from "../errors.ts";
import type { JsonSchema } from "./catalog.ts";
import { fieldsText } from "./path.ts";
import { compileWith, type ErrorObject, type ValidateFunction } from "./schema/compile.ts";
import { inspectSchema } from "./schema/inspect.ts";
import { Meter, TooCostly } from "./schema/meter.ts";
import { sentences } from "./schema/sentences.ts";

/** JSON Schema, draft 2020-12, for values and schemas that nobody vouches for. */

/** What is wrong with a value, by paths within it (`attributes.plan`, `tags[0]`; empty for the value itself); empty: it fits. */
export type Check = (value: unknown) => readonly FieldError[];

export interface CheckOptions {
  /** How many problems are told at most. Default 20. */
  readonly maxProblems?: number;
}

/** Steps that one check may take, roughly: some tenths of a second. */
const maxWork = 50_000_000;
/** Up to here everything that is wrong is looked for; beyond, the first is enough. */
const thoroughWork = 200_000;
/** Of one value: its levels. What comes as a value is bounded by whoever takes it in, at less. */
const deepest = 256;

const tooCostly: readonly FieldError[] = [
  { path: "", message: "takes too long to check against its schema; send less, or ask for a simpler schema" },
];

/**
 * A check against `schema`. Values must be plain JSON. A check that would take too long is refused, not done.
 *
 * @throws SignalboxError `invalid_request` for a schema in which {@link checkSchema} finds something, apart from its `type`.
 */
export function compileSchema(schema: JsonSchema, { maxProblems = 20 }: CheckOptions = {}): Check {
  const inspected = inspectSchema(schema);
  if (inspected.kind === "refused") {
    throw new SignalboxError("invalid_request", fieldsText(inspected.fields), { fields: inspected.fields });
  }
  const { assertions, weight } = inspected;
  const meter = new Meter(maxWork);
  const first = compileWith(assertions, meter, false);
  let all: ValidateFunction | undefined;
  const problems = (value: unknown, work: number): readonly ErrorObject[] => {
    meter.reset();
    if (first(value)) return [];
    const found = first.errors ?? [];
    if (work > thoroughWork) return found;
    all ??= compileWith(assertions, meter, true);
    meter.reset();
    all(value);
    return all.errors ?? found;
  };
  return (value) => {
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
}

/** What is wrong with a schema that somebody uploads, by paths within it; empty: it may be compiled. Never throws. */
export function checkSchema(schema: unknown): FieldError[] {
  const inspected = inspectSchema(schema);
  if (inspected.kind === "refused") return [...inspected.fields];
  if (inspected.assertions["type"] !== "object") {
    return [{ path: "type", message: 'must be "object": what is described is a JSON object' }];
  }
  try {
    compileWith(inspected.assertions, new Meter(0), false);
    return [];
  } catch (thrown) {
    return [{ path: "", message: `can't be compiled: ${thrown instanceof Error ? thrown.message : String(thrown)}` }];
  }
}

/** Places in a value, each with its text by eights; more than `most` once it is clear that there are more. */
function sizeOf(value: unknown, most: number): number {
  const open: (readonly [unknown, number])[] = [[value, 0]];
  let size = 0;
  for (let next = open.pop(); next !== undefined && size <= most; next = open.pop()) {
    const [held, depth] = next;
    size += 1 + (typeof held === "string" ? held.length / 8 : 0);
    if (typeof held !== "object" || held === null) continue;
    if (depth === deepest) return Number.POSITIVE_INFINITY;
    for (const [name, part] of Object.entries(held)) {
      size += name.length / 8;
      open.push([part, depth + 1]);
    }
  }
  return size;
}
