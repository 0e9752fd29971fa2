import type { Principal } from "../../domain/access.ts";
import { parseUuid } from "../../domain/ids.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import type { StoredUser } from "../../store/records.ts";
import type { Page, Store } from "../../store/store.ts";
import { resourceAt, sees } from "../registry.ts";
import { userOfPrincipal } from "./self.ts";

/**
 * The user with this number or uuid.
 *
 * @throws SignalboxError `not_found` when the tenant has none.
 */
export async function findUser(store: Pick<Store, "users">, tenant: string, id: number | string): Promise<StoredUser> {
  const found = await lookUp(store, tenant, id);
  if (found === undefined) throw notFound(`user '${id}'`);
  return found;
}

async function lookUp(
  { users }: Pick<Store, "users">,
  tenant: string,
  id: number | string,
): Promise<StoredUser | undefined> {
  const text = String(id);
  const uuid = parseUuid(text);
  const found = /^[1-9]\d{0,14}$/.test(text)
    ? await users.byNumber({ tenant, number: Number(text) })
    : uuid === undefined
      ? undefined
      : await users.byUuid(uuid);
  return found?.tenant === tenant ? found : undefined;
}

/**
 * The same, as far as the caller sees users: developers and admins all, members themselves and those who were shared with them.
 *
 * @throws SignalboxError `not_found`, in the same words for one that does not exist and one that the caller does not see.
 */
export async function findSeenUser(store: Store, caller: Principal, asked: string): Promise<StoredUser> {
  const id = await askedFor(store, caller, asked);
  const user = await findUser(store, caller.tenant, id);
  const profile = await resourceAt(store, caller.tenant, user.uuid);
  if (profile === undefined || !(await sees(store, caller, profile))) throw notFound(`user '${id}'`);
  return user;
}

/** In the place of a user's number or uuid: the one that the caller is. */
export const oneself = "me";

/** @throws SignalboxError `not_found` for `me` of a principal that is no user. */
async function askedFor(store: Pick<Store, "users">, caller: Principal, id: string): Promise<string> {
  if (id !== oneself) return id;
  const user = await userOfPrincipal(store, caller);
  if (user !== undefined) return user.uuid;
  const why = `'${caller.name}' is a principal and no user: an admin makes a user of that name, or links it to one`;
  throw new SignalboxError("not_found", `user 'me' does not exist: ${why}`);
}

/**
 * The same, as far as the caller may change users: admins all, everybody else themselves.
 *
 * @throws SignalboxError `not_found`, in the same words for one that does not exist.
 */
export async function findChangeableUser(
  store: Store,
  caller: Principal,
  asked: string,
): Promise<{ readonly user: StoredUser; readonly asAdmin: boolean }> {
  const id = await askedFor(store, caller, asked);
  const asAdmin = caller.role === "operator" || caller.role === "admin";
  if (asAdmin) return { user: await findUser(store, caller.tenant, id), asAdmin };
  const user = await lookUp(store, caller.tenant, id);
  if (user === undefined || !isSelf(caller, user)) throw notFound(`a user '${id}' that you may change`);
  return { user, asAdmin };
}

/** A principal that is linked to no user is the one of its very name. */
function isSelf({ user: linked, name }: Principal, { uuid, username }: StoredUser): boolean {
  return linked === undefined ? name === username : linked === uuid;
}

interface UserQuery {
  readonly tenant: string;
  /** Exactly that. */
  readonly email?: string;
  readonly username?: string;
}

/** By number. */
export async function listUsers(
  { users }: Pick<Store, "users">,
  query: UserQuery,
  page: Page<number>,
): Promise<StoredUser[]> {
  return users.list(
    query.username === undefined ? query : { ...query, username: query.username.normalize("NFC") },
    page,
  );
}
