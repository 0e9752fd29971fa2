import { didYouMean } from "../did-you-mean.ts";
import type { Json } from "../event.ts";
import { isJsonObject } from "../merge-patch.ts";
import { formats } from "./formats.ts";
import { dialect, type Shape, types } from "./keywords.ts";

type PlainShape = Exclude<Shape, "schema" | "schemas" | "named schemas" | "schemas by pattern" | "pattern">;

/** What is wrong with the value of a keyword that takes no schemas. */
export function plainProblem(shape: PlainShape, value: Json): string | undefined {
  switch (shape) {
    case "count":
      return unless(Number.isSafeInteger(value) && Number(value) >= 0, "must be a whole number, 0 or more");
    case "number":
      return unless(typeof value === "number", "must be a number");
    case "positive":
      return unless(typeof value === "number" && value > 0, "must be a number above 0");
    case "flag":
      return unless(typeof value === "boolean", "must be true or false");
    case "values":
      return unless(Array.isArray(value) && value.length > 0, "must be a list of values, at least one");
    case "names":
      return unless(isNames(value), "must be a list of names, each once and none empty");
    case "named names":
      return unless(
        isJsonObject(value) && Object.values(value).every(isNames),
        "must be a JSON object of lists of names",
      );
    case "reference":
      return unless(typeof value === "string", "must be a string such as #/$defs/name");
    case "dialect":
      return unless(value === dialect || value === `${dialect}#`, `must be ${dialect}`);
    case "types":
      return typesProblem(value);
    case "format":
      return formatProblem(value);
    case "value":
    case "note":
      return undefined;
    default:
      return shape satisfies never;
  }
}

function unless(right: boolean, problem: string): string | undefined {
  return right ? undefined : problem;
}

/** None of them empty: where one such is all that is missing, Ajv's code takes its name for a no. */
function isNames(value: Json): boolean {
  return (
    Array.isArray(value) &&
    value.every((name) => typeof name === "string" && name !== "") &&
    new Set<Json>(value).size === value.length
  );
}

function typesProblem(value: Json): string | undefined {
  const names: readonly Json[] = Array.isArray(value) ? value : [value];
  const wrong = names.find((name) => !(types as readonly Json[]).includes(name));
  if (wrong === undefined && names.length > 0 && new Set(names).size === names.length) return undefined;
  const meant = typeof wrong === "string" ? didYouMean(wrong, types) : "";
  return `must be one of ${types.join(", ")}, or a list of them, each once.${meant}`;
}

function formatProblem(value: Json): string | undefined {
  if (typeof value === "string" && Object.hasOwn(formats, value)) return undefined;
  const meant = typeof value === "string" ? didYouMean(value, Object.keys(formats)) : "";
  return `must be one of ${Object.keys(formats).join(", ")}.${meant}`;
}
