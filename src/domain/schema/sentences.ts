import type { ErrorObject } from "ajv";
import type { FieldError } from "../../errors.ts";
import { didYouMean } from "../did-you-mean.ts";
import { pathText, type Segment } from "../path.ts";
import { shortened } from "../plain-text.ts";
import { formats } from "./formats.ts";
import { limitSentence, typeName } from "./limit-sentence.ts";
import { isRecord, type SchemaObject, type Union, unionOf, Within } from "./unions.ts";

/** What is wrong with a value, in sentences that say how to mend it: one for each place and fault. */

/** More are not read. */
const mostErrors = 512;

/** Needs errors that name their schemas (Ajv's `verbose`). `root`: the schema, in which references are found. */
export function sentences(errors: readonly ErrorObject[], root: SchemaObject, value: unknown): readonly FieldError[] {
  const read = errors.slice(0, mostErrors);
  const unions = new Map(
    read
      .filter(
        ({ keyword, params }) => keyword === "anyOf" || (keyword === "oneOf" && params["passingSchemas"] === null),
      )
      .map((error) => [error, unionOf(error, root)]),
  );
  const within = new Within(root);
  const fields = read.flatMap((error, index): readonly FieldError[] => {
    const around = read.slice(index + 1).flatMap((later) => unions.get(later) ?? []);
    if (!around.every((union) => isMeant(error, union, within))) return [];
    const union = unions.get(error);
    if (union?.meant !== undefined) return [];
    return union === undefined ? sentence(error, value) : [{ path: pathOf(error, value), message: union.sentence }];
  });
  return [...new Map(fields.map((field) => [`${field.path}\n${field.message}`, field])).values()];
}

/** Ajv tells what is wrong with each alternative before it says that none fits. */
function isMeant({ parentSchema, instancePath }: ErrorObject, { error, meant }: Union, within: Within): boolean {
  const below = instancePath === error.instancePath || instancePath.startsWith(`${error.instancePath}/`);
  if (!below || !within.has(error.schema, parentSchema)) return true;
  return meant !== undefined && within.has(meant, parentSchema);
}

function sentence(error: ErrorObject, value: unknown): readonly FieldError[] {
  const at = (...names: unknown[]): string => pathOf(error, value, names.map(String));
  const { keyword, params, parentSchema } = error;
  switch (keyword) {
    // The errors within say it.
    case "if":
      return [];
    case "required":
      return [{ path: at(params["missingProperty"]), message: "is required" }];
    case "dependentRequired":
      return [{ path: at(params["missingProperty"]), message: `is required beside ${String(params["property"])}` }];
    case "additionalProperties":
    case "unevaluatedProperties": {
      const name = String(params["additionalProperty"] ?? params["unevaluatedProperty"]);
      const known = isRecord(parentSchema?.["properties"]) ? Object.keys(parentSchema["properties"]) : [];
      return [{ path: at(name), message: `is not a known property.${didYouMean(name, known)}` }];
    }
    case "propertyNames":
      return [{ path: at(params["propertyName"]), message: "is not an allowed name" }];
    default:
      // Of a property's name: "propertyNames" says it.
      if (error.propertyName !== undefined) return [];
      return [{ path: at(), message: simpleSentence(error) ?? "has a form that is not allowed" }];
  }
}

/** What one keyword with one number or list says. */
function simpleSentence({ keyword, params, schema, data }: ErrorObject): string | undefined {
  const limit = String(params["limit"]);
  switch (keyword) {
    case "type":
      return `must be ${typeText(params["type"])}`;
    case "const":
      return `must be ${shortened(JSON.stringify(schema))}`;
    case "enum":
      return enumSentence(schema, data);
    case "exclusiveMinimum":
      return `must be greater than ${limit}`;
    case "exclusiveMaximum":
      return `must be less than ${limit}`;
    case "multipleOf":
      return `must be a multiple of ${String(params["multipleOf"])}`;
    case "items":
      return `must have at most ${limit} entries`;
    case "unevaluatedItems":
      return `must have at most ${String(params["len"])} entries`;
    case "uniqueItems":
      return "must not have the same entry twice";
    case "contains":
      return containsSentence(params);
    case "pattern":
      return `must match the pattern ${shortened(String(params["pattern"]))}`;
    case "format":
      return `must be ${(formats as Readonly<Record<string, string>>)[String(params["format"])] ?? "of another form"}`;
    case "oneOf":
      return "fits more than one of the allowed forms";
    case "false schema":
      return "is not allowed";
    default:
      return limitSentence(keyword, limit);
  }
}

function containsSentence({ minContains, maxContains }: ErrorObject["params"]): string {
  const most = maxContains === undefined ? "" : ` and at most ${String(maxContains)}`;
  return `must have at least ${String(minContains)}${most} of the wanted entries`;
}

const shownValues = 20;

function enumSentence(schema: unknown, data: unknown): string {
  const allowed: readonly unknown[] = Array.isArray(schema) ? schema : [];
  const shown = allowed.slice(0, shownValues).map((value) => shortened(JSON.stringify(value)));
  const names = allowed.filter((value) => typeof value === "string");
  const more = allowed.length > shownValues ? `, … (${allowed.length} in all)` : "";
  return `must be one of ${shown.join(", ")}${more}.${typeof data === "string" ? didYouMean(data, names) : ""}`;
}

function typeText(type: unknown): string {
  const types: readonly unknown[] = Array.isArray(type) ? type : String(type).split(",");
  return types.map((name) => typeName(String(name))).join(" or ");
}

const shownName = 128;

/** The place of an error, as people write it, and perhaps of something that it names there. */
function pathOf({ instancePath }: ErrorObject, value: unknown, below: readonly string[] = []): string {
  const segments: Segment[] = [];
  let at = value;
  for (const escaped of instancePath.split("/").slice(1)) {
    const name = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
    segments.push(Array.isArray(at) ? Number(name) : name);
    at = typeof at === "object" && at !== null && Object.hasOwn(at, name) ? (at as SchemaObject)[name] : undefined;
  }
  return pathText(
    [...segments, ...below].map((part) => (typeof part === "string" ? shortened(part, shownName) : part)),
  );
}
