import type { Principal } from "../../domain/access.ts";
import type { StoredUser } from "../../store/records.ts";
import type { Store } from "../../store/store.ts";

/** The user that a principal is: the one that it is linked to, or the one of its name. */
export async function userOfPrincipal(
  store: Pick<Store, "users">,
  { tenant, name, user }: Pick<Principal, "tenant" | "name" | "user">,
): Promise<StoredUser | undefined> {
  if (user === undefined) {
    const named = await store.users.byName(tenant, name);
    // The store finds names in any case; who is called Ada is not who is called ada.
    return named?.username === name ? named : undefined;
  }
  const linked = await store.users.byUuid(user);
  return linked?.tenant === tenant ? linked : undefined;
}
