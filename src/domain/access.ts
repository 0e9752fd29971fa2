import type { Uuid } from "./ids.ts";
import type { Chain } from "./lifecycle.ts";

/**
 * Who may do what. Operators reach all tenants (and act as admin in the one that they choose); admins and developers reach
 * all buckets of their tenant; members what they own and what they were granted. In this order: each may what those behind it may.
 */
export const roles = ["operator", "admin", "developer", "member"] as const;
/**
 * The role of a platform's own services. It stands outside that order: it reaches the host interface, which no other role reaches, and
 * nothing else.
 */
export const hostRole = "host";
export const everyRole = [...roles, hostRole] as const;
export type Role = (typeof everyRole)[number];

/** Of those that the API knows as callers. */
type ApiRole = (typeof roles)[number];

/** @throws TypeError for a host, which is no caller of the API. */
export function apiRole(role: Role): ApiRole {
  if (role === hostRole) throw new TypeError("a host is no caller of the API");
  return role;
}

/** Whether `role` is `least` or a higher one. */
export function roleReaches(role: Role, least: Role): boolean {
  if (role === hostRole || least === hostRole) return role === least;
  return roles.indexOf(role) <= roles.indexOf(least);
}

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
  /** Present exactly on a caller of the host interface. */
  readonly host?: HostScope;
}

/** What a host token may do, of all that the host interface can. */
export interface HostScope {
  /** Whether it may act in every tenant. */
  readonly allTenants: boolean;
  /** Names of lifecycle event types; one that ends in `*` stands for all that begin so. Absent: all. */
  readonly eventTypes?: readonly string[];
  /** Names of kinds of resources. Absent: all. */
  readonly kinds?: readonly string[];
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

/** The name of a host in tenants other than its own, likewise. */
export function hostName(name: string): string {
  return `host:${name}`;
}

/** In the place of a grantee: everybody of the tenant who has rights there. */
export const everyone = "*";

/** Names under which operators, hosts and functions act, and that of everyone. Reserved, whatever the case of the letters. */
export function isReservedName(name: string): boolean {
  return name === everyone || /^(?:operator|host|hook|function):/i.test(name);
}

/** Whose rights what `principal` does rests on: its own, or of a function those of its author. */
export function authorOf({ name, author }: Pick<Principal, "name" | "author">): string {
  return author ?? name;
}

/** The role that may less. */
export function lowerRole(one: Role, other: Role): Role {
  return everyRole.indexOf(one) > everyRole.indexOf(other) ? one : other;
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
  return roleReaches(principal.role, "developer");
}
