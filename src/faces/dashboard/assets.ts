import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { type PageBundle, pageBundle } from "./bundle.ts";

/** The page's files as they are sent: in memory, by name, so that no path of a request ever reaches the file system. */

export interface Asset {
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly gzip: Uint8Array;
  readonly brotli: Uint8Array;
}

export interface Assets {
  readonly files: ReadonlyMap<string, Asset>;
  readonly begin: string;
  readonly script: string;
  readonly styles: readonly string[];
  /** What the script imports. */
  readonly imported: readonly string[];
  readonly screens: ReadonlyMap<string, readonly string[]>;
}

/** Levels that take some 100 ms for all of it, in threads. */
const brotliQuality = 6;

/** Reads or makes the files at the first call; a later call after a failure tries again. */
export class PageAssets {
  #loading: Promise<Assets> | undefined;

  get(): Promise<Assets> {
    this.#loading ??= pageBundle()
      .then(prepared)
      .catch((thrown: unknown) => {
        this.#loading = undefined;
        throw thrown;
      });
    return this.#loading;
  }
}

async function prepared({ files, begin, first, screens }: PageBundle): Promise<Assets> {
  const assets = await Promise.all(
    [...files].map(async ([name, bytes]) => {
      const [gzipped, brotli] = await Promise.all([
        promisify(gzip)(bytes),
        promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } }),
      ]);
      return [name, { type: typeOf(name), bytes, gzip: gzipped, brotli }] as const;
    }),
  );
  const script = first.find((name) => name.startsWith("main-") && name.endsWith(".js"));
  if (script === undefined) throw new Error("the page has no script");
  const styles = first.filter((name) => name.endsWith(".css"));
  const imported = first.filter((name) => name !== script && !styles.includes(name));
  return { files: new Map(assets), begin, script, styles, imported, screens: new Map(Object.entries(screens)) };
}

function typeOf(name: string): string {
  return name.endsWith(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
}
