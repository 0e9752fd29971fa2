import type { Role } from "../domain/access.ts";
import type { Need } from "../domain/face-rules.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Page } from "./page.ts";
import type { ListedPrincipal, StoredPrincipal, Tenant } from "./records.ts";

/** Tenants, and who there is in them. */
export interface Identities {
  tenant(id: string): Promise<Tenant | undefined>;
  /** By id. */
  tenants(page: Page<string>): Promise<Tenant[]>;
  /** One that was ended is found too: the caller judges. */
  principal(tenant: string, name: string): Promise<StoredPrincipal | undefined>;
  /** By name; those that were ended too. With `name` that one alone. `nowMs` decides which tokens have expired. */
  principals(
    query: { readonly tenant: string; readonly nowMs: number; readonly name?: string },
    page: Page<string>,
  ): Promise<ListedPrincipal[]>;
  /** Names of the live ones that are this user: linked to it, or linked to none and of its very name. */
  principalsOf(user: {
    readonly tenant: string;
    readonly uuid: Uuid;
    readonly username: string;
  }): Promise<StoredPrincipal[]>;
  /** Who of these is a principal of the tenant that was not ended. */
  living(tenant: string, names: readonly string[]): Promise<ReadonlySet<string>>;
}

export type IdentityCondition =
  | { readonly if: "tenant.absent"; readonly id: string }
  | { readonly if: "tenant.exists"; readonly id: string }
  | { readonly if: "principal.absent"; readonly tenant: string; readonly name: string }
  | { readonly if: "principal.ended"; readonly tenant: string; readonly name: string }
  /** It is there, has this role, and was not ended. */
  | { readonly if: "principal.is"; readonly tenant: string; readonly name: string; readonly role: Role };

export type IdentityChange =
  | { readonly do: "tenant.add"; readonly tenant: Tenant }
  /** Adds a principal, or gives an existing one another role; one that was ended is back unless it has `endedMs`. */
  | { readonly do: "principal.put"; readonly principal: StoredPrincipal }
  /**
   * Its tokens and keys end with it. Its subscriptions but those that run functions pause, whatever they were before; `everywhere`, of
   * operators: those in other tenants too, which bear the name `operator:<name>`.
   */
  | {
      readonly do: "principal.end";
      readonly tenant: string;
      readonly name: string;
      readonly atMs: number;
      readonly everywhere?: boolean;
    }
  /**
   * What goes to webhooks and addresses for a principal that has this role now, and which that may not subscribe to, pauses: operations, of those
   * below developers; all buckets, below admins; buckets of others, of members. `everywhere`: it was an operator, and is none any more.
   */
  | {
      readonly do: "principal.lowered";
      readonly tenant: string;
      readonly name: string;
      readonly beyond: readonly Need[];
      readonly atMs: number;
      readonly everywhere?: boolean;
    };
