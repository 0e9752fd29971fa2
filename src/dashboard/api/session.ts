import { queryOptions, useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { type Answer, ApiError, call, tenantChosen } from "./client.ts";
import { queries } from "./queries.ts";

/** Who is logged in, in its own tenant. */
export type Self = Answer<"getSelf">;

export const SelfContext = createContext<Self | undefined>(undefined);

/** Who is logged in; only below the layout, which asks for a login first. */
export function useSelf(): Self {
  const self = useContext(SelfContext);
  if (self === undefined) throw new TypeError("there is no session here");
  return self;
}

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }) => {
    try {
      return await call("getSelf", {}, { signal, atHome: true });
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.status === 401) return null;
      throw thrown;
    }
  },
  // A login in another tab counts here, too.
  staleTime: ({ state }) => (state.data === null ? 0 : 60_000),
});

export function useSession() {
  return useQuery(sessionQuery);
}

/** The tenant in which one acts at an address of `tenant`. */
export function actedTenant({ tenants, tenant: own }: Self, tenant: string | undefined): string {
  return tenants.choose && tenant !== undefined ? tenant : own;
}

/**
 * Calls `read` as soon as it is known who is logged in, before anything is drawn for them; not where they have yet to come to the tenant, by
 * what is drawn.
 */
export async function readAhead(tenant: string, read: () => Promise<void>): Promise<void> {
  const self = await queries.ensureQueryData(sessionQuery).catch(() => null);
  if (self === null || actedTenant(self, tenant) !== tenant) return;
  if (tenant === (tenantChosen() ?? self.tenant)) await read();
}

const ranks = ["operator", "admin", "developer", "member"];

/** Whether the server lets this role do what `least` may: the page only hides what it would refuse. */
export function reaches({ role }: Pick<Self, "role">, least: "operator" | "admin" | "developer" | "member"): boolean {
  return ranks.indexOf(role) <= ranks.indexOf(least);
}
