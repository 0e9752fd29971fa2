import { SourceMap, type SourceMapPayload } from "node:module";
import { relative, resolve } from "node:path";
import type { Bundled } from "../bundle.ts";

/** Places in what was uploaded, as places in the files that it was bundled from. */

interface Place {
  readonly line: number;
  readonly column: number;
}

export class Places {
  readonly #file: string;
  readonly #map: SourceMap | undefined;

  /** @param file that was bundled: it stands for the upload where that is the file itself. */
  constructor(file: string, { map }: Pick<Bundled, "map">) {
    this.#file = file;
    this.#map = map === undefined ? undefined : new SourceMap(JSON.parse(map) as SourceMapPayload);
  }

  /** `functions/lib/greet.ts:3:5`. */
  text({ line, column }: Place): string {
    const entry = this.#map?.findEntry(line - 1, column - 1);
    if (entry === undefined || !("originalSource" in entry)) return `${this.#file}:${line}:${column}`;
    const { originalSource, originalLine, originalColumn } = entry;
    return `${relative(process.cwd(), resolve(originalSource))}:${originalLine + 1}:${originalColumn + 1}`;
  }

  /** What the server printed of a stack, whose places are in `<slug>.js` or `<slug>.ts`. */
  stack(text: string, slug: string): string {
    return text.replaceAll(
      /([a-z0-9-]+)\.[jt]s:(\d{1,9}):(\d{1,9})/g,
      (whole, name: string, line: string, column: string) =>
        name === slug ? this.text({ line: Number(line), column: Number(column) }) : whole,
    );
  }
}
