import { createHash } from "node:crypto";
import { SourceMap } from "node:module";
import { SignalboxError } from "../../errors.ts";
import type { LoadProblem, Sandbox } from "../../sandbox/sandbox.ts";
import type { FunctionVersion } from "../../store/records.ts";
import type { Turns } from "../turns.ts";
import { type CodeProblem, type Compiled, compile, type Language, type Uploaded } from "./compile.ts";

/** What an upload has to pass: it must be code, it must compile, and it must load. */

export interface CodeDeps {
  readonly sandbox: Pick<Sandbox, "check">;
  readonly turns: Turns;
}

export interface CodeInput {
  readonly tenant: string;
  /** The function's, for places. */
  readonly slug: string;
  readonly source: string;
  readonly language: Language;
}

export type Prepared = Pick<FunctionVersion, "hash" | "language" | "source" | "js" | "map">;

/** In bytes. */
export const longestCode = 262_144;

/** @throws SignalboxError `invalid_request` about `code`, with file, line and column of what was uploaded. */
export async function prepareCode(deps: CodeDeps, { tenant, slug, source, language }: CodeInput): Promise<Prepared> {
  const file = `${slug}.${language === "typescript" ? "ts" : "js"}`;
  const bytes = Buffer.byteLength(source);
  if (bytes > longestCode) throw refused([`is ${bytes} bytes long; at most ${longestCode} are allowed`]);
  if (!source.isWellFormed()) throw refused(["must not hold half a character (a lone surrogate)"]);
  const compiled = await compileInTurn(deps, tenant, { file, source, language });
  const hash = codeHash(source);
  // Neither settings nor secrets: loading must not depend on them.
  const code = { id: `check.${language}.${hash}`, js: compiled.js, env: {}, egress: [] };
  const problem = await deps.sandbox.check(tenant, code);
  if (problem !== undefined) throw refused([placed(file, inSource(problem, compiled))]);
  return { hash, language, source, ...compiled };
}

/** Lower-case hex SHA-256. */
export function codeHash(source: string): string {
  return createHash("sha256").update(source).digest("hex");
}

/** One at a time, because it may take half a gigabyte for a moment, and one of each tenant, so that none waits for all of another's. */
function compileInTurn({ turns }: CodeDeps, tenant: string, uploaded: Uploaded): Promise<Compiled> {
  return turns.take(`compile ${tenant}`, () =>
    turns.take("compile", async () => {
      const result = await compile(uploaded);
      if (result.kind === "refused") throw refused(result.problems.map((problem) => placed(uploaded.file, problem)));
      return result.compiled;
    }),
  );
}

/** A problem in what runs, as one in what was uploaded. */
function inSource({ message, line, column = 1 }: LoadProblem, { map }: Compiled): CodeProblem {
  if (line === undefined) return { message };
  if (map === undefined) return { message, line, column };
  const origin = new SourceMap(JSON.parse(map)).findOrigin(line, column);
  return "lineNumber" in origin ? { message, line: origin.lineNumber, column: origin.columnNumber } : { message };
}

/** `welcome.ts:12:5: Unexpected "}"`. */
function placed(file: string, { message, line, column }: CodeProblem): string {
  return `${file}${line === undefined ? "" : `:${line}:${column ?? 1}`}: ${message}`;
}

function refused(messages: readonly string[]): SignalboxError {
  const fields = messages.map((message) => ({ path: "code", message }));
  return new SignalboxError("invalid_request", fields.map(({ message }) => `code: ${message}`).join("; "), { fields });
}
