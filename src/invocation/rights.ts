import { lowerRole, operatorNamed, operatorsTenant, type Role } from "../domain/access.ts";
import type { Store } from "../store/store.ts";

/** What is lent to a function: the rights of a principal, up to a role. */
export interface LentRights {
  readonly tenant: string;
  /** Name of the principal. */
  readonly author: string;
  /** What it may do at the most. */
  readonly role: Role;
}

/**
 * The role that comes of it now: not above the one that the principal has at this moment. `undefined`: there is no such principal, or it
 * was ended. Asked anew at each use, so that rights end when they end.
 */
export async function rightsNow(store: Pick<Store, "identities">, lent: LentRights): Promise<Role | undefined> {
  const operator = operatorNamed(lent.author);
  const principal = await (operator === undefined
    ? store.identities.principal(lent.tenant, lent.author)
    : store.identities.principal(operatorsTenant, operator));
  if (principal === undefined || principal.endedMs !== undefined) return undefined;
  // Who was an operator and is one no more has no rights in other tenants than its own.
  if (operator !== undefined && principal.role !== "operator") return undefined;
  return lowerRole(lent.role, principal.role);
}
