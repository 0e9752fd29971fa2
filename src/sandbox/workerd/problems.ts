import type { LoadProblem, SandboxFailure, SandboxResult } from "../sandbox.ts";

/** A call that did not end with a value. */
export type FailedCall = Extract<SandboxResult["outcome"], { readonly kind: "failed" }>;

export const isFailed = (got: object): got is FailedCall => "reason" in got;

/** A failure that is not the function's own. */
export function failedCall(reason: SandboxFailure, message: string): FailedCall {
  return { kind: "failed", reason, error: { name: "SandboxError", message } };
}

/** Stacks as users know them: without what called their function. */
export function shimFree(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => !/^\s+at .*\b(?:shim|first|answer-lines|format|inspect)\.js:\d+:\d+\)?$/.test(line))
    .join("\n");
}

/** What workerd says of a `fetch` of a function that lists no host. */
const noNetwork = /This worker is not permitted to access the internet[^\n]*/g;

export const inOurWords = (text: string): string =>
  text.replace(noNetwork, "the function lists no host that it may fetch from");

const globalScope = "Disallowed operation called within global scope";
const outsideOnly =
  "fetch, timers and random values are for the function itself: its module cannot use them while it is loaded";

/** Reads what workerd says of code that does not load: `Uncaught TypeError: text`, then lines of places. */
export function loadProblem(output: string): LoadProblem & { readonly name: string } {
  const lines = output.split("\n");
  const start = lines.findIndex((line) => line.startsWith("Uncaught "));
  const rest = lines.slice(Math.max(0, start));
  const places = rest.findIndex((line) => /^\s+at /.test(line));
  const text = rest
    .slice(0, places < 0 ? rest.length : places)
    .join("\n")
    .replace(/^Uncaught /, "");
  const [, name = "Error", message = text] = /^([A-Z]\w*): (.*)$/s.exec(text) ?? [];
  const [, line, column] = /^\s+at (?:.*\()?function\.js:(\d+):(\d+)/.exec(rest[places] ?? "") ?? [];
  // Of what cannot be parsed workerd counts columns from 0, of what is thrown from 1.
  const first = name === "SyntaxError" && !message.includes("JSON") ? 1 : 0;
  const place = line === undefined ? {} : { line: Number(line), column: Number(column) + first };
  const missing = /^No such module "([^"]*)"/.exec(message)?.[1];
  if (missing !== undefined)
    return { name, message: `it imports "${missing}", and a function can import nothing`, ...place };
  return { name, message: message.startsWith(globalScope) ? outsideOnly : message, ...place };
}
