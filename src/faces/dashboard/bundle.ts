import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

/** The files of the page: as the package brings them, or made of their sources, which a checkout has. */

/** By name, which changes with the content. */
type PageFiles = ReadonlyMap<string, Uint8Array>;

export interface PageBundle {
  readonly files: PageFiles;
  /** What the first screen needs before anything is seen: the script, what it imports, and the styles. */
  readonly first: readonly string[];
}

/** In `dist/dashboard/`, beside the files: the names of {@link PageBundle.first}. */
export const firstFile = "first.json";

const packaged = fileURLToPath(new URL("../../dashboard/", import.meta.url));

/** @throws Error when neither the package's files nor the sources' tools are there. */
export async function pageBundle(): Promise<PageBundle> {
  return existsSync(`${packaged}${firstFile}`) ? packagedFiles() : bundled();
}

async function packagedFiles(): Promise<PageBundle> {
  const names = (await readdir(packaged)).filter((name) => name !== firstFile);
  const files = await Promise.all(names.map(async (name) => [name, await readFile(`${packaged}${name}`)] as const));
  const first = JSON.parse(await readFile(`${packaged}${firstFile}`, "utf8")) as readonly string[];
  return { files: new Map(files), first };
}

/** Made of the sources, in a second; the server's thread only waits. */
export async function bundled(): Promise<PageBundle> {
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    entryPoints: [`${packaged}main.tsx`],
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
  const first = new Set<string>();
  const add = (path: string): void => {
    if (first.has(path)) return;
    first.add(path);
    for (const { path: imported, kind } of metafile.outputs[path]?.imports ?? []) {
      if (kind === "import-statement") add(imported);
    }
  };
  add(entry[0]);
  if (entry[1].cssBundle !== undefined) add(entry[1].cssBundle);
  return {
    files: new Map(outputFiles.map(({ path, contents }) => [basename(path), contents])),
    first: [...first].map((path) => basename(path)),
  };
}
