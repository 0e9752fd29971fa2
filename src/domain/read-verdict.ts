import { didYouMean } from "./did-you-mean.ts";
import { isJsonObject, type JsonObject } from "./merge-patch.ts";
import { fieldsText, fieldsWithin } from "./path.ts";
import { plainJson } from "./plain-json.ts";
import { readDenial, readReturnedError } from "./read-refusal.ts";
import type { Allowance, NoVerdict, ReadVerdict } from "./verdict.ts";

/** Of a patch as JSON. No deeper than what it is to change. */
const patchLimits = { maxBytes: 65_536, maxDepth: 32 };

const forms = 'return { decision: "allow", patch } to change something, or { decision: "deny", message } to refuse';
const knownOfAllow = ["decision", "patch"];

/**
 * See {@link ReadVerdict}. A `decision` says what it says, in any case of letters; what has none refuses when it is an error in one of the shapes
 * in which functions return errors, and otherwise allows. Texts for callers are made plain: one line, without characters that print
 * nothing or turn the line round.
 */
export const readVerdict: ReadVerdict = (returned) => {
  if (isJsonObject(returned) && Object.hasOwn(returned, "decision")) return decided(returned);
  const error = readReturnedError(returned);
  if (error !== undefined) return error;
  if (isJsonObject(returned) && Object.hasOwn(returned, "patch")) {
    return { problem: `returned a patch without a decision: ${forms}` };
  }
  return { decision: "allow" };
};

function decided(returned: JsonObject): ReturnType<ReadVerdict> {
  const { decision } = returned;
  switch (typeof decision === "string" ? decision.trim().toLowerCase() : undefined) {
    case "allow":
      return allowed(returned);
    case "deny":
      return readDenial(returned);
    default:
      return { problem: `returned a decision that is neither "allow" nor "deny": ${forms}`, undecided: true };
  }
}

function allowed(returned: JsonObject): Allowance | NoVerdict {
  const { patch } = returned;
  const unknown = Object.keys(returned).find((key) => !knownOfAllow.includes(key));
  const notes =
    unknown === undefined
      ? {}
      : { notes: [`${unknown.slice(0, 64)} is not a known property.${didYouMean(unknown, knownOfAllow)}`] };
  if (patch === undefined) return { decision: "allow", ...notes };
  if (!isJsonObject(patch)) {
    return { problem: "patch must be a JSON object: what is to change, null for what is to be taken away" };
  }
  const plain = plainJson(patch, patchLimits);
  if (plain.kind === "refused") return { problem: fieldsText(fieldsWithin("patch", plain.fields)) };
  return { decision: "allow", patch, ...notes };
}
