import type { FieldError } from "../errors.ts";
import type { EventTypeDefinition } from "./catalog.ts";
import { didYouMean } from "./did-you-mean.ts";
import { checkSchema } from "./json-schema.ts";
import { fieldsWithin } from "./path.ts";
import type { SchemaLimits } from "./schema/inspect.ts";
import { namedPaths, requiredPaths, saidBy, schemaPlaceOf } from "./schema/places.ts";
import { isRecord, type SchemaObject } from "./schema/unions.ts";
import { isSecretName, isSecretPath } from "./secret-names.ts";

/** What is wrong with the declaration of an event type. Programs without types declare them too, so nothing is taken for granted. */

const nameForm = /^[A-Z][A-Z0-9_]{2,63}$/;
const resourceForm = /^[a-z][a-z0-9_]{0,31}$/;
const longestDescription = 500;

/**
 * What is wrong with a declaration, by field; empty when nothing is.
 *
 * @param limits what the schema may cost to compile. Default: the limits of every schema.
 */
export function eventTypeProblems(definition: unknown, limits?: SchemaLimits): readonly FieldError[] {
  if (!isRecord(definition)) return [{ path: "", message: "must be an object with name, phase, resource and schema" }];
  const {
    name,
    phase,
    resource,
    description,
    schema,
    sensitive = [],
    public: known = [],
    changeable = [],
  } = definition;
  const schemaProblems = fieldsWithin("schema", checkSchema(schema, limits));
  // What an unusable one names is unknown.
  const paths: Paths = {
    schema: schemaProblems.length === 0 && isRecord(schema) ? schema : undefined,
    sensitive,
    known,
    changeable,
  };
  return [
    ...unknownProperties(definition),
    ...nameProblems(name, phase),
    ...unless(typeof resource === "string" && resourceForm.test(resource), "resource", resourceRule),
    ...unless(
      description === undefined || (typeof description === "string" && description.length <= longestDescription),
      "description",
      `must be a sentence of at most ${longestDescription} characters`,
    ),
    ...schemaProblems,
    ...pathProblems("sensitive", sensitive, (path) => sensitiveProblem(path, paths)),
    ...pathProblems("public", known, (path) => publicProblem(path, paths)),
    ...pathProblems("changeable", changeable, (path) => changeableProblem(path, phase, paths)),
    ...requiredSecrets(paths),
  ];
}

const resourceRule = "must be the kind of thing that it is about: 1–32 of a–z, 0–9 and _, such as order";

function unless(right: boolean, path: string, message: string): readonly FieldError[] {
  return right ? [] : [{ path, message }];
}

const properties = ["name", "phase", "resource", "description", "schema", "sensitive", "public", "changeable"] as const;
properties satisfies readonly (keyof EventTypeDefinition)[];

function unknownProperties(definition: Readonly<Record<string, unknown>>): readonly FieldError[] {
  return Object.keys(definition)
    .filter((name) => !(properties as readonly string[]).includes(name))
    .map((name) => ({ path: name, message: `is not a known property.${didYouMean(name, properties)}` }));
}

function nameProblems(name: unknown, phase: unknown): readonly FieldError[] {
  if (typeof name !== "string" || !nameForm.test(name)) {
    return [{ path: "name", message: "must be 3–64 of A–Z, 0–9 and _, beginning with a letter: PRE_ORDER_CREATE" }];
  }
  if (phase !== "pre" && phase !== "post") return [{ path: "phase", message: 'must be "pre" or "post"' }];
  if (phase === "pre" && !name.startsWith("PRE_")) return [{ path: "name", message: `must be PRE_${name}` }];
  return unless(phase === "pre" || !name.startsWith("PRE_"), "phase", 'must be "pre", as the name says');
}

function pathProblems(
  list: string,
  paths: unknown,
  problem: (path: string) => string | undefined,
): readonly FieldError[] {
  if (!Array.isArray(paths)) return [{ path: list, message: "must be a list of paths" }];
  return paths.flatMap((path: unknown, index) => {
    const message = typeof path === "string" && path !== "" ? problem(path) : "must be a path such as address.city";
    return message === undefined ? [] : [{ path: `${list}[${index}]`, message }];
  });
}

interface Paths {
  /** `undefined`: it cannot be used. */
  readonly schema: SchemaObject | undefined;
  readonly sensitive: unknown;
  readonly known: unknown;
  readonly changeable: unknown;
}

function sensitiveProblem(path: string, { schema, changeable }: Paths): string | undefined {
  const names = path.split(".");
  if (!isPath(names)) return "must be names joined by dots, without *: what lies below is taken out too";
  if (schema === undefined) return undefined;
  if (isRequired(schema, names)) {
    return "is required by the schema, which is asked after sensitive params are taken out; make it optional there";
  }
  // Taken out wherever it is, so nothing can come of a mistake.
  if (isSecretPath(names) || texts(changeable).some((free) => isBelow(path, free))) return undefined;
  // What is misspelled here would be shown to everyone. Where nothing is said of an object, a misspelling cannot be found.
  return saidBy([schema], schema).isBlank ? unnamed(path, schema) : unplaced(path, schema);
}

function publicProblem(path: string, { schema, sensitive }: Paths): string | undefined {
  const names = path.split(".");
  if (!isPath(names)) return "must be names joined by dots, without *";
  if (!isSecretName(names.at(-1) ?? ""))
    return "is not called like a secret, and is passed on in any case; leave it out";
  if (texts(sensitive).some((hidden) => `${path}.`.startsWith(`${hidden}.`))) return "is sensitive, too; decide";
  return unplaced(path, schema);
}

function changeableProblem(path: string, phase: unknown, { schema, sensitive, known }: Paths): string | undefined {
  if (phase !== "pre") return "only hooks change params, and only before the operation: phase must be pre";
  const names = path.endsWith(".*") ? path.slice(0, -2).split(".") : path.split(".");
  if (!isPath(names)) return "must be names joined by dots, with * at the end at most: attributes.*";
  if (texts(sensitive).some((hidden) => `${path}.`.startsWith(`${hidden}.`)) || isSecretPath(names, texts(known))) {
    return "is sensitive: hooks do not see it, and can't change it";
  }
  return unplaced(names.join("."), schema);
}

function unplaced(path: string, schema: SchemaObject | undefined): string | undefined {
  return schema === undefined || schemaPlaceOf(schema, path) !== undefined ? undefined : unnamed(path, schema);
}

function unnamed(path: string, schema: SchemaObject): string {
  const remedy = "name it under properties (it may be optional), or say there additionalProperties: true";
  return `is nothing that the schema names.${didYouMean(path, namedPaths(schema)) || ` If it is no mistake, ${remedy}`}`;
}

/** Of lists that may be anything. */
function texts(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((path) => typeof path === "string") : [];
}

function isBelow(path: string, free: string): boolean {
  return free.endsWith(".*") && path.startsWith(free.slice(0, -1));
}

/** What is taken out by its name can't be required. */
function requiredSecrets({ schema, known }: Paths): readonly FieldError[] {
  return (schema === undefined ? [] : requiredPaths(schema))
    .filter((path) => isSecretName(path.at(-1) ?? "") && !texts(known).includes(path.join(".")))
    .map((path) => ({
      path: "schema",
      message: `requires ${path.join(".")}, which is taken out of every event because of its name; make it optional, or name it under public if it is no secret`,
    }));
}

function isPath(segments: readonly string[]): boolean {
  return segments.every((segment) => segment !== "" && segment !== "__proto__" && !segment.includes("*"));
}

function isRequired(schema: SchemaObject, path: readonly string[]): boolean {
  const wanted = path.join(".");
  return requiredPaths(schema).some((required) => required.join(".") === wanted);
}
