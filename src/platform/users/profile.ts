import type { Context } from "../../context.ts";
import { operatorNamed, type Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { isAdmin } from "../../domain/visibility.ts";
import { notFound } from "../../errors.ts";
import type { StoredPrincipal, StoredUser } from "../../store/records.ts";
import { resourceAt, sees } from "../registry.ts";
import { oneself } from "./find.ts";
import { userOfPrincipal } from "./self.ts";

/** Who a principal is, as far as the caller may know. */

export interface Profile {
  /** Name of the principal. */
  readonly username: string;
  /** The user that it is, if it is one. */
  readonly user?: StoredUser;
  /** Whether it has rights. */
  readonly active: boolean;
  readonly createdMs?: number;
}

/**
 * Of a principal by its name, or of the user of that name; `me` is the caller. All see their own, those of users whom they see,
 * and admins those of all who ever were.
 *
 * @throws SignalboxError `not_found`, in the same words for one that there is not and one that the caller does not see.
 */
export async function findProfile(
  { store }: Pick<Context, "store">,
  caller: Principal,
  name: string,
): Promise<Profile> {
  const isOwn = name === oneself || name === caller.name;
  const username = isOwn ? caller.name : name;
  const principal = await store.identities.principal(caller.tenant, username);
  const user = await userOfPrincipal(store, isOwn ? caller : (principal ?? { tenant: caller.tenant, name: username }));
  const profile = profileOf(username, principal, user);
  if (isOwn) return profile;
  const resource = user === undefined ? undefined : await resourceAt(store, caller.tenant, user.uuid);
  if (resource !== undefined && (await sees(store, caller, resource))) return profile;
  const known = principal !== undefined || operatorNamed(username) !== undefined;
  if (known && isAdmin(caller)) return profile;
  throw notFound(`a profile '${name.slice(0, 150)}' that you see`);
}

function profileOf(username: string, principal: StoredPrincipal | undefined, user: StoredUser | undefined): Profile {
  const createdMs = user?.createdMs ?? principal?.createdMs;
  return {
    username,
    ...defined({ user }),
    active: principal?.endedMs === undefined,
    ...defined({ createdMs }),
  };
}
