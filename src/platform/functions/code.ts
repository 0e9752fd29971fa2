import { createHash } from "node:crypto";
import type { Context } from "../../context.ts";
import { defined } from "../../domain/defined.ts";
import { SignalboxError } from "../../errors.ts";
import { originsOf } from "../../invocation/source-map.ts";
import type { LoadProblem } from "../../sandbox/sandbox.ts";
import type { FunctionVersion } from "../../store/records.ts";
import type { CodeProblem } from "./code-problem.ts";
import { type CompileResult, compile, type Language, type Uploaded } from "./compile.ts";

/** What an upload has to pass: it must be code, it must compile, and it must load. */

type CodeContext = Pick<Context, "clock" | "mutex" | "sandbox" | "slices">;

interface CodeInput {
  readonly tenant: string;
  /** The function's, for places. */
  readonly slug: string;
  readonly source: string;
  readonly language: Language;
}

export type Prepared = Pick<FunctionVersion, "hash" | "language" | "source" | "js" | "map">;

/** In bytes: a bundle with a validator and a library of helpers has half of it. */
export const longestCode = 2 ** 20;

interface ExaminedCode {
  /** Errors first. */
  readonly problems: readonly CodeProblem[];
  /** Absent when one of them is an error. */
  readonly prepared?: Prepared;
}

/** Everything that is wrong with code, as far as can be said without running it. */
export async function examineCode(deps: CodeContext, input: CodeInput): Promise<ExaminedCode> {
  const made = await compileCode(deps, input);
  if (made.prepared === undefined) return made;
  const { prepared } = made;
  // Neither settings nor secrets: loading must not depend on them.
  const code = { id: `check.${prepared.language}.${prepared.hash}`, js: prepared.js, env: {}, egress: [] };
  const problem = await deps.sandbox.check(input.tenant, code);
  if (problem === undefined) return made;
  return { problems: [await inSource(deps, input.tenant, { problem, map: prepared.map }), ...made.problems] };
}

/** As {@link examineCode}, but for what shows only when the code is loaded: for code that is about to be run. */
export async function compileCode(
  deps: CodeContext,
  { tenant, slug, source, language }: CodeInput,
): Promise<ExaminedCode> {
  const bytes = Buffer.byteLength(source);
  if (bytes > longestCode) {
    return error({ rule: "size", message: `is ${bytes} bytes long; at most ${longestCode} are allowed` });
  }
  if (!source.isWellFormed()) {
    return error({ rule: "text", message: "must not hold half a character (a lone surrogate)" });
  }
  const result = await compileInTurn(deps, tenant, { file: fileOf({ slug, language }), source, language });
  if (result.kind === "refused") return { problems: result.problems };
  const { js, map } = result.compiled;
  return { problems: result.warnings, prepared: { hash: codeHash(source), language, source, js, ...defined({ map }) } };
}

/** @throws SignalboxError `invalid_request` about `code`, with file, line and column of what was uploaded. */
export async function prepareCode(deps: CodeContext, input: CodeInput): Promise<Prepared> {
  return acceptedCode(input, await examineCode(deps, input));
}

/** What may be run of what was examined. @throws SignalboxError `invalid_request` about `code`. */
export function acceptedCode(
  input: Pick<CodeInput, "slug" | "language">,
  { problems, prepared }: ExaminedCode,
): Prepared {
  if (prepared !== undefined) return prepared;
  const errors = problems.filter(({ severity }) => severity === "error").slice(0, mostErrors);
  const messages = errors.map((problem) => placed(fileOf(input), problem));
  const fields = messages.map((message) => ({ path: "code", message }));
  throw new SignalboxError("invalid_request", messages.map((message) => `code: ${message}`).join("; "), { fields });
}

/** More are most likely one mistake. */
const mostErrors = 5;

function error(problem: Pick<CodeProblem, "rule" | "message">): ExaminedCode {
  return { problems: [{ severity: "error", ...problem }] };
}

function fileOf({ slug, language }: Pick<CodeInput, "slug" | "language">): string {
  return `${slug}.${language === "typescript" ? "ts" : "js"}`;
}

/** Lower-case hex SHA-256. */
function codeHash(source: string): string {
  return createHash("sha256").update(source).digest("hex");
}

/** Uploads of one tenant that wait, or are looked at: each holds its code in memory. */
const uploads = { most: 8, what: "uploads of code of this tenant" } as const;
/** For so long an upload stands in line for the compiler, at the most, behind one of each other tenant. */
const longestLineMs = 20_000;

/**
 * Around all that is done for an upload.
 *
 * @throws SignalboxError `too_many_requests` when this tenant has too many under way.
 */
export function asUpload<T>({ mutex }: Pick<CodeContext, "mutex">, tenant: string, run: () => Promise<T>): Promise<T> {
  return mutex.bounded(`uploads ${tenant}`, uploads, run);
}

/** One at a time, because it may take half a gigabyte for a moment, and one of each tenant, so that none waits for all of another's. */
function compileInTurn({ mutex, clock }: CodeContext, tenant: string, uploaded: Uploaded): Promise<CompileResult> {
  return mutex.take(`compile ${tenant}`, () => {
    const { promise, resolve, reject } = Promise.withResolvers<CompileResult>();
    let late = false;
    const cancel = clock.after(longestLineMs, () => {
      late = true;
      reject(new SignalboxError("unavailable", "too much code of others is being compiled; try again"));
    });
    const turn = mutex.take("compile", async () => {
      cancel();
      if (!late) resolve(await compile(uploaded));
    });
    turn.catch(reject);
    return promise;
  });
}

/** A problem in what runs, as one in what was uploaded. */
async function inSource(
  { slices }: CodeContext,
  tenant: string,
  { problem: { message, line, column = 1 }, map }: { readonly problem: LoadProblem; readonly map: string | undefined },
): Promise<CodeProblem> {
  const known = { severity: "error", rule: "load", message } as const;
  if (line === undefined) return known;
  if (map === undefined) return { ...known, line, column };
  const [origin] = await slices.run(tenant, originsOf(map, [{ line, column }]));
  return { ...known, ...origin };
}

/** `welcome.ts:12:5: Unexpected "}"`. Of what is no matter of a place in it, the text alone. */
function placed(file: string, { rule, message, line, column }: CodeProblem): string {
  if (rule === "size" || rule === "text") return message;
  return `${file}${line === undefined ? "" : `:${line}:${column ?? 1}`}: ${message}`;
}
