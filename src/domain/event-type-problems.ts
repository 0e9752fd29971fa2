import { didYouMean } from "../did-you-mean.ts";
import type { FieldError } from "../errors.ts";
import type { EventTypeDefinition } from "./catalog.ts";
import { checkSchema } from "./json-schema.ts";
import { fieldsWithin } from "./path.ts";
import { isRecord } from "./schema/unions.ts";

/** What is wrong with the declaration of an event type. Programs without types declare them too, so nothing is taken for granted. */

const nameForm = /^[A-Z][A-Z0-9_]{2,63}$/;
const resourceForm = /^[a-z][a-z0-9_]{0,31}$/;
const longestDescription = 500;

export function eventTypeProblems(definition: unknown): readonly FieldError[] {
  if (!isRecord(definition)) return [{ path: "", message: "must be an object with name, phase, resource and schema" }];
  const { name, phase, resource, description, schema, sensitive = [], changeable = [] } = definition;
  const schemaProblems = fieldsWithin("schema", checkSchema(schema));
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
    ...pathProblems("sensitive", sensitive, (path) => sensitiveProblem(path, schema)),
    ...pathProblems("changeable", changeable, (path) => changeableProblem(path, { phase, schema, sensitive })),
  ];
}

const resourceRule = "must be the kind of thing that it is about: 1–32 of a–z, 0–9 and _, such as order";

function unless(right: boolean, path: string, message: string): readonly FieldError[] {
  return right ? [] : [{ path, message }];
}

const properties = ["name", "phase", "resource", "description", "schema", "sensitive", "changeable"] as const;
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

function sensitiveProblem(path: string, schema: unknown): string | undefined {
  if (!isPath(path.split("."))) return "must be names joined by dots, without *: what lies below is taken out too";
  if (!isRequired(schema, path.split("."))) return undefined;
  return "is required by the schema, which is asked after sensitive params are taken out; make it optional there";
}

function changeableProblem(
  path: string,
  { phase, schema, sensitive }: Readonly<Record<"phase" | "schema" | "sensitive", unknown>>,
): string | undefined {
  if (phase !== "pre") return "only hooks change params, and only before the operation: phase must be pre";
  const segments = path.endsWith(".*") ? path.slice(0, -2).split(".") : path.split(".");
  if (!isPath(segments)) return "must be names joined by dots, with * at the end at most: attributes.*";
  const hidden: readonly unknown[] = Array.isArray(sensitive) ? sensitive : [];
  if (hidden.some((other) => typeof other === "string" && `${path}.`.startsWith(`${other}.`))) {
    return "is sensitive: hooks do not see it, and can't change it";
  }
  return hasPlace(schema, segments) ? undefined : "is not a property that the schema has a place for";
}

function isPath(segments: readonly string[]): boolean {
  return segments.every((segment) => segment !== "" && segment !== "__proto__" && !segment.includes("*"));
}

/** The schemas of the elements too: paths go through lists. */
function propertyOf(schema: unknown, name: string): unknown {
  const within = isRecord(schema) && isRecord(schema["items"]) ? schema["items"] : schema;
  const named = isRecord(within) ? within["properties"] : undefined;
  return isRecord(named) && Object.hasOwn(named, name) ? named[name] : undefined;
}

function isRequired(schema: unknown, [head = "", ...rest]: readonly string[]): boolean {
  const within = isRecord(schema) && isRecord(schema["items"]) ? schema["items"] : schema;
  if (!isRecord(within)) return false;
  if (rest.length > 0) return isRequired(propertyOf(within, head), rest);
  return Array.isArray(within["required"]) && within["required"].includes(head);
}

/** Only what is plainly impossible is found: patches are checked against the whole schema anyway. */
function hasPlace(schema: unknown, [head, ...rest]: readonly string[]): boolean {
  if (head === undefined || !isRecord(schema)) return true;
  const property = propertyOf(schema, head);
  if (property !== undefined) return hasPlace(property, rest);
  return schema["additionalProperties"] !== false || schema["patternProperties"] !== undefined;
}
