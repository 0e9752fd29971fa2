import type { Uuid } from "./ids.ts";
import type { Chain } from "./lifecycle.ts";

/**
 * Who may do what. Operators reach all tenants (and act as admin in the one that they choose); admins and developers reach
 * all buckets of their tenant; members what they own and what they were granted.
 */
export const roles = ["operator", "admin", "developer", "member"] as const;
export type Role = (typeof roles)[number];

/** Where operators live: the tenant of every installation. */
export const operatorsTenant = "default";

/** To whom a token or an S3 key belongs. `name` is unique in its tenant. */
export interface Principal {
  readonly tenant: string;
  readonly name: string;
  readonly role: Role;
  readonly user?: Uuid;
  /** Of a function that calls this platform: the principal whose rights it acts with. */
  readonly author?: string;
  /** Present exactly on a function that calls this platform: what led to the call, itself last. */
  readonly chain?: Chain;
}

/**
 * The name of an operator in tenants other than its own. Principals' names hold no colon, so no principal there has it: what the operator
 * makes there, and watches there, belongs to no other.
 */
export function operatorName(name: string): string {
  return `${operatorPrefix}${name}`;
}

/** The inverse; `undefined` for every other name. */
export function operatorNamed(name: string): string | undefined {
  return name.startsWith(operatorPrefix) ? name.slice(operatorPrefix.length) : undefined;
}

const operatorPrefix = "operator:";

/** In the place of a grantee: everybody of the tenant who has rights there. */
export const everyone = "*";

/** Names under which operators and functions act, and that of everyone. Reserved, whatever the case of the letters. */
export function isReservedName(name: string): boolean {
  return name === everyone || /^(?:operator|hook|function):/i.test(name);
}

/** Whose rights what `principal` does rests on: its own, or of a function those of its author. */
export function authorOf({ name, author }: Pick<Principal, "name" | "author">): string {
  return author ?? name;
}

/** The role that may less. */
export function lowerRole(one: Role, other: Role): Role {
  return roles.indexOf(one) > roles.indexOf(other) ? one : other;
}

/** What a grant lets its holder do with one resource. `write` includes `read`. */
export type Permission = "read" | "write";

/** Someone other than the owner who may see a resource. */
export interface Grant {
  readonly resource: Uuid;
  /** Name of a principal, or {@link everyone}. */
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

/** Whether `principal` may change what a resource is and who is notified of it (rules, grants, deletion of a bucket). */
export function mayManage(principal: Principal, resource: Owned): boolean {
  return principal.tenant === resource.tenant && (managesTenant(principal) || resource.owner === principal.name);
}

/** Whether `principal` reaches everything in its tenant. */
export function managesTenant(principal: Principal): boolean {
  return principal.role !== "member";
}
