import type { FieldError } from "../errors.ts";
import type { EventTypeDefinition, Fit } from "./catalog.ts";
import type { Json } from "./event.ts";
import { compileSchema, compileSchemaInSteps, type SchemaCheck } from "./json-schema.ts";
import type { Params } from "./lifecycle.ts";
import { isJsonObject, type JsonObject } from "./merge-patch.ts";
import { fieldsText, fieldsWithin } from "./path.ts";
import { plainJson } from "./plain-json.ts";
import type { SchemaLimits } from "./schema/inspect.ts";
import { withoutSecrets } from "./secret-names.ts";

/** An event type with what is made of it once: what takes out of params, and what checks them. */

/** Of the params of one event. */
export const paramsLimits = { maxBytes: 262_144, maxDepth: 32 } as const;
/** What the patterns of a type's schema may cost for one event, characters by instructions: some 20 ms. */
const maxMatching = 5_000_000;

/** Of a type that is declared while the process serves others: each step of compiling it takes some 20 ms at the most. */
export const declaredSchemaLimits: SchemaLimits = { bytes: 16_384, parts: 100, program: 250 };
/** And what one event of it may cost to check, which others wait for: some 20 ms. */
const declaredWork = 5_000_000;

export interface PreparedEventType {
  readonly definition: EventTypeDefinition;
  readonly fit: (params: Params) => Fit;
  /** Compiles what is otherwise compiled with the first event. */
  readonly compile: () => void;
  readonly compileInSteps: () => Generator<void, void, void>;
}

/** @param declared whether it was declared while others are served, and not by the program that runs all this. */
export function preparedEventType(definition: EventTypeDefinition, declared = false): PreparedEventType {
  const conceal = concealing(definition);
  const order = Object.keys(Object(definition.schema["properties"]));
  const options = { maxMatching, eager: true, ...(declared ? { maxWork: declaredWork } : {}) };
  let check: SchemaCheck | undefined;
  const compile = (): SchemaCheck => {
    check ??= compileSchema(definition.schema, options);
    return check;
  };
  return {
    definition,
    compile,
    *compileInSteps() {
      check ??= yield* compileSchemaInSteps(definition.schema, options);
    },
    fit(params) {
      const plain = plainJson(params, paramsLimits);
      if (plain.kind === "refused") return unfit(plain.fields);
      const shown = conceal(plain.value);
      const fields = compile()(shown);
      if (fields.length > 0) return unfit(fields);
      return { kind: "fits", params: isJsonObject(shown) ? ordered(shown, order) : {} };
    },
  };
}

/** What may be passed on of params that are checked against no schema. */
export function withoutSensitive(definition: EventTypeDefinition, params: Params): Params {
  const shown = concealing(definition)(params);
  return isJsonObject(shown) ? shown : {};
}

/** Takes out what is sensitive: by its path, and by its name. */
function concealing({ sensitive = [], public: known }: EventTypeDefinition): (value: Json) => Json {
  const paths = sensitive.map((path) => path.split("."));
  return (value) => withoutSecrets(paths.reduce(without, value), known).value;
}

function unfit(fields: readonly FieldError[]): Fit {
  const problems = fieldsWithin("params", fields);
  return { kind: "unfit", message: fieldsText(problems), fields: problems };
}

/** `value` without what lies at the path, in each element of the lists on the way. */
function without(value: Json, path: readonly string[]): Json {
  if (Array.isArray(value)) return value.map((element: Json) => without(element, path));
  if (!isJsonObject(value)) return value;
  const [head = "", ...rest] = path;
  // A name with dots in it reads the same as the path, to filters too.
  const whole = path.join(".");
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== whole)
      .map(([name, part]) => [name, name === head ? without(part, rest) : part]),
  );
}

/** What the schema names first and in its order, then the rest: functions and people see events of a type alike. */
function ordered(params: JsonObject, order: readonly string[]): Params {
  const named = order
    .filter((name) => Object.hasOwn(params, name))
    .map((name) => [name, params[name] ?? null] as const);
  return Object.fromEntries([...named, ...Object.entries(params).filter(([name]) => !order.includes(name))]);
}
