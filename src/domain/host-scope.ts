import { hostRole, type Principal } from "./access.ts";

/** What a caller of the host interface may do, as its token says. Every route of it judges what it is about to do by these. */

/** Whether it may publish events of this lifecycle type, both phases of a pair alike: by their whole name. */
export function mayPublish({ role, host }: Pick<Principal, "role" | "host">, eventType: string): boolean {
  if (role !== hostRole || host === undefined) return false;
  return host.eventTypes?.some((form) => fits(form, eventType)) ?? true;
}

/** Whether it may register, change and raise events on resources of this kind. */
export function mayUse({ role, host }: Pick<Principal, "role" | "host">, kind: string): boolean {
  if (role !== hostRole || host === undefined) return false;
  return host.kinds?.includes(kind) ?? true;
}

/** Whether it acts in every tenant, and so may change what all of them share. */
export function ofAllTenants({ role, host }: Pick<Principal, "role" | "host">): boolean {
  return role === hostRole && host?.allTenants === true;
}

/** @param form the name of an event type, or how such names begin, and `*`. */
function fits(form: string, name: string): boolean {
  return form.endsWith("*") ? name.startsWith(form.slice(0, -1)) : name === form;
}

/** What `event_types` of a token may hold. */
export const eventTypesForm = "^(?:[A-Z][A-Z0-9_]{0,63}\\*?|\\*)$";
/** The same of `kinds`. */
export const kindsForm = "^[a-z][a-z0-9_]{0,31}$";
/** Most of either. */
export const mostInScope = 100;
