import type { Catalog, Fit } from "../domain/catalog.ts";
import type { Params } from "../domain/lifecycle.ts";
import { type HookPatch, mergePatch, mergePatches } from "../domain/patch.ts";
import type { RecordedConflict } from "../store/records.ts";
import { type AskedHook, failed, type HookFailure, patchOf, type Wave } from "./answer.ts";

/** What a wave makes of the params. */
export interface Merged {
  readonly params: Params;
  readonly conflicts: readonly RecordedConflict[];
  /** The wave; hooks whose patches could not be used have failed in it. */
  readonly wave: Wave;
}

/**
 * Merges the patches of a wave in its order, and checks the result as the proposal was checked. Should it not fit the event type,
 * the first patch that breaks it is left out, and so on: their hooks have failed.
 */
export function mergeWave(catalog: Catalog, type: string, { params, wave }: Pick<Merged, "params" | "wave">): Merged {
  const check = (patched: Params): Fit => catalog.fit(type, patched);
  const unfit = new Map<number, HookFailure>();
  let patches = wave.flatMap(({ hook, answer }): HookPatch[] => {
    const patch = patchOf(answer);
    return patch === undefined ? [] : [{ subscription: hook.subscription.number, patch }];
  });
  // Of these many patches it is known that they fit: they need no second check.
  let sound: Prefix = { count: 0, params };
  while (patches.length > 0) {
    const { params: patched, conflicts } = mergePatches(params, patches);
    const checked = check(patched);
    if (checked.kind === "fits") return { params: checked.params, conflicts, wave: withFailures(wave, unfit) };
    const broken = firstBroken(patches, sound, check);
    const { subscription } = broken.patch;
    unfit.set(
      subscription,
      failed("unfit_patch", `what it changed does not fit: ${broken.problem}`, { detail: broken.problem }),
    );
    patches = patches.filter((patch) => patch !== broken.patch);
    ({ sound } = broken);
  }
  return { params, conflicts: [], wave: withFailures(wave, unfit) };
}

interface Prefix {
  readonly count: number;
  readonly params: Params;
}

interface Broken {
  readonly patch: HookPatch;
  readonly problem: string;
  /** What is before it. */
  readonly sound: Prefix;
}

/** The first patch that breaks the params when they are applied one after the other. There is one: all of them together do. */
function firstBroken(patches: readonly HookPatch[], sound: Prefix, check: (patched: Params) => Fit): Broken {
  let { params } = sound;
  for (const [index, patch] of patches.entries()) {
    if (index < sound.count) continue;
    const patched = mergePatch(params, patch.patch) as Params;
    const checked = check(patched);
    if (checked.kind === "unfit") return { patch, problem: checked.message, sound: { count: index, params } };
    params = patched;
  }
  throw new RangeError("patches that fit one after the other do not fit together");
}

function withFailures(wave: Wave, unfit: ReadonlyMap<number, HookFailure>): Wave {
  return wave.map(
    (asked): AskedHook => ({ ...asked, answer: unfit.get(asked.hook.subscription.number) ?? asked.answer }),
  );
}
