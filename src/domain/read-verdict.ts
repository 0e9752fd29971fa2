import { didYouMean } from "../did-you-mean.ts";
import type { Json } from "./event.ts";
import { isJsonObject, type JsonObject } from "./merge-patch.ts";
import { fieldsText, fieldsWithin } from "./path.ts";
import { plainJson } from "./plain-json.ts";
import type { DeniedField, ReadVerdict, Verdict } from "./verdict.ts";

/** Of a patch as JSON. No deeper than what it is to change. */
const patchLimits = { maxBytes: 65_536, maxDepth: 32 };
const longestMessage = 500;
const longestPath = 256;
const mostFields = 50;
const codeForm = /^[\w.:-]{1,64}$/;

const forms = 'return nothing or true to allow, { decision: "allow", patch } or { decision: "deny", message }';

/** See {@link ReadVerdict}. Texts for callers are made plain: one line, without characters that print nothing or turn the line round. */
export const readVerdict: ReadVerdict = (returned) => {
  if (returned === null || returned === true) return { decision: "allow" };
  if (returned === false) {
    return 'returned false, which says nothing to the caller: to refuse, return { decision: "deny", message: "why" }';
  }
  if (!isJsonObject(returned)) return `returned ${kindOf(returned)}: ${forms}`;
  switch (returned["decision"]) {
    case "allow":
      return unknown(returned, ["decision", "patch"]) ?? allowed(returned);
    case "deny":
      return unknown(returned, ["decision", "message", "code", "fields"]) ?? denied(returned);
    default:
      return `returned an object whose decision is neither "allow" nor "deny": ${forms}`;
  }
};

function kindOf(returned: Exclude<Json, null>): string {
  if (Array.isArray(returned)) return "a list";
  return typeof returned === "string" ? "a text" : `a ${typeof returned}`;
}

function unknown(object: JsonObject, known: readonly string[], prefix = ""): string | undefined {
  const name = Object.keys(object).find((key) => !known.includes(key));
  if (name === undefined) return undefined;
  return `${prefix}${name.slice(0, 64)} is not a known property.${didYouMean(name, known)}`;
}

function allowed({ patch }: JsonObject): Verdict | string {
  if (patch === undefined) return { decision: "allow" };
  if (!isJsonObject(patch)) return "patch must be a JSON object: what is to change, null for what is to be taken away";
  const plain = plainJson(patch, patchLimits);
  if (plain.kind === "refused") return fieldsText(fieldsWithin("patch", plain.fields));
  return { decision: "allow", patch };
}

function denied({ message, code, fields }: JsonObject): Verdict | string {
  const text = plainText(message, longestMessage);
  if (text === undefined) return `message must be a text of 1 to ${longestMessage} characters, for whoever is refused`;
  if (code !== undefined && !isCode(code)) return codeRule;
  const told = fields === undefined ? [] : deniedFields(fields);
  if (typeof told === "string") return told;
  return {
    decision: "deny",
    message: text,
    ...(code === undefined ? {} : { code }),
    ...(fields === undefined ? {} : { fields: told }),
  };
}

const codeRule = "code must be 1 to 64 of A–Z, a–z, 0–9, _, ., : and -";

function isCode(code: Json): code is string {
  return typeof code === "string" && codeForm.test(code);
}

function deniedFields(fields: Json): readonly DeniedField[] | string {
  const wanted = `fields must be a list of at most ${mostFields} objects with path and message`;
  if (!Array.isArray(fields) || fields.length > mostFields) return wanted;
  const told: DeniedField[] = [];
  for (const [index, field] of (fields as readonly Json[]).entries()) {
    if (!isJsonObject(field)) return wanted;
    const at = `fields[${index}].`;
    const problem = unknown(field, ["path", "message", "code"], at);
    if (problem !== undefined) return problem;
    const { code } = field;
    const path = plainText(field["path"], longestPath);
    const message = plainText(field["message"], longestMessage);
    if (path === undefined) return `${at}path must be a text of 1 to ${longestPath} characters`;
    if (message === undefined) return `${at}message must be a text of 1 to ${longestMessage} characters`;
    if (code !== undefined && !isCode(code)) return `${at}${codeRule}`;
    told.push({ path, message, ...(code === undefined ? {} : { code }) });
  }
  return told;
}

/** Control characters, line and paragraph separators, and what changes the direction of text. */
const unprintable = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** `undefined`: no text, an empty one, or too long a one. */
function plainText(value: Json | undefined, longest: number): string | undefined {
  // Four times as many units can't be few enough characters, whatever is taken out is no excuse.
  if (typeof value !== "string" || value.length > 4 * longest) return undefined;
  const text = value.toWellFormed().replaceAll(unprintable, " ").trim();
  const { length } = Array.from(text);
  return length >= 1 && length <= longest ? text : undefined;
}
