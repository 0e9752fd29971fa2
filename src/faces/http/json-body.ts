import type { FastifyInstance, FastifyRequest } from "fastify";
import { SignalboxError } from "../../errors.ts";
import { textOfBody } from "./charset.ts";
import { tooMuchJson } from "./json-shape.ts";

/** Bodies in JSON; an empty one is none. */

/** Characters that are parsed and worked on in one turn of the loop. */
const longInOneTurn = 32_768;

/** @throws SignalboxError `invalid_request` for what is no JSON, and for names that could change what objects are. */
export type ReadJson = (request: FastifyRequest, text: string) => Promise<unknown>;

export function jsonReader(app: FastifyInstance): ReadJson {
  const parse = app.getDefaultJsonParser("error", "error");
  return (request, text) =>
    new Promise((resolve, reject) => {
      if (text === "") return resolve(undefined);
      const tooMuch = tooMuchJson(text);
      if (tooMuch !== undefined) return reject(new SignalboxError("invalid_request", `the body ${tooMuch}`));
      void parse(request, text, (error, value) => {
        if (error === null && holdsHalfCharacter(text, value)) {
          const message = "the body holds half a character: \\ud800 to \\udfff come in pairs only";
          return reject(new SignalboxError("invalid_request", message));
        }
        const inexact = error === null ? inexactNumber(text) : undefined;
        if (inexact !== undefined) {
          const message = `the body has the number ${inexact}, which cannot be kept exactly: send it as a string`;
          return reject(new SignalboxError("invalid_request", message));
        }
        // What is done with much comes in a turn of its own.
        if (error === null && text.length > longInOneTurn) setImmediate(() => resolve(value));
        else if (error === null) resolve(value);
        else reject(new SignalboxError("invalid_request", `the body is not JSON: ${jsonProblem(text)}`));
      });
    });
}

/** In place of whatever the server would read otherwise. */
export function readJsonOnly(app: FastifyInstance): void {
  const read = jsonReader(app);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ["application/json", "application/merge-patch+json"],
    { parseAs: "buffer" },
    async (request: FastifyRequest, body: Buffer) => read(request, textOfBody(body, request.headers)),
  );
}

/** The same of media types that are JSON in a form of their own, for the routes that take them. */
export function readJsonForms(app: FastifyInstance, types: readonly string[]): void {
  if (types.length === 0) return;
  const read = jsonReader(app);
  app.addContentTypeParser([...types], { parseAs: "buffer" }, async (request: FastifyRequest, body: Buffer) => {
    const type = request.headers["content-type"];
    if (request.routeOptions.config.takes?.includes(mediaTypeOf(type)) !== true) {
      throw new SignalboxError("unsupported_media_type", "the body must be sent as application/json here");
    }
    return read(request, textOfBody(body, request.headers));
  });
}

/** In small letters, without parameters. */
export function mediaTypeOf(contentType = ""): string {
  return contentType.split(";", 1).join("").trim().toLowerCase();
}

/** Half of a pair of surrogates, which an escape can say and UTF-8 cannot: it would be kept as another character. */
function holdsHalfCharacter(text: string, value: unknown): boolean {
  if (!/\\u[dD][89a-fA-F]/.test(text)) return false;
  const left: unknown[] = [value];
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    if (typeof part === "string") {
      if (!part.isWellFormed()) return true;
    } else if (Array.isArray(part)) {
      for (const inner of part) left.push(inner);
    } else if (typeof part === "object" && part !== null) {
      for (const [name, inner] of Object.entries(part)) left.push(name, inner);
    }
  }
  return false;
}

/** Digits that a message repeats. */
const shownDigits = 40;

/**
 * The first integer that would be kept as another one, or number that is too large to be one at all. Walks through valid JSON: some
 * milliseconds for the longest body.
 */
function inexactNumber(text: string): string | undefined {
  // So long, or with such an exponent, are few numbers.
  if (!/\d{16}|\d[eE]\+?\d{2}/.test(text)) return undefined;
  for (let at = 0; at < text.length; at += 1) {
    if (text.charAt(at) === '"') at = endOfString(text, at);
    else if (inNumber(text.charCodeAt(at))) {
      const from = at;
      while (inNumber(text.charCodeAt(at + 1))) at += 1;
      // Of `true`, `false` and null nothing is in a number but the letter e.
      const number = text.slice(from, at + 1);
      if (number !== "e" && !isExact(number))
        return number.length > shownDigits ? `${number.slice(0, shownDigits)}…` : number;
    }
  }
  return undefined;
}

/** Where the string that begins at `from` has its closing quote. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); ; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charAt(at - 1 - backslashes) === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
}

/** Digits, `+`, `-`, `.`, `e` and `E`. */
const inNumber = (code: number): boolean =>
  (code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46 || code === 69 || code === 101;

function isExact(number: string): boolean {
  const value = Number(number);
  return Number.isSafeInteger(value) || (/^-?\d+$/.test(number) ? isKept(number, value) : Number.isFinite(value));
}

const isKept = (digits: string, value: number): boolean => Number.isFinite(value) && BigInt(digits) === BigInt(value);

function jsonProblem(body: string): string {
  try {
    JSON.parse(body);
  } catch (thrown) {
    // The engine's message repeats a piece of the body, which may hold a secret; only the place is reported.
    const [, line, column] = /line (\d+) column (\d+)/.exec(String(thrown)) ?? [];
    return line === undefined
      ? "it ends too early or holds something else"
      : `see line ${line}, column ${column ?? ""}`;
  }
  return "the names __proto__ and constructor are not allowed in it";
}
