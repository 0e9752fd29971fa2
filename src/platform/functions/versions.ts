import type { Principal } from "../../domain/access.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import { commitOptimistically } from "../../store/optimistic.ts";
import type { FunctionVersion, KnownFunction } from "../../store/records.ts";
import type { ListedVersion, Page, Store } from "../../store/store.ts";
import type { Unit } from "../../store/unit.ts";
import { runVersion } from "./change.ts";
import { asUpload, prepareCode } from "./code.ts";
import type { Language } from "./compile.ts";
import { type FunctionsContext, turnOfFunction } from "./deps.ts";
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

interface KeptCode {
  readonly code: string;
  /** By default that of the version that runs. */
  readonly language?: Language;
}

/**
 * Keeps code as a version, without letting it run. Code that is that of a version which is kept already is that version.
 *
 * @throws SignalboxError `not_found`; `invalid_request` with what is wrong with the code.
 */
export function keepVersion(
  deps: FunctionsContext,
  caller: Principal,
  place: FunctionPlace,
  { code, language }: KeptCode,
): Promise<{ readonly fn: KnownFunction; readonly version: FunctionVersion }> {
  const { store, mutex, clock, publish } = deps;
  return asUpload(deps, caller.tenant, async () => {
    const { number, tenant, slug, version } = await findFunction(store, caller, place);
    const running = await store.functions.version({ function: number, number: version });
    const spoken = language ?? running?.language ?? "javascript";
    const prepared = await prepareCode(deps, { tenant, slug, source: code, language: spoken });
    return mutex.take(turnOfFunction(number), async () => {
      const { hash } = prepared;
      const known = await store.functions.versionByHash({ function: number, hash });
      if (known?.language !== spoken) {
        await commitOptimistically({ publish, what: "function" }, async () => {
          const fn = await findFunction(store, caller, place);
          const made = { function: number, ...prepared, createdMs: clock.now(), createdBy: caller.name };
          const unit: Unit = {
            conditions: [{ if: "function.revision", number, revision: fn.revision }],
            changes: [{ do: "version.keep", version: made }],
            events: [],
          };
          return { unit, committed: () => undefined };
        });
      }
      const kept = await store.functions.versionByHash({ function: number, hash });
      if (kept === undefined) throw new RangeError(`function ${number} has no version with the hash ${hash}`);
      return { fn: await findFunction(store, caller, place), version: kept };
    });
  });
}

/** Makes the version that ran before the one that runs the one that does. @throws SignalboxError `not_found`; `conflict` when there is none. */
export function rollBack(deps: FunctionsContext, caller: Principal, place: FunctionPlace): Promise<ShownFunction> {
  return runVersion(deps, caller, place, async (fn) => {
    const before = await deps.store.functions.ranBefore({ function: fn.number, number: fn.version });
    if (before === undefined) {
      throw new SignalboxError(
        "conflict",
        `version ${fn.version} is the first of function '${fn.slug}' that ran: there is none before it`,
      );
    }
    return before;
  });
}
