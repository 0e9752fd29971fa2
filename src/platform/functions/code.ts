import { createHash } from "node:crypto";
import type { Context } from "../../context.ts";
import { defined } from "../../domain/defined.ts";
import { SignalboxError } from "../../errors.ts";
import { originsOf } from "../../invocation/source-map.ts";
import type { LoadProblem } from "../../sandbox/sandbox.ts";
import type { FunctionVersion } from "../../store/records.ts";
import { type CodeProblem, type Compiled, compile, type Language, type Uploaded } from "./compile.ts";

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

/** @throws SignalboxError `invalid_request` about `code`, with file, line and column of what was uploaded. */
export async function prepareCode(deps: CodeContext, { tenant, slug, source, language }: CodeInput): Promise<Prepared> {
  const file = `${slug}.${language === "typescript" ? "ts" : "js"}`;
  const bytes = Buffer.byteLength(source);
  if (bytes > longestCode) throw refused([`is ${bytes} bytes long; at most ${longestCode} are allowed`]);
  if (!source.isWellFormed()) throw refused(["must not hold half a character (a lone surrogate)"]);
  const { js, map } = await compileInTurn(deps, tenant, { file, source, language });
  const hash = codeHash(source);
  // Neither settings nor secrets: loading must not depend on them.
  const code = { id: `check.${language}.${hash}`, js, env: {}, egress: [] };
  const problem = await deps.sandbox.check(tenant, code);
  if (problem !== undefined) {
    throw refused([placed(file, await inSource(deps, tenant, { problem, map }))]);
  }
  return { hash, language, source, js, ...defined({ map }) };
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
function compileInTurn({ mutex, clock }: CodeContext, tenant: string, uploaded: Uploaded): Promise<Compiled> {
  return mutex.take(`compile ${tenant}`, () => {
    const { promise, resolve, reject } = Promise.withResolvers<Compiled>();
    let late = false;
    const cancel = clock.after(longestLineMs, () => {
      late = true;
      reject(new SignalboxError("unavailable", "too much code of others is being compiled; try again"));
    });
    const turn = mutex.take("compile", async () => {
      cancel();
      if (!late) resolve(await compiled(uploaded));
    });
    turn.catch(reject);
    return promise;
  });
}

async function compiled(uploaded: Uploaded): Promise<Compiled> {
  const result = await compile(uploaded);
  if (result.kind === "refused") throw refused(result.problems.map((problem) => placed(uploaded.file, problem)));
  return result.compiled;
}

/** A problem in what runs, as one in what was uploaded. */
async function inSource(
  { slices }: CodeContext,
  tenant: string,
  { problem: { message, line, column = 1 }, map }: { readonly problem: LoadProblem; readonly map: string | undefined },
): Promise<CodeProblem> {
  if (line === undefined) return { message };
  if (map === undefined) return { message, line, column };
  const [origin] = await slices.run(tenant, originsOf(map, [{ line, column }]));
  return { message, ...origin };
}

/** `welcome.ts:12:5: Unexpected "}"`. */
function placed(file: string, { message, line, column }: CodeProblem): string {
  return `${file}${line === undefined ? "" : `:${line}:${column ?? 1}`}: ${message}`;
}

function refused(messages: readonly string[]): SignalboxError {
  const fields = messages.map((message) => ({ path: "code", message }));
  return new SignalboxError("invalid_request", fields.map(({ message }) => `code: ${message}`).join("; "), { fields });
}
