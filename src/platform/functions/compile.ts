import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CodeProblem, lineEnd, readMessages } from "./code-problem.ts";

/**
 * Code as it was uploaded → code that runs, by esbuild. Each run is a process of its own with bounds on memory and time: a quarter
 * of a megabyte of `!` takes esbuild a gigabyte and then its life, which a service that is shared would not survive.
 */

export type Language = "javascript" | "typescript";

export interface Uploaded {
  /** Shown in places: `welcome.ts`. Of `a-z`, `0-9`, `-` and `.` alone. */
  readonly file: string;
  readonly source: string;
  readonly language: Language;
}

interface Compiled {
  readonly js: string;
  /** From `js` to the source; absent when they are the same. */
  readonly map?: string;
}

export type CompileResult =
  | { readonly kind: "ok"; readonly compiled: Compiled; readonly warnings: readonly CodeProblem[] }
  | { readonly kind: "refused"; readonly problems: readonly CodeProblem[] };

/** Of one process. Go sets two thirds of it aside without using it. */
const addressSpaceKib = 1_048_576;
const cpuSeconds = 2;
const wallMs = 10_000;
/** Of what runs, map included: some constructs say much in few words. */
const longestOutput = 2 ** 23;
const longestStderr = 65_536;

const base = ["--format=esm", "--color=false", "--log-limit=20"];

/** JavaScript stays as it is, but must parse; TypeScript becomes JavaScript, with a map. */
export async function compile({ file, source, language }: Uploaded): Promise<CompileResult> {
  const loader = language === "typescript" ? "ts" : "js";
  const run = await esbuild(source, [
    ...base,
    `--loader=${loader}`,
    `--sourcefile=${file}`,
    "--target=es2024",
    "--log-level=warning",
    ...mapped,
  ]);
  const said = readMessages(source, run.stderr);
  if (run.kind === "failed") {
    const problems = said.filter(({ severity }) => severity === "error");
    return { kind: "refused", problems: problems.length === 0 ? [uncompilable] : problems };
  }
  const compiled = language === "typescript" ? splitMap(run.stdout) : { js: source };
  const imports = await importsOf(compiled.js);
  if (imports.length === 0) return { kind: "ok", compiled, warnings: said };
  const problems = imports.slice(0, 5).map(
    (path): CodeProblem => ({
      severity: "error",
      rule: "import",
      message: `imports are not possible, so put what you need of ${JSON.stringify(path)} into the code`,
      ...placeOfImport(source, path),
    }),
  );
  return { kind: "refused", problems };
}

const uncompilable = {
  severity: "error",
  rule: "syntax",
  message: "is nested too deeply, or grows too much, to be compiled",
} as const;

const mapped = ["--sourcemap=inline", "--sources-content=false"];
const mapComment = "//# sourceMappingURL=data:application/json;base64,";

function splitMap(output: string): Compiled {
  const at = output.lastIndexOf(mapComment);
  const map = Buffer.from(output.slice(at + mapComment.length), "base64").toString();
  return { js: output.slice(0, at), map };
}

/**
 * What the code would import: there is nothing that it could. Only literals are seen; the sandbox refuses the rest. The bundler gets
 * everything as external, so that it reads no file.
 */
async function importsOf(js: string): Promise<string[]> {
  if (!/\b(?:import|require|from)\b/.test(js)) return [];
  const folder = await mkdtemp(join(tmpdir(), "signalbox-code-"));
  try {
    const metafile = join(folder, "meta.json");
    const bundle = ["--bundle", "--external:*", "--platform=neutral", "--outfile=/dev/null", `--metafile=${metafile}`];
    const run = await esbuild(js, [...base, ...bundle, "--log-level=error", "--loader=js"]);
    if (run.kind === "failed") return [];
    // Of a file that imports thousands the first is enough.
    if ((await stat(metafile)).size > longestMetafile) return [firstImport.exec(js)?.[1] ?? ""];
    const { inputs } = JSON.parse(await readFile(metafile, "utf8")) as Metafile;
    const paths = Object.values(inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    return [...new Set(paths)].filter((path) => path !== helpers);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Code that is not made of imports has one of some hundred bytes. */
const longestMetafile = 262_144;
const firstImport = /\bimport\b[^"']{0,1000}["']([^"']{1,256})/;

/** Of the bundler itself, for code that names `require` without importing anything, as many libraries do. */
const helpers = "<runtime>";

interface Metafile {
  readonly inputs: Readonly<Record<string, { readonly imports: readonly { readonly path: string }[] }>>;
}

/** The first place that looks like it: that it is imported somewhere is known. */
function placeOfImport(source: string, path: string): Pick<CodeProblem, "line" | "column" | "length"> {
  let looks = 0;
  for (const quote of ["'", '"', "`"]) {
    const quoted = `${quote}${path}${quote}`;
    for (let at = source.indexOf(quoted); at >= 0; at = source.indexOf(quoted, at + 1)) {
      looks += 1;
      if (looks > mostLooks) return {};
      if (!/\b(?:from|import|require(?:\.resolve)?)\s*\(?\s*$/.test(source.slice(Math.max(0, at - 64), at))) continue;
      const lines = source.slice(0, at).split(lineEnd);
      return { line: lines.length, column: (lines.at(-1) ?? "").length + 1, length: quoted.length };
    }
  }
  return {};
}

/** A text that is imported somewhere may stand in a thousand other places. */
const mostLooks = 1_000;

interface Run {
  readonly kind: "ok" | "failed";
  readonly stdout: string;
  readonly stderr: string;
}

const limited = `ulimit -v ${addressSpaceKib} 2>/dev/null; ulimit -t ${cpuSeconds} 2>/dev/null; exec "$0" "$@"`;

function esbuild(source: string, args: readonly string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", limited, binary(), ...args], {
      // Nothing of ours, and of a Go program that dies not the stacks of its every thread.
      env: { GOTRACEBACK: "none" },
      cwd: "/",
      timeout: wallMs,
      killSignal: "SIGKILL",
    });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        if (name === "stdout") output.stdout += chunk;
        else if (output.stderr.length < longestStderr) output.stderr += chunk;
        if (output.stdout.length > longestOutput) child.kill("SIGKILL");
      });
    }
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 126 || code === 127) return reject(new Error(`esbuild cannot be run: ${output.stderr}`));
      resolve({ kind: code === 0 ? "ok" : "failed", ...output });
    });
    // It may have ended before it has read everything.
    child.stdin.on("error", () => {});
    child.stdin.end(source);
  });
}

/** Of the package for this platform, which esbuild's own depends on. */
function binary(): string {
  const ofEsbuild = createRequire(createRequire(import.meta.url).resolve("esbuild/package.json"));
  return ofEsbuild.resolve(`@esbuild/${process.platform}-${process.arch}/bin/esbuild`);
}
