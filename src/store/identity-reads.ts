import type { Grant, Permission } from "../domain/access.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Page } from "./page.ts";
import type { AccessKey, KnownAccessKey, KnownToken, ListedPrincipal, StoredPrincipal, Tenant } from "./records.ts";

/** Who there is, with what they show that they are, and what was shared with them. */
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
  /** With its principal; expired and revoked ones too: the caller judges. */
  tokenByHash(hash: string): Promise<KnownToken | undefined>;
  /** Newest first. */
  tokens(tenant: string, page: Page<Uuid>): Promise<KnownToken[]>;
  accessKey(id: string): Promise<KnownAccessKey | undefined>;
  /** By id; only those of one principal when `principal` is given. */
  accessKeys(query: { readonly tenant: string; readonly principal?: string }, page: Page<string>): Promise<AccessKey[]>;
  /** Those of a resource that is gone count no more, but for {@link seers}. */
  grant(resource: Uuid, grantee: string): Promise<Permission | undefined>;
  /** The better one of what this principal of the resource's tenant was granted, and what everybody was. */
  reach(resource: Uuid, name: string): Promise<Permission | undefined>;
  /** By name. */
  grants(resource: Uuid): Promise<Grant[]>;
  /**
   * Names of all principals of the tenant who see one of these, its owners aside: who holds a grant, the user whose profile it is, admins,
   * operators (of the tenant `default`; in others under the name that they act under there), and with `developers` those too. None of
   * those that were ended. `*` among them stands for all whom {@link living} tells.
   */
  seers(query: {
    readonly tenant: string;
    readonly resources: readonly Uuid[];
    readonly developers: boolean;
  }): Promise<ReadonlySet<string>>;
  /** Who of these is a principal of the tenant that was not ended. */
  living(tenant: string, names: readonly string[]): Promise<ReadonlySet<string>>;
}
