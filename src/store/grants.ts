import type { Grant, Permission } from "../domain/access.ts";
import type { Uuid } from "../domain/ids.ts";

/** What was shared with whom, and who sees what. */
export interface Grants {
  /** Those of a resource that is gone count no more, but for {@link seersOf}. */
  grant(resource: Uuid, grantee: string): Promise<Permission | undefined>;
  /** The better one of what this principal of the resource's tenant was granted, and what everybody was. */
  reach(resource: Uuid, name: string): Promise<Permission | undefined>;
  /** By name. */
  grants(resource: Uuid): Promise<Grant[]>;
  /**
   * Of each query, names of all principals of the tenant who see one of these, its owners aside: who holds a grant, the user whose profile it is, admins,
   * operators (of the tenant `default`; in others under the name that they act under there), and with `developers` those too. None of
   * those that were ended. `*` among them stands for all whom `Identities.living` tells.
   */
  seersOf(queries: readonly SeersQuery[]): Promise<ReadonlySet<string>[]>;
}

/** Whose sight of resources is asked for; `developers`: whether those see all of them. */
interface SeersQuery {
  readonly tenant: string;
  readonly resources: readonly Uuid[];
  readonly developers: boolean;
}

export type GrantCondition = { readonly if: "grant.exists"; readonly resource: Uuid; readonly grantee: string };

export type GrantChange =
  | { readonly do: "grant.put"; readonly grant: Grant }
  | { readonly do: "grant.remove"; readonly resource: Uuid; readonly grantee: string };
