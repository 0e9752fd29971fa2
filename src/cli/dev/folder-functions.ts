import { readdir, readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { asError } from "../../errors.ts";
import { type Bundled, bundle, extensions, slugOfFile } from "../bundle.ts";

/** The functions of a folder: its files with a default export. Others are what those import. */

export interface FolderFunction {
  readonly slug: string;
  /** As it is shown. */
  readonly file: string;
  /** Or why there is none, with places. */
  readonly bundled: Bundled | { readonly problem: string };
}

const exportsDefault = /\bexport\s+default\b|\bas\s+default\b/;

/** By name. @throws Error when the folder cannot be read. */
export async function folderFunctions(folder: string): Promise<readonly FolderFunction[]> {
  const names = await readdir(folder).catch((thrown: unknown) => {
    throw new Error(`${folder} cannot be read: ${asError(thrown).message}`);
  });
  const functions: FolderFunction[] = [];
  for (const name of names.toSorted()) {
    const file = join(folder, name);
    // One that was taken away meanwhile is none.
    const source = isCode(name) ? await readFile(file, "utf8").catch(() => "") : "";
    if (!exportsDefault.test(source)) continue;
    functions.push({ slug: slugOfFile(file), file, bundled: await bundledOrNot(file) });
  }
  return functions;
}

function isCode(name: string): boolean {
  return Object.hasOwn(extensions, extname(name)) && !/^[._]|\.(?:d|test|spec)\.[a-z]+$/.test(basename(name));
}

async function bundledOrNot(file: string): Promise<FolderFunction["bundled"]> {
  try {
    return await bundle(file, { minify: false, mapped: true });
  } catch (thrown) {
    return { problem: asError(thrown).message };
  }
}
