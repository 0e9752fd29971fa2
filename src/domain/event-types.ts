import { type FieldError, SignalboxError } from "../errors.ts";
import { builtInEvents } from "./built-in-events.ts";
import type { Catalog, EventTypeDefinition, Fit } from "./catalog.ts";
import { didYouMean } from "./did-you-mean.ts";
import { eventTypeProblems } from "./event-type-problems.ts";
import type { Params } from "./lifecycle.ts";
import { listedNames } from "./listed-names.ts";
import { fieldsText } from "./path.ts";
import { type PreparedEventType, preparedEventType } from "./prepared-event-type.ts";

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

/** Who says what an event type is. */
export type EventTypeSource = "built_in" | "host" | "declared";

/** A type as it was declared in the store, at a revision of all declarations. */
interface DeclaredEventType {
  readonly type: PreparedEventType;
  readonly revision: number;
}

/** A {@link Catalog} to which declarations come and go. */
export interface LiveCatalog extends Catalog {
  /** Of a name that is in effect. */
  sourceOf(name: string): EventTypeSource | undefined;
  /** These, and no others, are declared from now on; a name that is built in or the host's own stays what it is. */
  declare(types: readonly DeclaredEventType[]): void;
}

/**
 * The built-in event types and the host's, and none that is declared yet.
 *
 * @throws SignalboxError `invalid_request` for a name that is taken, or a type that {@link defineEvent} would refuse.
 */
export function catalogOf(hostTypes: readonly EventTypeDefinition[]): LiveCatalog {
  const fixed = fixedTypes(hostTypes);
  let declared: ReadonlyMap<string, DeclaredEventType> = new Map();
  let names: readonly string[] = Object.freeze([...fixed.keys()]);
  const typeOf = (name: string): PreparedEventType | undefined => fixed.get(name) ?? declared.get(name)?.type;
  const fitOf = (name: string, params: Params): Fit => typeOf(name)?.fit(params) ?? unknownType(name, names);
  return {
    get names() {
      return names;
    },
    get: (name) => typeOf(name)?.definition,
    revisionOf: (name) => declared.get(name)?.revision,
    sourceOf: (name) => {
      if (isBuiltIn(name)) return "built_in";
      if (fixed.has(name)) return "host";
      return declared.has(name) ? "declared" : undefined;
    },
    declare(types) {
      const free = types.filter(({ type }) => !fixed.has(type.definition.name));
      declared = new Map(free.map((one) => [one.type.definition.name, one]));
      names = Object.freeze([...fixed.keys(), ...[...declared.keys()].sort()]);
    },
    prepare(name, params) {
      const fit = fitOf(name, params);
      if (fit.kind === "unfit") throw refused(fit.message, fit.fields);
      return fit.params;
    },
    fit: fitOf,
    *warm() {
      for (const { compile } of fixed.values()) {
        compile();
        yield;
      }
      for (const { type } of declared.values()) {
        yield* type.compileInSteps();
        yield;
      }
    },
  };
}

function fixedTypes(hostTypes: readonly EventTypeDefinition[]): ReadonlyMap<string, PreparedEventType> {
  const types = new Map(builtInEvents.map((definition) => [definition.name, preparedEventType(definition)]));
  for (const hostType of hostTypes) {
    const definition = defineEvent(hostType);
    const { name } = definition;
    if (types.has(name)) {
      const whose = isBuiltIn(name) ? "a built-in event type" : "declared twice";
      const message = `is ${whose}; give yours another name`;
      throw refused(`event type ${name}: name: ${message}`, [{ path: "name", message }]);
    }
    const type = preparedEventType(definition);
    // A large schema takes longer than may be waited for once the process serves others.
    type.compile();
    types.set(name, type);
  }
  return types;
}

function isBuiltIn(name: string): boolean {
  return builtInEvents.some((builtIn) => builtIn.name === name);
}

/** As documented, for a name that the catalog does not have. */
export function invalidEventType(name: string, names: readonly string[]): string {
  const all = listedNames(names, "GET /api/cloud/events/");
  return `Invalid event type '${name.slice(0, 64)}'. Must be one of: ${all}`;
}

function unknownType(name: string, names: readonly string[]): Fit {
  const fields = [{ path: "event_type", message: `is not an event type.${didYouMean(name, names)}` }];
  return { kind: "unfit", message: invalidEventType(name, names), fields };
}

function refused(message: string, fields: readonly FieldError[]): SignalboxError {
  return new SignalboxError("invalid_request", message, { fields });
}
