import {
  everyTenant,
  type Resolver,
  type ResolverChange,
  type ResolverCondition,
  type Resolvers,
} from "../resolvers.ts";
import { type Check, integer, type Reads, type Row, type Step, text } from "./step.ts";

/** Where platforms say what became of operations. */

const put = `INSERT INTO resolver (tenant, url, sealed, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (tenant) DO UPDATE SET url = excluded.url, sealed = excluded.sealed, updated_ms = excluded.updated_ms`;
const remove = "DELETE FROM resolver WHERE tenant = ?";
const unasked = "origin = 'host' AND unresolved IS NOT NULL AND ask_ms IS NULL";
const askOfTenant = `UPDATE intent INDEXED BY intent_by_tenant SET ask_ms = ?1 WHERE tenant = ?2 AND ${unasked}`;
const askOfAll = `UPDATE intent INDEXED BY intent_unresolved SET ask_ms = ?1 WHERE operation >= '' AND ${unasked}`;

export function resolverChange(change: ResolverChange): Step[] {
  switch (change.do) {
    case "resolver.put": {
      const { tenant, url, sealed, createdMs, updatedMs } = change.resolver;
      const asked =
        tenant === everyTenant
          ? { sql: askOfAll, params: [updatedMs] }
          : { sql: askOfTenant, params: [updatedMs, tenant] };
      return [{ sql: put, params: [tenant, url, sealed, createdMs, updatedMs] }, asked];
    }
    case "resolver.remove":
      return [{ sql: remove, params: [change.tenant] }];
    default:
      return change satisfies never;
  }
}

const unchanged = "SELECT 1 FROM resolver WHERE tenant = ? AND updated_ms = ?";

export function resolverCheck({ tenant, updatedMs }: ResolverCondition): Check {
  if (updatedMs === undefined) return { sql: resolverOf, params: [tenant], expect: "none" };
  return { sql: unchanged, params: [tenant, updatedMs], expect: "row" };
}

const resolverOf = "SELECT * FROM resolver WHERE tenant = ?";

/** The reads of `Resolvers`. */
export function resolvers(reads: Reads): Resolvers {
  const get = async (tenant: string): Promise<Resolver | undefined> => reads.one(readResolver, resolverOf, tenant);
  return {
    get: async (tenant) => get(tenant),
    of: async (tenant) => (await get(tenant)) ?? get(everyTenant),
  };
}

function readResolver(row: Row): Resolver {
  return {
    tenant: text(row, "tenant"),
    url: text(row, "url"),
    sealed: text(row, "sealed"),
    createdMs: integer(row, "created_ms"),
    updatedMs: integer(row, "updated_ms"),
  };
}
