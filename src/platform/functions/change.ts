import { authorOf, lowerRole, type Principal } from "../../domain/access.ts";
import { subscriptionEvents } from "../../domain/notifications/names.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { invalidField } from "../../errors.ts";
import { commitOptimistically } from "../../store/optimistic.ts";
import type { FunctionVersion, KnownFunction } from "../../store/records.ts";
import type { ListedVersion } from "../../store/store.ts";
import type { Change, Condition, FunctionPatch, Unit } from "../../store/unit.ts";
import { noted } from "../edits.ts";
import { subscriptionEvent } from "../subscription-event.ts";
import { asUpload, type Prepared, prepareCode } from "./code.ts";
import type { Language } from "./compile.ts";
import { type FunctionsContext, turnOfFunction } from "./deps.ts";
import { announcedFunction, changedEvents } from "./events.ts";
import { type FunctionPlace, findFunction, roleOf, type ShownFunction, showFunction, stored } from "./functions.ts";
import { type FunctionInput, type FunctionState, mergeFunction } from "./input.ts";
import { checkSecrets, secretRolesAfter } from "./secrets.ts";

/** What becomes of functions after they were made. Each change counts from the next event on. */

export interface ChangedFunction extends FunctionInput {
  readonly code?: string;
  /** Of the code; by default that of the version that runs. */
  readonly language?: Language;
}

/**
 * Merges what was said into the function. Code makes a version, unless it is that of one there is: then that one runs.
 *
 * @throws SignalboxError `not_found`; `invalid_request` with what is wrong, of code with its place.
 */
export async function changeFunction(
  deps: FunctionsContext,
  caller: Principal,
  place: FunctionPlace,
  input: ChangedFunction,
): Promise<ShownFunction> {
  const change = () => changed(deps, caller, place, input);
  return input.code === undefined ? change() : asUpload(deps, caller.tenant, change);
}

async function changed(
  deps: FunctionsContext,
  caller: Principal,
  place: FunctionPlace,
  { code, language, ...input }: ChangedFunction,
): Promise<ShownFunction> {
  if (code === undefined && language !== undefined) throw invalidField("language", "goes with code: give both");
  const { number } = await findFunction(deps.store, caller, place);
  await deps.mutex.take(turnOfFunction(number), async () => {
    const fn = await findFunction(deps.store, caller, place);
    // What is malformed is refused before anything is compiled.
    mergeFunction(openState(deps, fn), input, deps.egressAllow);
    checkSecrets(fn, caller, { ...input, code: code !== undefined });
    const prepared = code === undefined ? undefined : await prepare(deps, fn, { code, language });
    let subscriptions: readonly Subscription[] = [];
    await commitChange(deps, caller, place, async (now) => {
      checkSecrets(now, caller, { ...input, code: code !== undefined });
      if (input.enabled !== undefined) subscriptions = await deps.store.functions.subscriptions(number);
      return {
        conditions: input.enabled === undefined ? [] : [noneSince(number, subscriptions)],
        patch: isEmpty(input) ? {} : patchOf(deps, caller, now, input),
        also: [
          ...(input.enabled === undefined ? [] : pauses(subscriptions, input.enabled, deps.clock.now())),
          ...(prepared === undefined ? [] : await versionChanges(deps, caller, now, prepared)),
        ],
      };
    });
    for (const subscription of subscriptions) deps.wake(subscription.number);
  });
  return showFunction(deps.store, caller, place);
}

function isEmpty(input: FunctionInput): boolean {
  return Object.values(input).every((value) => value === undefined);
}

/** Makes a version the one that runs, with the rights of who had brought it, and none that the function has not. */
export async function runVersion(
  deps: FunctionsContext,
  caller: Principal,
  place: FunctionPlace,
  choose: (fn: KnownFunction) => Promise<ListedVersion>,
): Promise<ShownFunction> {
  const { number } = await findFunction(deps.store, caller, place);
  await deps.mutex.take(turnOfFunction(number), () =>
    commitChange(deps, caller, place, async (fn) => {
      const { number: version, createdBy } = await choose(fn);
      if (version === fn.version) return { patch: { version }, also: [] };
      checkSecrets(fn, caller, { code: true });
      return { patch: { version, author: createdBy }, also: [] };
    }),
  );
  return showFunction(deps.store, caller, place);
}

/**
 * Ends a function with its subscriptions: what waits for them becomes dead letters.
 *
 * @throws SignalboxError `not_found`.
 */
export async function removeFunction(deps: FunctionsContext, caller: Principal, place: FunctionPlace): Promise<void> {
  const { number } = await findFunction(deps.store, caller, place);
  await deps.mutex.take(turnOfFunction(number), async () => {
    const subscriptions = await commitOptimistically({ publish: deps.publish, what: "function" }, async () => {
      // Another may have deleted it while this waited.
      const fn = await findFunction(deps.store, caller, place);
      const those = await deps.store.functions.subscriptions(number);
      const atMs = deps.clock.now();
      const ended = [fn, ...those].map(({ uuid }) => ({ do: "resource.end", uuid, atMs }) as const);
      const unit: Unit = {
        conditions: [{ if: "function.revision", number, revision: fn.revision }, noneSince(number, those)],
        changes: [{ do: "function.remove", number, atMs }, { do: "edit.end", thing: fn.uuid }, ...ended],
        events: [
          ...those.map((one) => subscriptionEvent(deps, caller, one, subscriptionEvents.deleted)),
          await announcedFunction(deps, caller, { fn, name: "DELETED" }),
        ],
      };
      return { unit, committed: () => those };
    });
    for (const subscription of subscriptions) deps.wake(subscription.number);
  });
}

/** They are all that the function has still: one that came meanwhile would be passed over. */
function noneSince(number: number, subscriptions: readonly Subscription[]): Condition {
  return { if: "subscriptions.noneSince", of: { function: number }, last: subscriptions.at(-1)?.number ?? 0 };
}

interface DecidedChange {
  readonly patch: FunctionPatch;
  readonly also: readonly Change[];
  readonly conditions?: readonly Condition[];
}

async function commitChange(
  deps: FunctionsContext,
  caller: Principal,
  place: FunctionPlace,
  decide: (fn: KnownFunction) => Promise<DecidedChange>,
): Promise<void> {
  const nothing = () => undefined;
  await commitOptimistically({ publish: deps.publish, what: "function" }, async () => {
    const fn = await findFunction(deps.store, caller, place);
    const { number, revision } = fn;
    const { patch, also, conditions = [] } = await decide(fn);
    if (Object.keys(patch).length === 0 && also.length === 0) return { committed: nothing };
    // Only who brings the code vouches for it: another may take rights from it, and gives it none.
    const by = also.some(bringsCode)
      ? { role: roleOf(caller), author: authorOf(caller) }
      : { role: lowerRole(fn.role, roleOf(caller)) };
    const unit: Unit = {
      conditions: [{ if: "function.revision", number, revision }, ...conditions],
      changes: [
        { do: "function.change", number, patch: { ...patch, ...by }, atMs: deps.clock.now() },
        noted(deps, caller, fn.uuid),
        ...also,
      ],
      events: await changedEvents(deps, caller, { before: fn, patch, otherCode: also.some(runsOther(fn)) }),
    };
    return { unit, committed: nothing };
  });
}

function runsOther(fn: KnownFunction): (change: Change) => boolean {
  return (change) =>
    change.do === "version.add" ||
    (change.do === "function.change" && change.patch.version !== undefined && change.patch.version !== fn.version);
}

function bringsCode(change: Change): boolean {
  return change.do === "version.add" || (change.do === "function.change" && change.patch.version !== undefined);
}

function openState({ vault }: FunctionsContext, fn: KnownFunction): FunctionState {
  const { name, enabled, timeoutMs, env, egress, writes, sealedSecrets } = fn;
  const secrets =
    sealedSecrets === undefined ? {} : (JSON.parse(vault.open(sealedSecrets)) as FunctionState["secrets"]);
  return { name, enabled, timeoutMs, env, egress, writes, secrets };
}

function patchOf(deps: FunctionsContext, caller: Principal, fn: KnownFunction, input: FunctionInput): FunctionPatch {
  const state = mergeFunction(openState(deps, fn), input, deps.egressAllow);
  const { secretNames, sealedSecrets = null, ...rest } = stored(deps, state);
  if (input.secrets === undefined) return rest;
  const secretRoles = secretRolesAfter(fn, caller, { names: secretNames, said: input.secrets });
  return { ...rest, secretNames, secretRoles, sealedSecrets };
}

async function prepare(
  deps: FunctionsContext,
  fn: KnownFunction,
  { code, language }: { readonly code: string; readonly language: Language | undefined },
): Promise<Prepared> {
  const running = await deps.store.functions.version({ function: fn.number, number: fn.version });
  return prepareCode(deps, {
    tenant: fn.tenant,
    slug: fn.slug,
    source: code,
    language: language ?? running?.language ?? "javascript",
  });
}

async function versionChanges(
  { store, clock }: FunctionsContext,
  caller: Principal,
  fn: KnownFunction,
  prepared: Prepared,
): Promise<Change[]> {
  const atMs = clock.now();
  const known: FunctionVersion | undefined = await store.functions.versionByHash({
    function: fn.number,
    hash: prepared.hash,
  });
  // The same text may mean something else in the other language.
  if (known?.language === prepared.language) {
    return [{ do: "function.change", number: fn.number, patch: { version: known.number }, atMs }];
  }
  const version = { function: fn.number, ...prepared, createdMs: atMs, createdBy: caller.name };
  return [{ do: "version.add", version, atMs }];
}

/** Of a function that is disabled, every subscription waits; enabled, those that waited for that go on. */
function pauses(subscriptions: readonly Subscription[], enabled: boolean, nowMs: number): Change[] {
  return subscriptions.flatMap(({ uuid, paused }): Change[] => {
    const change = { do: "subscription.change", uuid, atMs: nowMs } as const;
    if (enabled) return paused?.reason === "disabled" ? [{ ...change, patch: { paused: null } }] : [];
    return paused === undefined ? [{ ...change, patch: { paused: { reason: "disabled", sinceMs: nowMs } } }] : [];
  });
}
