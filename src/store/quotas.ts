import type { QuotaName, QuotaState } from "../domain/quotas.ts";

/** What tenants may have, and have: counted in the commit that changes it, so looking costs nothing. */
export interface TenantQuotas {
  /** In the order of their names in `domain/quotas.ts`. */
  of(tenant: string): Promise<QuotaState[]>;
  one(tenant: string, name: QuotaName): Promise<QuotaState>;
  /** The bounds that were set for single tenants, by tenant. */
  bounds(name: QuotaName): Promise<ReadonlyMap<string, number>>;
}

export type QuotaChange =
  /** The operator's bound for one tenant; `null`: the installation's again. */
  { readonly do: "quota.put"; readonly tenant: string; readonly quota: QuotaName; readonly limit: number | null };
