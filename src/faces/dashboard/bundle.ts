import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { Metafile } from "esbuild";

/** The files of the page: as the package brings them, or made of their sources, which a checkout has. */

/** By name, which changes with the content. */
type PageFiles = ReadonlyMap<string, Uint8Array>;

export interface PageBundle {
  readonly files: PageFiles;
  /** Script of the document itself, which looks after all other files. */
  readonly begin: string;
  /** What the first screen needs before anything is seen: the script, what it imports, and the styles. */
  readonly first: readonly string[];
  /** What each screen of the menu needs beside that, by the name of its folder, which stands in the address. */
  readonly screens: Readonly<Record<string, readonly string[]>>;
}

/** In `dist/dashboard/`, beside the files: all of {@link PageBundle} but them. */
export const partsFile = "parts.json";

const packaged = fileURLToPath(new URL("../../dashboard/", import.meta.url));

/** @throws Error when neither the package's files nor the sources' tools are there. */
export async function pageBundle(): Promise<PageBundle> {
  return existsSync(`${packaged}${partsFile}`) ? packagedFiles() : bundled();
}

async function packagedFiles(): Promise<PageBundle> {
  const names = (await readdir(packaged)).filter((name) => name !== partsFile);
  const files = await Promise.all(names.map(async (name) => [name, await readFile(`${packaged}${name}`)] as const));
  const parts = JSON.parse(await readFile(`${packaged}${partsFile}`, "utf8")) as Omit<PageBundle, "files">;
  return { files: new Map(files), ...parts };
}

/** Made of the sources, in a second; the server's thread only waits. */
export async function bundled(): Promise<PageBundle> {
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    entryPoints: [`${packaged}main.tsx`, `${packaged}begin.ts`],
    outdir: packaged,
    absWorkingDir: packaged,
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2024",
    jsx: "automatic",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
    logLevel: "silent",
  });
  const entry = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === "main.tsx");
  if (entry === undefined) throw new Error("the page has no entry");
  const first = withImports(metafile, entry[0]);
  if (entry[1].cssBundle !== undefined) first.add(entry[1].cssBundle);
  const screens = Object.entries(metafile.outputs).flatMap(([path, { entryPoint = "" }]) => {
    const [, name] = /^screens\/(\w+)\/\1\.tsx$/.exec(entryPoint) ?? [];
    return name === undefined
      ? []
      : [[name, names([...withImports(metafile, path)].filter((one) => !first.has(one)))] as const];
  });
  const [begin, ...files] = outputFiles.toSorted((a, b) => Number(isBegin(b.path)) - Number(isBegin(a.path)));
  if (begin === undefined || !isBegin(begin.path)) throw new Error("the page has no beginning");
  return {
    files: new Map(files.map(({ path, contents }) => [basename(path), contents])),
    begin: begin.text.trim(),
    first: names(first),
    screens: Object.fromEntries(screens),
  };
}

function isBegin(path: string): boolean {
  return basename(path).startsWith("begin-");
}

/** A file of the bundle, and all that it imports before it runs. */
function withImports(metafile: Metafile, path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const { path: imported, kind } of metafile.outputs[path]?.imports ?? []) {
    if (kind === "import-statement") withImports(metafile, imported, found);
  }
  return found;
}

function names(paths: Iterable<string>): string[] {
  return [...paths].map((path) => basename(path));
}
