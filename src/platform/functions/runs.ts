import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { deliveryUuid, type Uuid } from "../../domain/ids.ts";
import type { Invocation } from "../../domain/invocation.ts";
import { invalidField, notFound } from "../../errors.ts";
import type { NarrowedInvocations } from "../../store/invocations.ts";
import { lastOfFull } from "../../store/page.ts";
import type { InvocationNarrowing, InvocationQuery, KnownFunction } from "../../store/records.ts";
import type { Page, Store } from "../../store/store.ts";
import { knowsSubscription } from "../visibility.ts";
import { type FunctionPlace, findFunction } from "./functions.ts";

/** How functions ran, and how they run: what is recorded, and what has begun and is recorded nowhere yet. */

/** An invocation, with what it names. */
export interface ShownInvocation {
  readonly invocation: Invocation;
  readonly fn: KnownFunction;
  /** Of a POST event, when the caller knows of its subscription. */
  readonly delivery?: Uuid;
}

interface RunFilter extends Omit<InvocationQuery, "tenant"> {
  readonly version?: number;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly page: Page<number>;
}

/** A page may be short, or empty, while there is a `next`. */
export interface ListedRuns {
  readonly runs: readonly ShownInvocation[];
  readonly next?: number;
  /** How far was looked, where that is not told by the runs. */
  readonly searchedMs?: number;
}

/** Of one function, newest first. */
export async function listInvocations(
  deps: Pick<Context, "functions" | "store">,
  caller: Principal,
  place: FunctionPlace,
  filter: Omit<RunFilter, "function">,
): Promise<ListedRuns> {
  const fn = await findFunction(deps.store, caller, place);
  return list(deps, caller, { ...filter, function: fn.number });
}

/**
 * Of all functions of the caller's tenant, newest first; of those of an app (its slug).
 *
 * @throws SignalboxError `invalid_request` about `function_id` when the tenant never had such a function, and about `app`.
 */
export async function listTenantInvocations(
  deps: Pick<Context, "functions" | "store">,
  caller: Principal,
  { app: slug, ...filter }: RunFilter & { readonly app?: string },
): Promise<ListedRuns> {
  const { function: number } = filter;
  if (number !== undefined && (await deps.store.functions.byNumber(number))?.tenant !== caller.tenant) {
    throw invalidField("function_id", "there is no such function; see /api/apps/{app}/functions/");
  }
  const app = slug === undefined ? undefined : await deps.store.apps.app(caller.tenant, slug);
  if (slug !== undefined && app === undefined) throw invalidField("app", `'${slug}' does not exist; see /api/apps/`);
  return list(deps, caller, { ...filter, ...defined({ app: app?.number }) });
}

async function list(
  deps: Pick<Context, "functions" | "store">,
  caller: Principal,
  { page, app, version, sinceMs, untilMs, ...filter }: RunFilter & InvocationNarrowing,
): Promise<ListedRuns> {
  const query = { ...filter, tenant: caller.tenant };
  const narrowing = defined({ app, version, sinceMs, untilMs });
  const { invocations: recorded, ...end } =
    Object.keys(narrowing).length === 0
      ? await wholePage(deps, query, page)
      : await deps.store.invocations.narrowedInvocations({ ...query, narrowing }, page);
  const { after = Number.POSITIVE_INFINITY, max } = page;
  const { next = 0 } = end;
  const running = underWay(deps, query).filter(
    (one) => one.number < after && one.number > next && fits(one, narrowing),
  );
  const begun = new Set(running.flatMap(keysOf));
  const known = recorded.filter((one) => one.status === "pending" && keysOf(one).some((key) => begun.has(key)));
  const listed = new Set(known.flatMap(keysOf));
  const all = [
    ...recorded.map((one) => withBeginning(one, running)),
    ...running.filter((one) => !keysOf(one).some((key) => listed.has(key))),
  ].toSorted((one, other) => other.number - one.number);
  const newest = all.slice(0, max);
  const found = (await Promise.all(newest.map((invocation) => shown(deps.store, caller, invocation)))).flat();
  // Of one that is under way the app is known only now.
  const runs = found.filter(({ fn }) => app === undefined || fn.app === app);
  const last = newest.at(-1);
  return all.length > max && last !== undefined ? { runs, next: last.number } : { runs, ...end };
}

/** Without what has to be looked for: a page that is not full ends the list. */
async function wholePage(
  { store }: Pick<Context, "store">,
  query: InvocationQuery,
  page: Page<number>,
): Promise<NarrowedInvocations> {
  const invocations = await store.invocations.invocations(query, page);
  return { invocations, ...defined({ next: lastOfFull(invocations, page)?.number }) };
}

function fits({ version, createdMs }: Invocation, wanted: InvocationNarrowing): boolean {
  const { sinceMs = 0, untilMs = Number.POSITIVE_INFINITY } = wanted;
  return (wanted.version === undefined || version === wanted.version) && createdMs >= sinceMs && createdMs < untilMs;
}

function underWay(
  { functions }: Pick<Context, "functions">,
  { tenant, function: fn, eventType, status, trigger }: InvocationQuery,
): Invocation[] {
  if (status !== undefined && status !== "pending") return [];
  return [...functions.underWay()].filter(
    (one) =>
      one.tenant === tenant &&
      (fn === undefined || one.function === fn) &&
      (eventType === undefined || one.eventType === eventType) &&
      (trigger === undefined || one.trigger === trigger),
  );
}

/** What tells a run from others: its number, and of an attempt to deliver, which was given another before it began, that attempt. */
function keysOf({ number, sequence, subscription, attempt }: Invocation): readonly string[] {
  return [String(number), ...(sequence === undefined ? [] : [`${sequence}/${subscription}/${attempt}`])];
}

/** One that is recorded as pending keeps its number when it begins. */
function withBeginning(recorded: Invocation, running: readonly Invocation[]): Invocation {
  if (recorded.status !== "pending") return recorded;
  const keys = keysOf(recorded);
  const began = running.find((one) => keysOf(one).some((key) => keys.includes(key)));
  return began?.startedMs === undefined ? recorded : { ...recorded, startedMs: began.startedMs };
}

/** @throws SignalboxError `not_found` when the caller's tenant has no such invocation. */
export async function findInvocation(
  deps: Pick<Context, "functions" | "store">,
  caller: Principal,
  id: string,
): Promise<ShownInvocation> {
  const number = /^\d{1,15}$/.test(id) ? Number(id) : undefined;
  const recorded = number === undefined ? undefined : await deps.store.invocations.invocation(number);
  const running = underWay(deps, { tenant: caller.tenant });
  const invocation =
    recorded === undefined ? running.find((one) => one.number === number) : withBeginning(recorded, running);
  if (invocation?.tenant !== caller.tenant) throw notFound(`invocation '${id}'`);
  const [found] = await shown(deps.store, caller, invocation);
  return found ?? missing(id);
}

function missing(id: string): never {
  throw notFound(`invocation '${id}'`);
}

/** None: its function is not kept any more. */
async function shown(store: Store, caller: Principal, invocation: Invocation): Promise<ShownInvocation[]> {
  const fn = await store.functions.byNumber(invocation.function);
  if (fn === undefined) return [];
  const { sequence, subscription: number } = invocation;
  if (sequence === undefined || number === undefined) return [{ invocation, fn }];
  const subscription = await store.subscriptions.byNumber(number);
  if (subscription === undefined || !(await knowsSubscription(store, caller, subscription)))
    return [{ invocation, fn }];
  return [{ invocation, fn, delivery: deliveryUuid(sequence, subscription.uuid) }];
}
