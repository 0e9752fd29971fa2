import { invalidField } from "../../errors.ts";
import type { Json } from "../event.ts";
import { isJsonObject, type JsonObject } from "../merge-patch.ts";

/** `?filter=id,policy.retryLimit`: callers who want no more of an answer than that. */

const mostPaths = 50;
const longestPath = 200;

/** Which properties to keep, and what of each; `undefined` keeps all of it. */
type Wanted = ReadonlyMap<string, Wanted> | undefined;

/**
 * The paths that the parameter `filter` names: separated by commas, blanks around them and empty ones left out.
 *
 * @throws SignalboxError `invalid_request` about `filter` for more than 50, or one of more than 200 characters.
 */
export function filterPaths(filter: string): readonly string[] {
  const paths = filter
    .split(",")
    .map((path) => path.trim())
    .filter((path) => path !== "");
  checkPaths(paths);
  return paths;
}

function checkPaths(paths: readonly string[]): void {
  if (paths.length > mostPaths) throw invalidField("filter", `may name at most ${mostPaths} fields`);
  if (paths.some((path) => path.length > longestPath)) {
    throw invalidField("filter", `a field may have at most ${longestPath} characters`);
  }
}

/**
 * `value` with only the properties that `paths` name: names joined by dots, which go through lists as if through each element; `*`
 * is everything from there on. Of a list it is each element that is reduced. No path keeps all; one that leads nowhere keeps
 * nothing, and what is neither object nor list is kept as it is.
 *
 * @throws SignalboxError as {@link filterPaths}.
 */
export function pick(value: Json, paths: readonly string[]): Json {
  checkPaths(paths);
  const wanted = wantedOf(paths.map((path) => path.split(".")));
  if (paths.length === 0 || wanted === undefined) return value;
  const reduced = (part: Json): Json => (isJsonObject(part) ? pickFrom(part, wanted) : part);
  return Array.isArray(value) ? (value as readonly Json[]).map(reduced) : reduced(value);
}

function wantedOf(paths: readonly (readonly string[])[]): Wanted {
  // Of two paths the shorter one keeps what the longer one would.
  if (paths.some(([head]) => head === undefined || head === "*")) return undefined;
  const byHead = Map.groupBy(paths, ([head = ""]) => head);
  return new Map([...byHead].map(([head, those]) => [head, wantedOf(those.map(([, ...rest]) => rest))]));
}

function pickFrom(object: JsonObject, wanted: ReadonlyMap<string, Wanted>): JsonObject {
  // Not by assignment: a property may be called __proto__.
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, value]) => {
      if (!wanted.has(name)) return [];
      const part = reduced(value, wanted.get(name));
      return part === undefined ? [] : [[name, part] as const];
    }),
  );
}

/** `undefined` when nothing of it was named. */
function reduced(value: Json, wanted: Wanted): Json | undefined {
  if (wanted === undefined) return value;
  if (Array.isArray(value)) {
    return (value as readonly Json[]).flatMap((element) => {
      const part = reduced(element, wanted);
      return part === undefined ? [] : [part];
    });
  }
  if (!isJsonObject(value)) return undefined;
  const part = pickFrom(value, wanted);
  return Object.keys(part).length === 0 ? undefined : part;
}
