/** Reads source maps, a little at a time: that of an upload may have two million characters, and Node reads one at once. */

/** Both from 1. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/** Characters that are read between two yields: a fraction of a millisecond. */
const stepChars = 16_384;

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const digitOf = Uint8Array.from({ length: 128 }, (_, code) => Math.max(0, alphabet.indexOf(String.fromCharCode(code))));
const [semicolon, comma] = [";".charCodeAt(0), ",".charCodeAt(0)];

/**
 * Where in the source each of `places` comes from, in their order: that of the last mapping before it, and as far from there. `undefined`
 * of a place before all mappings, and of all when the map cannot be read.
 */
export function* originsOf(
  map: string,
  places: readonly SourcePosition[],
): Generator<void, readonly (SourcePosition | undefined)[], void> {
  const origins = places.map((): SourcePosition | undefined => undefined);
  const mappings = mappingsOf(map);
  // Of what is wanted, the next in the order of the map.
  const wanted = [...places.entries()].sort(([, a], [, b]) => a.line - b.line || a.column - b.column);
  let next = 0;
  const state = { line: 1, column: 0, sourceLine: 0, sourceColumn: 0 };
  let seen: typeof state | undefined;
  const settle = (line: number, column: number): void => {
    for (; next < wanted.length; next += 1) {
      const [at, place] = wanted[next] ?? [0, { line: 0, column: 0 }];
      if (place.line > line || (place.line === line && place.column - 1 >= column)) return;
      if (seen !== undefined) {
        origins[at] = {
          line: seen.sourceLine + 1 + place.line - seen.line,
          column: seen.sourceColumn + place.column - seen.column,
        };
      }
    }
  };
  let field = 0;
  let value = 0;
  let shift = 0;
  for (let at = 0; at <= mappings.length && next < wanted.length; at += 1) {
    if (at % stepChars === stepChars - 1) yield;
    const code = at < mappings.length ? mappings.charCodeAt(at) : semicolon;
    if (code === semicolon || code === comma) {
      if (field >= 4) {
        settle(state.line, state.column);
        seen = { ...state };
      }
      field = 0;
      if (code === semicolon) {
        state.line += 1;
        state.column = 0;
      }
      continue;
    }
    const digit = digitOf[code] ?? 0;
    value += (digit & 31) << shift;
    shift += 5;
    if (digit >= 32) continue;
    const delta = (value & 1) === 1 ? -(value >>> 1) : value >>> 1;
    if (field === 0) state.column += delta;
    else if (field === 2) state.sourceLine += delta;
    else if (field === 3) state.sourceColumn += delta;
    field += 1;
    value = 0;
    shift = 0;
  }
  settle(Number.POSITIVE_INFINITY, 0);
  return origins;
}

function mappingsOf(map: string): string {
  try {
    const { mappings }: { readonly mappings?: unknown } = JSON.parse(map);
    return typeof mappings === "string" ? mappings : "";
  } catch {
    return "";
  }
}
