import { type TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { Settings } from "typebox/system";
import { didYouMean } from "../../domain/did-you-mean.ts";
import { limitSentence, typeName } from "../../domain/schema/limit-sentence.ts";
import { type FieldError, invalidField, SignalboxError } from "../../errors.ts";

/** What is wrong with a request, from a schema: one sentence for each field, with the remedy. */

interface SchemaError {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: unknown;
  readonly message: string;
}

/** The JSON-schema keywords that sentences are made of. */
interface Keywords {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Keywords[];
  readonly properties?: Readonly<Record<string, Keywords>>;
  /** Ours: what to say when `pattern` does not fit. */
  readonly "x-remedy"?: string;
  /** Ours, of an alternative: the property by which it is told from the others. One without it is meant where none of those fits. */
  readonly "x-told-by"?: string;
}

const mostProblems = 20;
const mostErrors = 512;

/**
 * A check of values against `schema`; throws `invalid_request` with everything that is wrong. The schema is compiled for the first value:
 * to compile those of all routes takes 30 ms of each start.
 */
export function checker(schema: TSchema): (value: unknown) => void {
  // Eight by default, which may leave out those that say which alternative of a union was meant.
  Settings.Set({ maxErrors: mostErrors });
  let compiled: Validator | undefined;
  return (value) => {
    compiled ??= Compile(schema);
    if (compiled.Check(value)) return;
    const few = withFew(schema, value);
    // What is wrong may lie in what was left out.
    const errors = compiled.Errors(few);
    const shown = errors.length > 0 ? problems(schema, few, errors) : problems(schema, value, compiled.Errors(value));
    throw new SignalboxError("invalid_request", shown.map(({ path, message }) => `${path}: ${message}`).join("; "), {
      fields: shown,
    });
  };
}

/** Entries of one object or array that are searched for problems: more than are reported. */
const mostEntries = 1_000;
const mostUnknown = 2 * mostProblems;

/** The value, but of what is much in it, objects with unknown properties and long arrays, the beginning. */
function withFew(schema: Keywords, value: unknown, at = ""): unknown {
  if (Array.isArray(value)) return value.length <= mostEntries ? value : value.slice(0, mostEntries);
  if (!isRecord(value)) return value;
  const known = new Map(alternativesOf(schema).flatMap(({ properties }) => Object.entries(properties ?? {})));
  const entries = Object.entries(value);
  if (known.size === 0 && entries.length > mostEntries) {
    const message = `must have at most ${mostEntries} entries: something is wrong with one of these ${entries.length}`;
    throw invalidField(shownPath(at), message);
  }
  let unknown = 0;
  const kept = entries.filter(([name]) => known.has(name) || (unknown += 1) <= mostUnknown);
  return Object.fromEntries(kept.map(([name, part]) => [name, withFew(known.get(name) ?? {}, part, `${at}/${name}`)]));
}

function alternativesOf(schema: Keywords): readonly Keywords[] {
  return [schema, ...(schema.anyOf ?? []).flatMap(alternativesOf)];
}

/** The first {@link mostProblems}. */
function problems(schema: Keywords, value: unknown, errors: readonly SchemaError[]): FieldError[] {
  const unions = errors.filter((error) => error.keyword === "anyOf");
  const found = new Map<string, FieldError>();
  for (const error of errors) {
    if (found.size >= mostProblems) break;
    const inside = unions.filter((union) => error.schemaPath.startsWith(`${union.schemaPath}/anyOf/`));
    const meant = inside.every((union) => {
      const branch = meantBranch(keywordsAt(schema, union.schemaPath), valueAt(value, union.instancePath));
      return branch !== undefined && isWithin(error.schemaPath, `${union.schemaPath}/anyOf/${branch}`);
    });
    const fields = meant ? sentences(schema, value, error) : [];
    for (const field of fields) found.set(`${field.path}\n${field.message}`, field);
  }
  return [...found.values()].slice(0, mostProblems);
}

function isWithin(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}/`);
}

/** Which alternative of a union was meant: the only one that is not null, the one with the value's `type`, or the one that is told by a property. */
function meantBranch({ anyOf = [] }: Keywords, value: unknown): number | undefined {
  const candidates = anyOf.flatMap((branch, index) => (branch.type === "null" ? [] : [{ branch, index }]));
  if (candidates.length === 1) return candidates[0]?.index;
  const type = isRecord(value) ? value["type"] : undefined;
  const ofType = candidates.find(({ branch }) => type !== undefined && branch.properties?.["type"]?.const === type);
  return (ofType ?? toldByProperty(candidates, value))?.index;
}

interface Candidate {
  readonly branch: Keywords;
  readonly index: number;
}

function toldByProperty(candidates: readonly Candidate[], value: unknown): Candidate | undefined {
  const has = (name: string | undefined): boolean =>
    name !== undefined && isRecord(value) && Object.hasOwn(value, name);
  if (candidates.every(({ branch }) => branch["x-told-by"] === undefined)) return undefined;
  const told = candidates.find(({ branch }) => has(branch["x-told-by"]));
  return told ?? candidates.find(({ branch }) => branch["x-told-by"] === undefined);
}

function sentences(schema: Keywords, value: unknown, error: SchemaError): FieldError[] {
  const { keyword, instancePath } = error;
  const params = error.params as Readonly<Record<string, unknown>>;
  const at = keywordsAt(schema, error.schemaPath);
  const path = shownPath(instancePath);
  const within = (name: string): string => (instancePath === "" ? name : `${path}.${name}`);
  switch (keyword) {
    case "required":
      return strings(params["requiredProperties"]).map((name) => ({ path: within(name), message: "is required" }));
    // One for each unknown property; "additionalProperties" then says the same of all together.
    case "boolean": {
      const known = keywordsAt(schema, error.schemaPath.replace(/\/additionalProperties$/, "")).properties ?? {};
      const name = segments(instancePath).at(-1) ?? "";
      return [{ path: path.slice(0, 128), message: `is not a known property.${didYouMean(name, Object.keys(known))}` }];
    }
    case "additionalProperties":
      return [];
    case "anyOf": {
      const message = unionMessage(at, valueAt(value, instancePath));
      return message === undefined ? [] : [{ path, message }];
    }
    case "const":
      return [{ path, message: `must be ${JSON.stringify(params["allowedValue"])}` }];
    case "enum":
      return [{ path, message: oneOf(at.enum ?? [], valueAt(value, instancePath)) }];
    default:
      return [{ path, message: simpleSentence(keyword, params, at) ?? error.message }];
  }
}

/** What one keyword with one number or name says. */
function simpleSentence(keyword: string, params: Readonly<Record<string, unknown>>, at: Keywords): string | undefined {
  switch (keyword) {
    case "type":
      return `must be ${typeName(String(params["type"]))}`;
    case "pattern":
      return at["x-remedy"] ?? "has a form that is not allowed";
    case "format":
      return "must be an instant such as 2026-11-20T10:30:00Z";
    default:
      return limitSentence(keyword, String(params["limit"]));
  }
}

/** What a union as a whole says; `undefined` when the errors of the branch that was meant say it. */
function unionMessage(union: Keywords, value: unknown): string | undefined {
  if (meantBranch(union, value) !== undefined) return undefined;
  const branches = (union.anyOf ?? []).filter((branch) => branch.type !== "null");
  const constants = branches.map((branch) => branch.const);
  if (constants.every((constant) => constant !== undefined)) return oneOf(constants, value);
  const types = branches.map((branch) => branch.properties?.["type"]?.const);
  if (types.every((type) => type !== undefined))
    return `must be an object whose type is ${types.map((type) => JSON.stringify(type)).join(" or ")}`;
  return union["x-remedy"] ?? "has none of the allowed forms";
}

function oneOf(allowed: readonly unknown[], value: unknown): string {
  const names = allowed.filter((name) => typeof name === "string");
  return `must be one of ${listed(allowed)}.${typeof value === "string" ? didYouMean(value, names) : ""}`;
}

function listed(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}

function segments(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** `/backoff/schedule_ms/0` as `backoff.schedule_ms[0]`. */
function shownPath(pointer: string): string {
  const path = segments(pointer).reduce(
    (path, segment) => (/^\d+$/.test(segment) ? `${path}[${segment}]` : `${path}${path === "" ? "" : "."}${segment}`),
    "",
  );
  return path === "" ? "body" : path;
}

function keywordsAt(schema: Keywords, pointer: string): Keywords {
  return valueAt(schema, pointer.replace(/^#/, "")) ?? {};
}

function valueAt(value: unknown, pointer: string): unknown {
  return segments(pointer).reduce<unknown>(
    (at, segment) => (isRecord(at) && Object.hasOwn(at, segment) ? at[segment] : undefined),
    value,
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}
