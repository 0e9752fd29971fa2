import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { invalidField, notFound } from "../../errors.ts";
import type { KnownToken } from "../../store/records.ts";
import { mayHandle } from "./identities.ts";
import { createToken } from "./tokens.ts";

/**
 * Tokens by which an admin acts for a user for a while. What is done with one is logged with both names, and it makes no other credentials: those
 * would be the user's own, and outlive it.
 */

/** Seconds that such a token lasts. */
export const actingS = { default: 900, longest: 3_600 } as const;

interface ActingToken {
  /** Of a user of the tenant. */
  readonly username: string;
  readonly label: string;
  readonly expiresMs: number;
}

/**
 * A token of the principal that the user is; where there is none yet, of a new one that is a member.
 *
 * @throws SignalboxError `not_found` when there is no such user; `invalid_request` when its role is above the caller's, or its name is none that
 * a principal can have; `conflict` when it was ended.
 */
export async function createActingToken(
  deps: Pick<Context, "clock" | "log" | "store" | "vault">,
  caller: Principal,
  { username, label, expiresMs }: ActingToken,
): Promise<KnownToken & { readonly text: string }> {
  const { store, log } = deps;
  const { tenant } = caller;
  const user = await store.users.byName(tenant, username);
  if (user?.username !== username) throw notFound(`user '${username}'`);
  const [known] = await store.identities.principalsOf({ tenant, uuid: user.uuid, username });
  if (known !== undefined && !mayHandle(caller, known.role)) {
    throw invalidField("on_behalf_of", `may do more than you: your own role is ${caller.role}`);
  }
  if (known === undefined && !/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$/.test(username)) {
    throw invalidField("on_behalf_of", "has a name that no principal can have: link the user to a principal first");
  }
  const made = await createToken(deps, caller, {
    principal: known?.name ?? username,
    label,
    expiresMs,
    madeBy: caller.name,
    ...defined({ role: known === undefined ? ("member" as const) : undefined }),
  });
  const about = { tenant, principal: made.principal.name, madeBy: caller.name, token: made.token.uuid };
  log.info(about, "a token was made to act for a user");
  return made;
}
