import { type CountedQuota, type QuotaName, type Quotas, quotaNames } from "../../domain/quotas.ts";
import type { QuotaChange, TenantQuotas } from "../quotas.ts";
import { integer, type Reads, type Row, type Step, text } from "./step.ts";

/**
 * Quotas: triggers of the schema count what each tenant has, in the statement that changes it, and the writer looks at the end
 * of a unit whether it has made more than there may be. So no writer can pass a bound, whatever others write at the same time, and no
 * change can be forgotten.
 */

// Not by a trigger: SQLite would then look through all that refers to tenants.
const addCounters = "INSERT INTO quota (tenant, name) SELECT ?1, value FROM json_each(?2)";

/** A new tenant has nothing. */
export function countersOf(tenant: string): Step {
  return { sql: addCounters, params: [tenant, JSON.stringify(quotaNames)] };
}

const putBound = "UPDATE quota SET bound = ?3 WHERE tenant = ?1 AND name = ?2";

export function quotaChange({ tenant, quota, limit }: QuotaChange): Step[] {
  return [{ sql: putBound, params: [tenant, quota, limit] }];
}

export const quotaOf = (row: Row): CountedQuota => text(row, "name") as CountedQuota;

/** What its tenant may have. */
export function limitOf(row: Row, defaults: Quotas): number {
  return row["bound"] === null ? defaults[text(row, "name") as QuotaName] : integer(row, "bound");
}

const ofTenant = "SELECT name, used, bound FROM quota WHERE tenant = ?";
const oneOf = "SELECT name, used, bound FROM quota WHERE tenant = ? AND name = ?";
const boundsOf =
  "SELECT tenant, bound FROM quota INDEXED BY quota_bound WHERE name = ? AND bound IS NOT NULL ORDER BY tenant";

/** The reads of `TenantQuotas`. */
export function quotas(reads: Reads, defaults: Quotas): TenantQuotas {
  const state = (name: QuotaName, row: Row | undefined) => ({
    name,
    limit: row === undefined ? defaults[name] : limitOf(row, defaults),
    used: row === undefined ? 0 : integer(row, "used"),
    own: row !== undefined && row["bound"] !== null,
  });
  return {
    of: async (tenant) => {
      const rows = new Map((await reads.all(ofTenant, tenant)).map((row) => [text(row, "name"), row]));
      return quotaNames.map((name) => state(name, rows.get(name)));
    },
    one: async (tenant, name) => state(name, await reads.get(oneOf, tenant, name)),
    bounds: async (name) => {
      const rows = await reads.all(boundsOf, name);
      return new Map(rows.map((row) => [text(row, "tenant"), integer(row, "bound")]));
    },
  };
}
