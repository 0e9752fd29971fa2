import { managesTenant, mayReach, type Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Uuid } from "../domain/ids.ts";
import { isAdmin, openToDevelopers, viewerOf } from "../domain/visibility.ts";
import type { Bucket, Usage } from "../store/records.ts";
import type { Page, Store, UsagePlace, UsageQuery } from "../store/store.ts";
import { resolveFilter } from "./deliveries.ts";

/**
 * What was accepted and sent. What was accepted is counted for buckets that the caller reaches, what was sent for subscriptions that it knows
 * of, wherever they are.
 */

interface UsageFilter extends Pick<UsageQuery, "fromDay" | "toDay"> {
  /** By name. */
  readonly bucket?: string;
  /** By uuid, as it was given. */
  readonly rule?: string;
}

interface NamedUsage {
  readonly row: Usage;
  /** Absent once the bucket was deleted. */
  readonly bucketName?: string;
}

/**
 * By day. A page may be short while there is a next.
 *
 * @throws SignalboxError `not_found` when a bucket or rule is named that the caller may not see.
 */
export async function usageOf(
  store: Store,
  caller: Principal,
  { fromDay, toDay, ...named }: UsageFilter,
  page: Page<UsagePlace>,
): Promise<{ readonly usage: readonly NamedUsage[]; readonly next?: UsagePlace }> {
  const resolved = await resolveFilter(store, caller, named);
  const viewer = viewerOf(caller);
  const query = { tenant: caller.tenant, fromDay, toDay, ...resolved, ...defined({ viewer }) };
  const { usage: rows, next } = await store.events.usage(query, page);
  const reached = await reachedScopes(store, caller, new Set(rows.map((row) => row.scope)));
  const usage = rows.flatMap((row) => {
    if (row.subscription === undefined && !reached.has(row.scope)) return [];
    const bucket = reached.get(row.scope);
    return [bucket === undefined ? { row } : { row, bucketName: bucket.name }];
  });
  return { usage, ...defined({ next }) };
}

/** Those of `scopes` that the caller reaches, each with its bucket while that lives. */
async function reachedScopes(
  store: Store,
  caller: Principal,
  scopes: ReadonlySet<Uuid>,
): Promise<ReadonlyMap<Uuid, Bucket | undefined>> {
  const seen = new Map<Uuid, Bucket | undefined>();
  for (const scope of scopes) {
    const bucket = await store.objects.bucketByUuid(scope);
    if (isAdmin(caller) || (managesTenant(caller) && openToDevelopers(scope))) seen.set(scope, bucket);
    else if (bucket !== undefined) {
      const grant = await store.grants.reach(scope, caller.name);
      if (mayReach(caller, bucket, "read", grant)) seen.set(scope, bucket);
    }
  }
  return seen;
}
