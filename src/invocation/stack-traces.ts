import type { ThrownError } from "../domain/invocation.ts";
import type { Slices } from "../pace/slices.ts";
import type { Runnable } from "./runner.ts";
import { originsOf, type SourcePosition } from "./source-map.ts";

/** Where the sandbox says that something happened: in what runs, which need not be what was uploaded. */
const placeIn = /function\.js:(\d{1,9}):(\d{1,9})/g;
/** A stack is for humans: they read its top. */
const longestStack = 4_096;
/** So many versions are remembered, and so many places of each: mostly a function throws in the same ones again and again. */
const keptVersions = 256;
const keptPlaces = 64;

const keyOf = ({ line, column }: SourcePosition): string => `${line}:${column}`;

type Thrower = Pick<Runnable, "fn" | "version">;

/**
 * Errors with places in the uploaded source. A map may be megabytes of text that must be read from its beginning, and a function may
 * throw thousands of times a second: so what was found is remembered, and what is to be found is paid for by the tenant, in slices.
 */
export class StackTraces {
  readonly #slices: Slices;
  readonly #found = new Map<string, Map<string, SourcePosition | undefined>>();

  constructor(slices: Slices) {
    this.#slices = slices;
  }

  /** With `<slug>.ts:12:5` in its stack. Never rejects; places that cannot be looked up now are those in what ran. */
  async inSource(error: ThrownError, thrower: Thrower): Promise<ThrownError> {
    if (error.stack === undefined) return error;
    const { fn, version } = thrower;
    const stack = error.stack.slice(0, longestStack);
    const file = `${fn.slug}.${version.language === "typescript" ? "ts" : "js"}`;
    const found = version.map === undefined ? undefined : await this.#origins(thrower, version.map, placesIn(stack));
    const mapped = stack.replaceAll(placeIn, (_, line: string, column: string) => {
      const place = { line: Number(line), column: Number(column) };
      return `${file}:${keyOf(found?.get(keyOf(place)) ?? place)}`;
    });
    return { ...error, stack: mapped.slice(0, longestStack) };
  }

  async #origins(
    { fn, version }: Thrower,
    map: string,
    places: readonly SourcePosition[],
  ): Promise<ReadonlyMap<string, SourcePosition | undefined>> {
    const found = this.#of(`${fn.tenant}.${version.language}.${version.hash}`);
    const missing = places.filter((place) => !found.has(keyOf(place)));
    if (missing.length === 0) return found;
    const origins = await this.#slices.run(fn.tenant, originsOf(map, missing)).catch(() => []);
    if (found.size + origins.length > keptPlaces) found.clear();
    for (const [at, origin] of origins.entries()) found.set(keyOf(missing[at] ?? { line: 0, column: 0 }), origin);
    return found;
  }

  /** By what was uploaded: code that is tried out has no number. */
  #of(version: string): Map<string, SourcePosition | undefined> {
    const known = this.#found.get(version) ?? new Map<string, SourcePosition | undefined>();
    this.#found.delete(version);
    this.#found.set(version, known);
    const [oldest] = this.#found.keys();
    if (this.#found.size > keptVersions && oldest !== undefined) this.#found.delete(oldest);
    return known;
  }
}

/** Each once. */
function placesIn(stack: string): SourcePosition[] {
  const all = [...stack.matchAll(placeIn)].map(([, line, column]) => ({ line: Number(line), column: Number(column) }));
  return [...new Map(all.map((place) => [keyOf(place), place])).values()].slice(0, keptPlaces);
}
