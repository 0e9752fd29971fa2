import type { Context } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import type { QuotaName, QuotaState } from "../domain/quotas.ts";
import { notFound } from "../errors.ts";
import type { Tenant } from "../store/records.ts";
import { noted, quotasThing } from "./edits.ts";

/** What a tenant may have, has, and is given. */

/** All of a tenant's quotas as they stand. */
export async function quotasOfTenant(
  { store, rates }: Pick<Context, "store" | "rates">,
  tenant: Principal["tenant"],
): Promise<readonly QuotaState[]> {
  const states = await store.quotas.of(tenant);
  return states.map((state) => (state.name === "events_per_second" ? { ...state, ...rates.state(tenant) } : state));
}

/**
 * Gives a tenant other quotas from now on; `null` is the installation's own again. What is absent stays. A quota may lie below what
 * there is: then it is only ever made less.
 *
 * @throws SignalboxError `not_found`
 */
export async function setQuotas(
  deps: Pick<Context, "store" | "publish" | "clock">,
  caller: Principal,
  id: string,
  quotas: Readonly<Partial<Record<QuotaName, number | null>>>,
): Promise<Tenant> {
  const changes = Object.entries(quotas).map(
    ([quota, limit]) => ({ do: "quota.put", tenant: id, quota: quota as QuotaName, limit: limit ?? null }) as const,
  );
  const commit = await deps.publish({
    conditions: [{ if: "tenant.exists", id }],
    changes: [...changes, noted(deps, caller, quotasThing(id))],
  });
  const tenant = commit.kind === "committed" ? await deps.store.identities.tenant(id) : undefined;
  if (tenant === undefined) throw notFound(`tenant '${id}'`);
  return tenant;
}
