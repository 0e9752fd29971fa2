import { createHash } from "node:crypto";
import type { Context } from "../../context.ts";
import { authorOf, lowerRole, type Principal } from "../../domain/access.ts";
import { unsavedVersion } from "../../domain/invocation.ts";
import { invocationOf, readResult } from "../../hooks/answer.ts";
import { runnableOf, secretsOf } from "../../invocation/loader.ts";
import type { Ran, Runnable } from "../../invocation/runner.ts";
import type { FunctionVersion, KnownFunction } from "../../store/records.ts";
import { findApp } from "../apps/apps.ts";
import { freshUuid } from "../deps.ts";
import { acceptedCode, asUpload, compileCode, type Prepared } from "./code.ts";
import type { Language } from "./compile.ts";
import type { FunctionsContext } from "./deps.ts";
import { type FunctionPlace, findFunction, roleOf } from "./functions.ts";
import { type FunctionInput, mergeFunction, newFunctionState } from "./input.ts";
import { type AskedRun, runNow, shownRun } from "./invoke.ts";
import type { ShownInvocation } from "./runs.ts";
import { checkSecrets } from "./secrets.ts";
import { findVersion } from "./versions.ts";

/**
 * Trials: code other than the version that is running, run once in the same sandbox, in a process of its own, so that it cannot harm the
 * tenant's deliveries. Of a function that exists the run is kept like any other, marked as a trial. The function stays as it is, no event
 * is raised, and no quota counts it. By default it is a dry run, in which `api` only reads; requests to other hosts are sent.
 */

export type TrialContext = FunctionsContext & Pick<Context, "catalog" | "functions">;

/** Where the request names no other. */
const usualTimeoutMs = 30_000;

interface TrialInput extends AskedRun {
  /** What is run: this code, or a version (its number, as it was given). */
  readonly tried: { readonly code: string; readonly language?: Language } | { readonly version: string };
  /** Whether it gets the function's secrets. */
  readonly secrets: boolean;
  readonly dryRun: boolean;
}

/**
 * Runs other code of a function, with the function's settings.
 *
 * @throws SignalboxError as `invoke` does; `invalid_request` about code that does not compile; `forbidden` when the function has secrets
 * from a higher role than the caller's.
 */
export async function tryCode(
  deps: TrialContext,
  caller: Principal,
  place: FunctionPlace,
  { tried, secrets, ...asked }: TrialInput,
): Promise<ShownInvocation> {
  const fn = await findFunction(deps.store, caller, place);
  const isCurrent = "version" in tried && Number(tried.version) === fn.version;
  if (secrets && !isCurrent) checkSecrets(fn, caller, { code: true, tried: true });
  const { version, by } =
    "version" in tried
      ? await savedVersion(deps, caller, place, tried.version)
      : await unsaved(deps, caller, fn, tried);
  const open = secrets ? secretsOf(deps.vault, fn) : {};
  const runnable = trialOf({ ...fn, ...(isCurrent ? {} : by) }, version, open);
  const ran = await runTrial(deps, caller, { runnable, ...asked });
  await deps.publish({ changes: [{ do: "invocation.put", invocation: ran.invocation }] });
  return shownRun(runnable, ran);
}

interface Tried {
  readonly version: Pick<FunctionVersion, "number"> & Prepared;
  /** With whose rights it runs. */
  readonly by: Pick<KnownFunction, "author" | "role">;
}

async function savedVersion(
  { store }: TrialContext,
  caller: Principal,
  place: FunctionPlace,
  number: string,
): Promise<Tried> {
  const { fn, version } = await findVersion(store, caller, { ...place, version: number });
  return { version, by: { author: version.createdBy, role: lowerRole(fn.role, roleOf(caller)) } };
}

async function unsaved(
  deps: TrialContext,
  caller: Principal,
  { slug, tenant, number, version }: KnownFunction,
  { code, language }: { readonly code: string; readonly language?: Language },
): Promise<Tried> {
  const running =
    language === undefined ? await deps.store.functions.version({ function: number, number: version }) : undefined;
  const spoken = language ?? running?.language ?? "javascript";
  const prepared = await asUpload(deps, tenant, () => compiledCode(deps, { tenant, slug, code, language: spoken }));
  return { version: prepared, by: { author: authorOf(caller), role: roleOf(caller) } };
}

interface NewTrialInput extends AskedRun, Omit<FunctionInput, "name" | "enabled" | "writes"> {
  /** The app's slug. */
  readonly app: string;
  /** Stands in places. */
  readonly slug: string;
  readonly code: string;
  readonly language: Language;
}

/**
 * Runs code of a function that there is not, with settings of its own: as a dry run of which nothing is kept.
 *
 * @throws SignalboxError as {@link tryCode} does; `invalid_request` about settings.
 */
export async function tryNewCode(
  deps: TrialContext,
  caller: Principal,
  { app: appSlug, slug, code, language, input, signal, ...settings }: NewTrialInput,
): Promise<Ran["invocation"]> {
  const { store, clock, egressAllow } = deps;
  const { tenant } = caller;
  const app = await findApp(store, caller, appSlug);
  const { secrets, ...state } = mergeFunction(newFunctionState(slug), settings, egressAllow);
  const version = await asUpload(deps, tenant, () => compiledCode(deps, { tenant, slug, code, language }));
  const nowMs = clock.now();
  const fn: KnownFunction = {
    ...state,
    uuid: freshUuid(clock, "function"),
    number: 0,
    tenant,
    app: app.number,
    appName: app.name,
    appSlug,
    appUuid: app.uuid,
    slug,
    version: unsavedVersion,
    owner: caller.name,
    author: authorOf(caller),
    role: roleOf(caller),
    secretNames: Object.keys(secrets),
    secretRoles: {},
    createdMs: nowMs,
    updatedMs: nowMs,
    revision: 1,
  };
  const runnable = trialOf(fn, version, secrets);
  const ran = await runTrial(deps, caller, { runnable, input, dryRun: true, signal });
  return shownRun(runnable, ran).invocation;
}

async function compiledCode(
  deps: TrialContext,
  {
    code,
    ...input
  }: { readonly tenant: string; readonly slug: string; readonly code: string; readonly language: Language },
): Promise<Tried["version"]> {
  // That it loads, and has a function, shows when it runs.
  return { number: unsavedVersion, ...acceptedCode(input, await compileCode(deps, { ...input, source: code })) };
}

/** Named by all that it is made of: the same code with the same settings runs in the same scope again, as what is deployed does. */
function trialOf(fn: KnownFunction, version: Tried["version"], secrets: Readonly<Record<string, string>>): Runnable {
  const made = JSON.stringify([fn.number, fn.slug, version.js, fn.env, secrets, fn.egress]);
  const id = `trial.${createHash("sha256").update(made).digest("hex")}`;
  return runnableOf(fn, version, { id, secrets });
}

interface Trial extends AskedRun {
  readonly runnable: Runnable;
  readonly dryRun: boolean;
}

/** Of a PRE event, with the verdict that a hook would have given, or with what was wrong about it. */
async function runTrial(
  deps: TrialContext,
  caller: Principal,
  { runnable, input: said, dryRun, signal }: Trial,
): Promise<Ran> {
  const input = { ...said, timeoutMs: said.timeoutMs ?? usualTimeoutMs };
  const definition = deps.catalog.get(input.eventType);
  const isHook = definition?.phase === "pre";
  // A hook may only read while an operation waits for it.
  const readsOnly = dryRun || (isHook && !runnable.fn.writes);
  const ran = await runNow(deps, caller, { runnable, trigger: "trial", input, dryRun: readsOnly, signal });
  if (!isHook) return ran;
  const hook = { runnable, options: { stage: "prepare", failurePolicy: "closed" } } as const;
  const answer = readResult(ran.outcome, hook, { plan: { definition }, timeoutMs: input.timeoutMs });
  return { ...ran, invocation: invocationOf({ ...ran, answer }) ?? ran.invocation };
}
