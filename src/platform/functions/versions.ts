import type { Principal } from "../../domain/access.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import type { FunctionVersion, KnownFunction } from "../../store/records.ts";
import type { ListedVersion, Page, Store } from "../../store/store.ts";
import { runVersion } from "./change.ts";
import type { FunctionsContext } from "./deps.ts";
import { type FunctionPlace, findFunction, type ShownFunction } from "./functions.ts";

/** Versions of a function's code. They never change; which one runs does. */

interface VersionPlace extends FunctionPlace {
  /** As it was given. */
  readonly version: string;
}

/** Newest first. */
export async function listVersions(
  store: Store,
  caller: Principal,
  place: FunctionPlace,
  page: Page<number>,
): Promise<{ readonly fn: KnownFunction; readonly versions: readonly ListedVersion[] }> {
  const fn = await findFunction(store, caller, place);
  return { fn, versions: await store.functions.versions(fn.number, page) };
}

/** @throws SignalboxError `not_found`. */
export async function findVersion(
  store: Store,
  caller: Principal,
  place: VersionPlace,
): Promise<{ readonly fn: KnownFunction; readonly version: FunctionVersion }> {
  const fn = await findFunction(store, caller, place);
  return { fn, version: await versionOf(store, fn, place) };
}

async function versionOf(store: Store, fn: KnownFunction, { version: text }: VersionPlace): Promise<FunctionVersion> {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  const version = number === undefined ? undefined : await store.functions.version({ function: fn.number, number });
  if (version === undefined) throw notFound(`version '${text}' of function '${fn.slug}'`);
  return version;
}

/** @throws SignalboxError `not_found`. */
export function activateVersion(
  deps: FunctionsContext,
  caller: Principal,
  place: VersionPlace,
): Promise<ShownFunction> {
  return runVersion(deps, caller, place, (fn) => versionOf(deps.store, fn, place));
}

/** Makes the version before the one that runs the one that does. @throws SignalboxError `not_found`; `conflict` when there is none. */
export function rollBack(deps: FunctionsContext, caller: Principal, place: FunctionPlace): Promise<ShownFunction> {
  return runVersion(deps, caller, place, async (fn) => {
    const [before] = await deps.store.functions.versions(fn.number, { after: fn.version, max: 1 });
    if (before === undefined) {
      throw new SignalboxError(
        "conflict",
        `version ${fn.version} is the first of function '${fn.slug}': there is none before it`,
      );
    }
    return before;
  });
}
