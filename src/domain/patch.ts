import { isDeepStrictEqual } from "node:util";
import type { Json } from "./event.ts";
import type { Params } from "./lifecycle.ts";
import { isJsonObject, mergePatch } from "./merge-patch.ts";
import { pathText } from "./path.ts";

/** Patches of hooks: what they touch, whether they may, and what comes of several. */

export { mergePatch } from "./merge-patch.ts";

/** One value that a patch sets or, by `null`, takes away. An empty object is one too: it sees to it that there is an object. */
interface Setting {
  readonly path: readonly string[];
  readonly value: Json;
}

function settingsOf(patch: Json, path: readonly string[] = []): readonly Setting[] {
  if (!isJsonObject(patch)) return [{ path, value: patch }];
  const entries = Object.entries(patch);
  if (entries.length === 0 && path.length > 0) return [{ path, value: patch }];
  return entries.flatMap(([name, value]) => settingsOf(value, [...path, name]));
}

/**
 * The paths of a patch that `changeable` does not allow. A path allows itself and what lies below it; `attributes.*` only what lies
 * below, so `attributes` can't be replaced or taken away.
 */
export function forbiddenPaths(patch: Params, changeable: readonly string[]): string[] {
  const allowed = changeable.map((path) => path.split("."));
  return settingsOf(patch)
    .filter((setting) => !allowed.some((names) => allows(names, setting)))
    .map(({ path }) => pathText(path));
}

function allows(allowed: readonly string[], { path, value }: Setting): boolean {
  if (allowed.at(-1) !== "*") return isAtOrBelow(path, allowed);
  const above = allowed.slice(0, -1);
  // `{ attributes: {} }`, of a hook that found nothing to add, changes nothing there.
  return isAtOrBelow(path, above) && (path.length > above.length || isJsonObject(value));
}

function isAtOrBelow(path: readonly string[], above: readonly string[]): boolean {
  return above.every((name, index) => path[index] === name);
}

/** Two hooks wanted different values in one place; the later in the order of merging had its way. */
interface PatchConflict {
  readonly path: string;
  /** Numbers, in the order of merging. */
  readonly subscriptions: readonly number[];
}

/** What a hook wants changed. */
export interface HookPatch {
  /** Number. */
  readonly subscription: number;
  readonly patch: Params;
}

/**
 * Merges the patches in their order: the later wins. Where several set one place differently, or one sets what another sets a part of,
 * that is reported as a conflict, once for the outermost place and with all who set something there.
 */
export function mergePatches(
  params: Params,
  patches: readonly HookPatch[],
): { readonly params: Params; readonly conflicts: readonly PatchConflict[] } {
  const merged = patches.reduce<Json>((target, { patch }) => mergePatch(target, patch), params) as Params;
  const places = new Place();
  for (const [rank, { patch }] of patches.entries()) {
    for (const setting of settingsOf(patch)) places.add(setting, rank);
  }
  const conflicts = places.conflicts([]).map(({ path, ranks }) => ({
    path: pathText(path),
    subscriptions: patches.filter((_patch, rank) => ranks.has(rank)).map(({ subscription }) => subscription),
  }));
  return { params: merged, conflicts };
}

/** What patches, each by its rank in the order of merging, set at a place and below it. */
class Place {
  readonly #here: { readonly rank: number; readonly value: Json }[] = [];
  readonly #below = new Map<string, Place>();

  add({ path, value }: Setting, rank: number): void {
    const [head, ...rest] = path;
    if (head === undefined) {
      this.#here.push({ rank, value });
      return;
    }
    const place = this.#below.get(head) ?? new Place();
    this.#below.set(head, place);
    place.add({ path: rest, value }, rank);
  }

  conflicts(
    at: readonly string[],
  ): readonly { readonly path: readonly string[]; readonly ranks: ReadonlySet<number> }[] {
    if (this.#differs()) return [{ path: at, ranks: new Set(this.#ranks()) }];
    return [...this.#below].flatMap(([name, place]) => place.conflicts([...at, name]));
  }

  #differs(): boolean {
    const [first, ...others] = this.#here;
    if (first === undefined) return false;
    if (others.some(({ value }) => !isDeepStrictEqual(value, first.value))) return true;
    // That there is to be an object is no objection to what is put into it.
    return this.#below.size > 0 && !isJsonObject(first.value);
  }

  #ranks(): readonly number[] {
    return [...this.#here.map(({ rank }) => rank), ...[...this.#below.values()].flatMap((place) => place.#ranks())];
  }
}
