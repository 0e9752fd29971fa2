import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { basename, extname, resolve } from "node:path";
import type { BuildFailure } from "esbuild";

/** A function's code as it is uploaded: one module without imports. */
export interface Bundled {
  readonly code: string;
  readonly language: "javascript" | "typescript";
  /** Source map to the files, where it is asked for and the code is not that of the file itself. */
  readonly map?: string;
}

interface BundleOptions {
  /** Makes it shorter; places in errors then say little. */
  readonly minify: boolean;
  /** Whether a source map is made. Default: no. */
  readonly mapped?: boolean;
}

export const extensions: Readonly<Record<string, Bundled["language"]>> = {
  ".ts": "typescript",
  ".mts": "typescript",
  ".js": "javascript",
  ".mjs": "javascript",
};

/**
 * A file with all that it imports, from its folder and from npm, as one module. One that imports nothing but types stays as it is, so that
 * places in errors are its own.
 *
 * @throws Error with file, line and column of what cannot be bundled.
 */
export async function bundle(file: string, { minify, mapped = false }: BundleOptions): Promise<Bundled> {
  const language = extensions[extname(file)];
  if (language === undefined) throw new Error(`${file}: must end with ${Object.keys(extensions).join(", ")}`);
  // Large, and of use to this command alone.
  const { build } = await import("esbuild");
  const built = await build({
    absWorkingDir: process.cwd(),
    entryPoints: [resolve(file)],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2024",
    // What packages have for runtimes without Node: for those of this kind, or else for browsers.
    conditions: ["workerd", "worker", "module"],
    define: { "process.env.NODE_ENV": '"production"' },
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    minify,
    ...(mapped ? { sourcemap: "external", sourcesContent: false, outfile: "function.js" } : {}),
  }).catch((thrown: unknown) => {
    throw new Error(problems(thrown as BuildFailure));
  });
  const isAlone = Object.keys(built.metafile.inputs).length === 1;
  if (isAlone && !minify) return { code: await readFile(file, "utf8"), language };
  const text = (ending: string): string | undefined =>
    built.outputFiles.find(({ path }) => path.endsWith(ending))?.text;
  const map = mapped ? text(".map") : undefined;
  const code = mapped ? text(".js") : built.outputFiles[0]?.text;
  return { code: code ?? "", language: "javascript", ...(map === undefined ? {} : { map }) };
}

/** `src/welcome.ts:3:20: Could not resolve "node:fs"`. */
function problems({ errors, message }: Partial<BuildFailure>): string {
  if (errors === undefined || errors.length === 0) return String(message);
  return errors
    .map(({ text, location }) => {
      const place = location === null ? "" : `${location.file}:${location.line}:${location.column + 1}: `;
      const [, missing = ""] = /^Could not resolve "([^"]*)"/.exec(text) ?? [];
      const isNode = isBuiltin(missing);
      return `${place}${text}${isNode ? ": functions have the web platform's API, and none of Node's modules" : ""}`;
    })
    .join("\n");
}

/** `welcome` of `functions/Welcome.ts`, as the slug that the file stands for. */
export function slugOfFile(file: string): string {
  return basename(file, extname(file))
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
}
