import { defined } from "../../../domain/defined.ts";
import { fieldsText, fieldsWithin } from "../../../domain/path.ts";
import { type FieldError, SignalboxError } from "../../../errors.ts";
import type { ReceivedEvent } from "../../../platform/host/receive.ts";

/** One CloudEvent 1.0 from its attributes and its data, in whichever form it came. */

export const longestAttribute = 1_024;
export const longestUser = 256;
const mostAttributes = 64;
/** What a refusal tells of. */
const mostTold = 20;

/** A CloudEvent as JSON has it: what is `null` is not there. */
export type JsonEvent = Readonly<Record<string, unknown>>;

/**
 * @param at where it stands in the request.
 * @param nameOf how an attribute is called there.
 * @throws SignalboxError `invalid_request` with every attribute that is wrong.
 */
export function readCloudEvent(
  said: JsonEvent,
  at: string,
  nameOf = (attribute: string): string => attribute,
): ReceivedEvent {
  const wrong: FieldError[] = [];
  const refuse = (name: string, message: string): void => void wrong.push({ path: nameOf(name), message });
  const names = Object.keys(said);
  if (names.length > mostAttributes) {
    throw refusal(at, [{ path: "", message: `must have at most ${mostAttributes} attributes` }]);
  }
  const attributes = new Map<string, string>();
  for (const name of names) {
    const value = said[name];
    if (name === "data" || value === null || value === undefined) continue;
    const problem = problemOf(name, value);
    if (problem === undefined) attributes.set(name, `${value as string | number | boolean}`);
    else refuse(name.slice(0, 64), problem);
  }
  const refused = new Set(wrong.map(({ path }) => path));
  for (const name of ["specversion", "id", "source", "type"]) {
    if (!attributes.has(name) && !refused.has(nameOf(name))) refuse(name, "is required");
  }
  if (wrong.length > 0) throw refusal(at, wrong);
  const { data } = said;
  const text = (name: string): string => attributes.get(name) ?? "";
  const [subject, user] = [attributes.get("subject"), attributes.get("user")];
  return {
    id: text("id"),
    source: text("source"),
    type: text("type"),
    ...defined({ subject, user, data: data ?? undefined }),
  };
}

function refusal(at: string, wrong: readonly FieldError[]): SignalboxError {
  const fields = fieldsWithin(at, wrong.slice(0, mostTold));
  return new SignalboxError("invalid_request", fieldsText(fields), { fields });
}

/** What is wrong with an attribute. */
function problemOf(name: string, value: unknown): string | undefined {
  if (name === "data_base64") return "is for data that is not JSON, which no event here has: send data";
  if (!/^[a-z0-9]{1,64}$/.test(name)) return "is no name of an attribute: these are 1 to 64 of a–z and 0–9";
  if (Object.hasOwn(texts, name)) {
    if (typeof value !== "string" || value === "") return "must be a text that is not empty";
    if (value.length > longestAttribute) return `must have at most ${longestAttribute} characters`;
    return texts[name]?.(value);
  }
  if (typeof value === "boolean") return undefined;
  if (typeof value === "number") return isInteger(value) ? undefined : "must be a whole number of 32 bits";
  if (typeof value !== "string") return "must be a text, a whole number, or true or false";
  return value.length > longestAttribute ? `must have at most ${longestAttribute} characters` : undefined;
}

function isInteger(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
}

/** Of the attributes whose meaning is known. */
const texts: Readonly<Record<string, (value: string) => string | undefined>> = {
  specversion: (value) => (value === "1.0" ? undefined : 'must be "1.0"'),
  id: () => undefined,
  source: (value) =>
    isUriReference(value) ? undefined : "must be a URI reference, such as /orders or https://example.com/orders",
  type: () => undefined,
  subject: () => undefined,
  user: (value) => (value.length > longestUser ? `must have at most ${longestUser} characters` : undefined),
  time: (value) => (isInstant(value) ? undefined : "must be an instant such as 2026-11-20T10:30:00Z"),
  dataschema: (value) => (isUriReference(value) ? undefined : "must be a URI"),
  datacontenttype: (value) => (isJson(value) ? undefined : "must be application/json: the data of events is JSON"),
};

/** Nothing that a URI writes as `%20` and the like. */
function isUriReference(text: string): boolean {
  return !/[\s\p{Cc}<>"{}|\\^`]/u.test(text);
}

function isInstant(text: string): boolean {
  const form = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
  return form.test(text) && !Number.isNaN(Date.parse(text.toUpperCase()));
}

function isJson(mediaType: string): boolean {
  const [type = ""] = mediaType.split(";", 1);
  return /^(?:(?:application|text)\/json|[^/\s]+\/[^/\s]+\+json)$/i.test(type.trim());
}
