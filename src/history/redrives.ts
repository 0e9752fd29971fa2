import type { Context } from "../context.ts";
import { managesTenant, mayManage, type Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import { newUuid, parseUuid, type Uuid } from "../domain/ids.ts";
import { isAdmin, viewerOf } from "../domain/visibility.ts";
import { invalidField, notFound, SignalboxError } from "../errors.ts";
import { inTurn } from "../platform/search.ts";
import { seenSubscription } from "../platform/visibility.ts";
import { lastOfFull } from "../store/page.ts";
import type { Redrive, RedriveFilter } from "../store/records.ts";
import type { DeliveryPlace, Store } from "../store/store.ts";
import { checkMaySend, type DeliveryFilter, resolveFilter, seenRule } from "./deliveries.ts";

/** Sending many dead letters again: jobs that survive crashes. */

export type RedriveJobContext = Pick<
  Context,
  "clock" | "firstAttempts" | "publish" | "slices" | "startRedrive" | "store" | "wake"
>;

/**
 * Sends all dead letters that fit the filter and whose subscription the caller knows of again. Members say which bucket of theirs, or
 * which rule.
 *
 * @throws SignalboxError `not_found`; `invalid_request`; `conflict` when the rule was deleted.
 */
export async function startRedrive(
  deps: RedriveJobContext,
  caller: Principal,
  { perSecond, ...filter }: DeliveryFilter & Pick<Redrive, "perSecond">,
): Promise<Redrive> {
  const { store, publish, clock, startRedrive: start } = deps;
  const redrive: Redrive = {
    uuid: newUuid("job", { nowMs: clock.now(), bytes: clock.bytes(10) }),
    tenant: caller.tenant,
    filter: await wantedFilter(store, caller, filter),
    state: "running",
    redriven: 0,
    looked: 0,
    ...defined({ perSecond }),
    createdMs: clock.now(),
    createdBy: caller.name,
  };
  await publish({ changes: [{ do: "redrive.add", redrive }] });
  start(redrive.uuid);
  return redrive;
}

interface CountedDead {
  readonly filter: RedriveFilter;
  /** That {@link startRedrive} would send again now. */
  readonly wanted: number;
  /** There are more than were looked at. */
  readonly more: boolean;
}

/** Dead letters that one turn of the loop looks at: 2 ms. */
const countedTogether = 1_000;
/** That are looked at in all. */
const mostCounted = 1_000_000;

/** What {@link startRedrive} would do: a little in each turn of the loop, at the cost of the tenant. Throws as that does. */
export async function countRedrive(
  deps: RedriveJobContext,
  caller: Principal,
  { filter: asked, signal }: { readonly filter: DeliveryFilter; readonly signal: AbortSignal },
): Promise<CountedDead> {
  const { tenant } = caller;
  const filter = await wantedFilter(deps.store, caller, asked);
  let counted = 0;
  let after: DeliveryPlace | undefined;
  for (let looked = 0; looked < mostCounted && !signal.aborted; looked += countedTogether) {
    const page = { max: countedTogether, ...defined({ after }) };
    const { wanted, next } = await inTurn(deps, tenant, () => deps.store.redrives.countDead({ tenant, filter }, page));
    counted += wanted;
    if (next === undefined) return { filter, wanted: counted, more: false };
    after = next;
  }
  return { filter, wanted: counted, more: true };
}

/** @throws SignalboxError `not_found`; `invalid_request`; `forbidden`; `conflict`. */
async function wantedFilter(store: Store, caller: Principal, filter: DeliveryFilter): Promise<RedriveFilter> {
  if (filter.bucket === undefined && filter.rule === undefined && !managesTenant(caller)) {
    throw invalidField("bucket", "is required: a member sends the dead letters of one bucket, or of one rule, again");
  }
  const rule = filter.rule === undefined ? undefined : await seenRule(store, caller, filter.rule);
  if (rule?.deletedMs !== undefined) {
    throw new SignalboxError("conflict", `rule '${rule.uuid}' was deleted: there is nobody left to send to`);
  }
  if (rule !== undefined) await checkMaySend(store, caller, rule);
  const resolved = await resolveFilter(store, caller, filter);
  if (resolved.scope !== undefined) await checkManaged(store, caller, resolved.scope);
  const viewer = viewerOf(caller);
  return { ...resolved, ...defined({ viewer }) };
}

async function checkManaged(store: Store, caller: Principal, scope: Uuid): Promise<void> {
  if (managesTenant(caller)) return;
  const bucket = await store.objects.bucketByUuid(scope);
  if (bucket === undefined || !mayManage(caller, bucket)) throw notFound("a bucket of yours by that name");
}

/**
 * A job is for who began it and for admins; others who see the rule that it names see it too, and developers those that reach no further
 * than what their beginner knew of: how many letters an admin sent again tells of private subscriptions.
 *
 * @throws SignalboxError `not_found` when there is no such job that the caller may see.
 */
export async function findRedrive(store: Store, caller: Principal, id: string): Promise<Redrive> {
  const uuid = parseUuid(id);
  const job = uuid === undefined ? undefined : await store.redrives.redrive(uuid);
  if (job === undefined || job.tenant !== caller.tenant || !(await knowsJob(store, caller, job))) {
    throw notFound(`redrive '${id}'`);
  }
  return job;
}

/** As {@link findRedrive} says. */
export async function knowsJob(store: Store, caller: Principal, { createdBy, filter }: Redrive): Promise<boolean> {
  if (isAdmin(caller) || createdBy === caller.name) return true;
  if (filter.subscription === undefined) return managesTenant(caller) && filter.viewer !== undefined;
  return (await seenSubscription(store, caller, filter.subscription)) !== undefined;
}

/** Those that {@link findRedrive} finds, newest first. A page may be short while there is a `next`, which is the uuid to go on after. */
export async function listRedrives(
  store: Store,
  caller: Principal,
  page: { readonly after?: Uuid; readonly max: number },
): Promise<{ readonly redrives: readonly Redrive[]; readonly next?: Uuid }> {
  const found = await store.redrives.redrives({ tenant: caller.tenant }, page);
  const redrives: Redrive[] = [];
  for (const job of found) if (await knowsJob(store, caller, job)) redrives.push(job);
  return { redrives, ...defined({ next: lastOfFull(found, page)?.uuid }) };
}

/**
 * Ends a job before it is done: what it sent again stays so, the rest stays dead.
 *
 * @throws SignalboxError `not_found` as {@link findRedrive}; `forbidden` for who did not begin it and is no admin; `conflict` when it
 * has ended.
 */
export async function cancelRedrive(deps: RedriveJobContext, caller: Principal, id: string): Promise<Redrive> {
  const { uuid, createdBy } = await findRedrive(deps.store, caller, id);
  if (!isAdmin(caller) && createdBy !== caller.name) {
    throw new SignalboxError("forbidden", `redrive '${id}' was begun by ${createdBy}: they cancel it, or an admin`);
  }
  const commit = await deps.publish({
    conditions: [{ if: "redrive.running", uuid }],
    changes: [{ do: "redrive.cancel", uuid }],
  });
  if (commit.kind === "refused") {
    const { state } = await findRedrive(deps.store, caller, id);
    throw new SignalboxError("conflict", `redrive '${id}' is ${state} already`);
  }
  return findRedrive(deps.store, caller, id);
}
