import { defined } from "./defined.ts";
import type { Json } from "./event.ts";
import { isJsonObject, type JsonObject } from "./merge-patch.ts";
import type { Denial, DeniedField } from "./verdict.ts";

/**
 * Reads how a function refuses: a denial, an error that it returned, or one that it threw. A refusal stands whatever else is wrong with it: texts
 * are cut, what cannot be used is left out and noted.
 */

const longestMessage = 500;
const longestPath = 256;
const mostFields = 50;
/** Enough to see what is wrong. */
const mostNotes = 10;
const codeForm = /^[\w.:-]{1,64}$/;
const known: ReadonlySet<string> = new Set(["decision", "message", "code", "fields"]);

/** `{ decision: "deny", message, code?, fields? }`. */
export function readDenial(returned: JsonObject): Denial {
  const notes: string[] = [];
  for (const name of Object.keys(returned)) {
    if (!known.has(name)) note(notes, `${name.slice(0, 64)} is not a known property of a denial`);
  }
  return refusal(returned, { messages: [returned["message"]], fields: returned["fields"], notes });
}

/**
 * An error in one of the shapes in which functions return errors: `{ error }`, `{ errors }`, `{ status: "error", message }`,
 * `{ success: false, message }`, `false`. `undefined` when it is none.
 */
export function readReturnedError(returned: Json): Denial | undefined {
  if (returned === false) return { decision: "deny", message: "it returned false", error: "returned" };
  if (!isJsonObject(returned)) return undefined;
  const { error, errors, status, success } = returned;
  const isError =
    says(error) ||
    says(errors) ||
    success === false ||
    (typeof status === "string" && status.toLowerCase() === "error");
  if (!isError) return undefined;
  const inner = isJsonObject(error) ? error : {};
  const messages = [returned["message"], error, inner["message"], returned["detail"], firstText(errors)];
  const fields = [returned["fields"], errors, inner["fields"], inner["errors"]].find(says);
  const { code: ownCode = inner["code"] } = returned;
  const refused = refusal({ code: ownCode ?? null }, { messages, fields, notes: [] });
  return { ...refused, error: "returned" };
}

/** @param thrown as it left the function: its message, and its `fields` or `errors`. */
export function readThrownError(thrown: { readonly message: string; readonly fields?: Json }): Denial {
  const refused = refusal({ code: null }, { messages: [thrown.message], fields: thrown.fields, notes: [] });
  return { ...refused, error: "thrown" };
}

interface Parts {
  /** The first that is a text is the message. */
  readonly messages: readonly (Json | undefined)[];
  readonly fields: Json | undefined;
  readonly notes: string[];
}

function refusal({ code }: JsonObject, { messages, fields, notes }: Parts): Denial {
  const kept = fields === undefined || fields === null ? undefined : readFields(fields, notes);
  const given = messages.map((message) => plainText(message, longestMessage)).find((text) => text !== undefined);
  const message = given ?? fieldsAsText(kept);
  if (given?.cut === true) note(notes, `message was cut: callers get ${longestMessage} characters`);
  if (message === undefined) note(notes, "there was no message for the caller");
  const isCode = typeof code === "string" && codeForm.test(code);
  if (code !== undefined && code !== null && !isCode) {
    note(notes, "code was left out: it must be 1 to 64 of A–Z, a–z, 0–9, _, ., : and -");
  }
  return {
    decision: "deny",
    message: message?.text ?? "it gave no reason",
    ...(isCode ? { code } : {}),
    ...defined({ fields: kept }),
    ...(notes.length === 0 ? {} : { notes }),
  };
}

/** Whether a value of a shape of errors says that there is one: `error: null` and `errors: []` do not. */
function says(value: Json | undefined): value is Json {
  if (value === undefined || value === null || value === false || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/** A list of `{ path, message, code? }` (`field` and `error` are understood), or an object of messages by path. */
function readFields(fields: Json, notes: string[]): readonly DeniedField[] {
  const entries: readonly (readonly [path: Json | undefined, message: Json | undefined, code?: Json | undefined])[] =
    Array.isArray(fields)
      ? (fields as readonly Json[]).flatMap((field) =>
          isJsonObject(field)
            ? [[field["path"] ?? field["field"], field["message"] ?? field["error"], field["code"]] as const]
            : [],
        )
      : isJsonObject(fields)
        ? Object.entries(fields)
        : [];
  const kept = entries.slice(0, mostFields).flatMap(([path, message, code]): DeniedField[] => {
    const at = plainText(path, longestPath);
    const text = plainText(Array.isArray(message) ? textsOf(message).join("; ") : message, longestMessage);
    if (at === undefined || text === undefined) return [];
    const isCode = typeof code === "string" && codeForm.test(code);
    return [{ path: at.text, message: text.text, ...(isCode ? { code } : {}) }];
  });
  const count = Array.isArray(fields) ? fields.length : entries.length;
  if (kept.length < count || (count === 0 && !Array.isArray(fields))) {
    note(notes, `of fields, ${kept.length} were kept: at most ${mostFields}, each with a path and a message`);
  }
  return kept;
}

function firstText(errors: Json | undefined): Json | undefined {
  if (!Array.isArray(errors)) return errors;
  return (errors as readonly Json[]).map(messageOf).find(says);
}

/** Several messages of one path. What is no text is not made one: an object may say of itself, under `toString`, how not to. */
function textsOf(messages: readonly Json[]): readonly string[] {
  return messages.map(messageOf).filter((text) => typeof text === "string");
}

const messageOf = (one: Json): Json | undefined => (isJsonObject(one) ? one["message"] : one);

function fieldsAsText(fields: readonly DeniedField[] | undefined): Plain | undefined {
  const [first] = fields ?? [];
  return first === undefined ? undefined : plainText(`${first.path}: ${first.message}`, longestMessage);
}

function note(notes: string[], text: string): void {
  if (notes.length < mostNotes) notes.push(text);
}

interface Plain {
  readonly text: string;
  readonly cut: boolean;
}

/** Control characters, line and paragraph separators, and what changes the direction of text. */
const unprintable = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** One line of at most `longest` characters. `undefined`: no text, or nothing that could be printed. */
function plainText(value: Json | undefined, longest: number): Plain | undefined {
  if (typeof value !== "string") return undefined;
  // A text of megabytes is not looked through: a character takes two units at most, and some are taken out.
  const start = value.slice(0, 8 * longest);
  const text = start.toWellFormed().replaceAll(unprintable, " ").trim();
  const characters = Array.from(text);
  if (characters.length === 0) return undefined;
  const cut = characters.length > longest || start.length < value.length;
  return {
    text: cut
      ? `${characters
          .slice(0, longest - 1)
          .join("")
          .trimEnd()}…`
      : text,
    cut,
  };
}
