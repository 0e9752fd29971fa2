import { authorOf, type Principal, type Role } from "../../domain/access.ts";
import { parseUuid } from "../../domain/ids.ts";
import { invalidField, notFound, SignalboxError } from "../../errors.ts";
import { rightsNow } from "../../invocation/rights.ts";
import type { KnownFunction } from "../../store/records.ts";
import type { ListedVersion, Page, Store } from "../../store/store.ts";
import { findApp } from "../apps/apps.ts";
import { freshUuid } from "../deps.ts";
import { slugOf } from "../slugs.ts";
import { asUpload, prepareCode } from "./code.ts";
import type { Language } from "./compile.ts";
import type { FunctionsContext } from "./deps.ts";
import { announcedFunction } from "./events.ts";
import { type FunctionInput, type FunctionState, mergeFunction, newFunctionState } from "./input.ts";

/** Functions: a tenant's own code, with what it may reach. */

export interface FunctionPlace {
  /** The app's slug. */
  readonly app: string;
  /** The function's slug or number, as it was given. */
  readonly fn: string;
}

/** A function, with the version that runs. */
export interface ShownFunction {
  readonly fn: KnownFunction;
  readonly version: ListedVersion;
  /** What its `api` may do as of now; `undefined`: nothing, because its author was ended. */
  readonly rights: Role | undefined;
}

/** @throws SignalboxError `not_found` when the caller's tenant has no such function. */
export async function findFunction(
  store: Store,
  caller: Principal,
  { app, fn }: FunctionPlace,
): Promise<KnownFunction> {
  const { number } = await findApp(store, caller, app);
  const found = isNumber(fn) ? await store.functions.byNumber(Number(fn)) : await store.functions.bySlug(number, fn);
  if (found === undefined || found.app !== number || found.deletedMs !== undefined) {
    throw notFound(`function '${fn}' of app '${app}'`);
  }
  return found;
}

/** No slug is a number, so that a path names one thing. */
function isNumber(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}

export async function showFunction(store: Store, caller: Principal, place: FunctionPlace): Promise<ShownFunction> {
  return withVersion(store, await findFunction(store, caller, place));
}

/**
 * Whichever app it is of. `id`: its uuid or its number.
 *
 * @throws SignalboxError `not_found` when the caller's tenant has no such function.
 */
export async function functionById(store: Store, caller: Principal, id: string): Promise<ShownFunction> {
  const uuid = parseUuid(id);
  const found = isNumber(id)
    ? await store.functions.byNumber(Number(id))
    : uuid && (await store.functions.byUuid(uuid));
  if (found === undefined || found.tenant !== caller.tenant || found.deletedMs !== undefined) {
    throw notFound(`function '${id}'`);
  }
  return withVersion(store, found);
}

/** Oldest first. */
export async function listFunctions(
  store: Store,
  caller: Principal,
  app: string,
  page: Page<number>,
): Promise<ShownFunction[]> {
  const { number } = await findApp(store, caller, app);
  const functions = await store.functions.list(number, page);
  return Promise.all(functions.map((fn) => withVersion(store, fn)));
}

/** As lists tell versions, because the code may be long. */
async function withVersion(store: Store, fn: KnownFunction): Promise<ShownFunction> {
  const [version] = await store.functions.versions(fn.number, { after: fn.version + 1, max: 1 });
  if (version === undefined) throw new RangeError(`function ${fn.number} has no version ${fn.version}`);
  return { fn, version, rights: await rightsNow(store, fn) };
}

interface NewFunctionInput extends FunctionInput {
  /** The app's slug. */
  readonly app: string;
  readonly name: string;
  /** Made from the name when absent. */
  readonly slug?: string;
  readonly code: string;
  readonly language?: Language;
}

/** More are most likely a program that went wrong. */
const mostFunctions = 1_000;

/**
 * A new function, with its version 1.
 *
 * @throws SignalboxError `not_found`; `invalid_request` with what is wrong, of code with its place; `conflict` for a slug that is
 * taken and for one function too many; `too_many_requests` when much code of the tenant is being looked at already.
 */
export async function createFunction(
  deps: FunctionsContext,
  caller: Principal,
  { app: appSlug, slug: said, code, language = "javascript", ...input }: NewFunctionInput,
): Promise<ShownFunction> {
  const { store, publish, clock } = deps;
  const app = await findApp(store, caller, appSlug);
  const slug = said ?? slugOf(input.name);
  if (slug === undefined) throw invalidField("slug", "is required for a name without any of a-z and 0-9");
  if (isNumber(slug)) throw invalidField("slug", "must not be a number: those are ids of functions");
  const state = mergeFunction(newFunctionState(input.name), input, deps.egressAllow);
  const version = await asUpload(deps, caller.tenant, () =>
    prepareCode(deps, { tenant: caller.tenant, slug, source: code, language }),
  );
  const nowMs = clock.now();
  const made = { uuid: freshUuid(clock, "function"), tenant: caller.tenant, slug, owner: caller.name };
  const times = { createdMs: nowMs, updatedMs: nowMs };
  const by = { author: authorOf(caller), role: roleOf(caller) };
  const secretRoles = Object.fromEntries(Object.keys(state.secrets).map((name) => [name, by.role]));
  const fn = { ...made, ...stored(deps, state), secretRoles, ...by, ...times };
  const commit = await publish({
    conditions: [
      { if: "functions.fewer", app: app.number, fewer: mostFunctions },
      { if: "app.exists", uuid: app.uuid },
      { if: "function.slugFree", app: app.number, slug },
    ],
    changes: [
      {
        do: "function.add",
        app: app.uuid,
        function: fn,
        version: { ...version, createdMs: nowMs, createdBy: caller.name },
      },
    ],
    events: [await announcedFunction(deps, caller, { fn: { ...fn, appSlug, appUuid: app.uuid }, name: "CREATED" })],
  });
  if (commit.kind === "committed") return showFunction(store, caller, { app: appSlug, fn: slug });
  if (commit.condition.if === "app.exists") throw notFound(`app '${appSlug}'`);
  throw new SignalboxError(
    "conflict",
    commit.condition.if === "functions.fewer"
      ? `an app may have at most ${mostFunctions} functions; delete one`
      : `app '${appSlug}' has a function '${slug}' already; choose another slug`,
  );
}

/** What a function's `api` may do for who brings its code, at the most: never what only operators may. */
export function roleOf({ role }: Principal): Role {
  return role === "operator" ? "admin" : role;
}

/** As it is kept: of secrets the names, and the rest sealed. */
export function stored({ vault }: Pick<FunctionsContext, "vault">, { secrets, ...state }: FunctionState) {
  const secretNames = Object.keys(secrets);
  return {
    ...state,
    secretNames,
    ...(secretNames.length === 0 ? {} : { sealedSecrets: vault.seal(JSON.stringify(secrets)) }),
  };
}
