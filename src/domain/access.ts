import type { Uuid } from "./ids.ts";
import type { Chain } from "./lifecycle.ts";

/**
 * Who may do what. Operators reach all tenants (and act as admin in the one that they choose); admins and developers reach
 * all buckets of their tenant; members what they own and what they were granted.
 */
export const roles = ["operator", "admin", "developer", "member"] as const;
export type Role = (typeof roles)[number];

/** To whom a token or an S3 key belongs. `name` is unique in its tenant. */
export interface Principal {
  readonly tenant: string;
  readonly name: string;
  readonly role: Role;
  readonly user?: Uuid;
  /** Present exactly on a function that calls this platform: what led to the call, itself last. */
  readonly chain?: Chain;
}

/** What a grant lets its holder do with one resource. `write` includes `read`. */
export type Permission = "read" | "write";

/** Someone other than the owner who may see a resource. */
export interface Grant {
  readonly resource: Uuid;
  readonly grantee: string;
  readonly permission: Permission;
}

/** What {@link mayReach} needs to know of a resource. */
export interface Owned {
  readonly tenant: string;
  readonly owner: string;
}

/** Whether `principal` may do `wanted` to `resource`, given the grant that it holds on it, if any. */
export function mayReach(principal: Principal, resource: Owned, wanted: Permission, grant?: Permission): boolean {
  if (principal.tenant !== resource.tenant) return false;
  return managesTenant(principal) || resource.owner === principal.name || grant === "write" || grant === wanted;
}

/** Whether `principal` may change what a resource is and who hears of it (rules, grants, deletion of a bucket). */
export function mayManage(principal: Principal, resource: Owned): boolean {
  return principal.tenant === resource.tenant && (managesTenant(principal) || resource.owner === principal.name);
}

/** Whether `principal` reaches everything in its tenant. */
export function managesTenant(principal: Principal): boolean {
  return principal.role !== "member";
}
