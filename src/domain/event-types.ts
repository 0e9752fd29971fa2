import { type FieldError, SignalboxError } from "../errors.ts";
import { builtInEvents } from "./built-in-events.ts";
import type { Catalog, EventTypeDefinition, Fit } from "./catalog.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { Json } from "./event.ts";
import { eventTypeProblems } from "./event-type-problems.ts";
import { compileSchema, type SchemaCheck } from "./json-schema.ts";
import type { Params } from "./lifecycle.ts";
import { isJsonObject, type JsonObject } from "./merge-patch.ts";
import { fieldsText, fieldsWithin } from "./path.ts";
import { plainJson } from "./plain-json.ts";
import { withoutSecrets } from "./secret-names.ts";

/** Of the params of one event. */
export const paramsLimits = { maxBytes: 262_144, maxDepth: 32 } as const;
/** What the patterns of a type's schema may cost for one event, characters by instructions: some 20 ms. */
const maxMatching = 5_000_000;

/**
 * Declares an event type of the host's own. The name stays known to TypeScript: `defineEvent({ name: "PRE_ORDER_CREATE", … }).name`.
 *
 * @throws SignalboxError `invalid_request`, with everything in the declaration that can't stand.
 */
export function defineEvent<const Name extends string>(
  definition: EventTypeDefinition & { readonly name: Name },
): EventTypeDefinition & { readonly name: Name } {
  const fields = eventTypeProblems(definition);
  if (fields.length === 0) return Object.freeze({ ...definition });
  const known = fields.some(({ path }) => path === "" || path === "name") ? "" : ` ${definition.name}`;
  throw refused(`event type${known}: ${fieldsText(fields)}`, fields);
}

/**
 * The built-in event types and the host's.
 *
 * @throws SignalboxError `invalid_request` for a name that is taken, or a type that {@link defineEvent} would refuse.
 */
export function catalogOf(hostTypes: readonly EventTypeDefinition[]): Catalog {
  const types = new Map(builtInEvents.map((definition) => [definition.name, prepared(definition)]));
  for (const hostType of hostTypes) {
    const definition = defineEvent(hostType);
    const { name } = definition;
    if (types.has(name)) {
      const whose = builtInEvents.some((builtIn) => builtIn.name === name) ? "a built-in event type" : "declared twice";
      const message = `is ${whose}; give yours another name`;
      throw refused(`event type ${name}: name: ${message}`, [{ path: "name", message }]);
    }
    const type = prepared(definition);
    // A large schema takes longer than may be waited for once the process serves others.
    type.compile();
    types.set(name, type);
  }
  const names = Object.freeze([...types.keys()]);
  const fitOf = (name: string, params: Params): Fit => types.get(name)?.fit(params) ?? unknownType(name, names);
  return {
    names,
    get: (name) => types.get(name)?.definition,
    prepare(name, params) {
      const fit = fitOf(name, params);
      if (fit.kind === "unfit") throw refused(fit.message, fit.fields);
      return fit.params;
    },
    fit: fitOf,
    *warm() {
      for (const { compile } of types.values()) {
        compile();
        yield;
      }
    },
  };
}

function unknownType(name: string, names: readonly string[]): Fit {
  const message = `Invalid event type '${name.slice(0, 64)}'. Must be one of: ${names.join(", ")}`;
  const fields = [{ path: "event_type", message: `is not an event type.${didYouMean(name, names)}` }];
  return { kind: "unfit", message, fields };
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

interface Prepared {
  readonly definition: EventTypeDefinition;
  readonly fit: (params: Params) => Fit;
  readonly compile: () => SchemaCheck;
}

function prepared(definition: EventTypeDefinition): Prepared {
  const conceal = concealing(definition);
  const order = Object.keys(Object(definition.schema["properties"]));
  let check: SchemaCheck | undefined;
  const compile = (): SchemaCheck => {
    check ??= compileSchema(definition.schema, { maxMatching, eager: true });
    return check;
  };
  return {
    definition,
    compile,
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

function unfit(fields: readonly FieldError[]): Fit {
  const problems = fieldsWithin("params", fields);
  return { kind: "unfit", message: fieldsText(problems), fields: problems };
}

function refused(message: string, fields: readonly FieldError[]): SignalboxError {
  return new SignalboxError("invalid_request", message, { fields });
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
