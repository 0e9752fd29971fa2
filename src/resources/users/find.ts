import { parseUuid } from "../../domain/ids.ts";
import { notFound } from "../../errors.ts";
import type { StoredUser } from "../../store/records.ts";
import type { Page, Store } from "../../store/store.ts";

/**
 * The user with this number or uuid.
 *
 * @throws SignalboxError `not_found` when the tenant has none.
 */
export async function findUser(
  { users }: Pick<Store, "users">,
  tenant: string,
  id: number | string,
): Promise<StoredUser> {
  const text = String(id);
  const uuid = parseUuid(text);
  const found = /^[1-9]\d{0,14}$/.test(text)
    ? await users.byNumber({ tenant, number: Number(text) })
    : uuid === undefined
      ? undefined
      : await users.byUuid(uuid);
  if (found === undefined || found.tenant !== tenant) throw notFound(`user '${text}'`);
  return found;
}

export interface UserQuery {
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
