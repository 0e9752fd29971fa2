import { operatorName, type Principal, type Role, roles } from "../../domain/access.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import { tokenHash } from "../../platform/access/identities.ts";
import type { ApiContext } from "./api-context.ts";

/** Who asks. What a caller may not see is not found; `forbidden` is only for routes that its role may not use at all. */

/** Whether `role` is `least` or a higher one. */
export function roleReaches(role: Role, least: Role): boolean {
  return roles.indexOf(role) <= roles.indexOf(least);
}

interface BearerCredentials {
  readonly authorization: string | undefined;
  /** `X-Signalbox-Tenant`. */
  readonly tenant: string | undefined;
}

/**
 * The principal of a bearer token, in the tenant that it acts in: its own, or the one that an operator chose, where it
 * has a name that no other principal can have.
 *
 * @throws SignalboxError `unauthenticated`; `not_found` for another's tenant, or one that does not exist.
 */
export async function authenticate(
  { store, clock, platform }: Pick<ApiContext, "store" | "clock" | "platform">,
  { authorization, tenant }: BearerCredentials,
): Promise<Principal> {
  if (authorization === undefined) {
    throw new SignalboxError("unauthenticated", "a token is needed: send the header Authorization: Bearer <token>");
  }
  const [, token] = /^Bearer +(.*\S) *$/i.exec(authorization) ?? [];
  if (token === undefined) {
    throw new SignalboxError("unauthenticated", "the header Authorization must read: Bearer <token>");
  }
  const calling = platform.principalOf(token);
  if (calling !== undefined) return calling;
  // Node reads headers as Latin-1; a token with other letters arrives as its UTF-8 bytes.
  const known = await store.credentials.tokenByHash(tokenHash(Buffer.from(token, "latin1")));
  if (known === undefined || known.token.revokedMs !== undefined) {
    throw new SignalboxError("unauthenticated", "the token is not known, or was revoked: ask for a new one");
  }
  if (known.token.expiresMs !== undefined && known.token.expiresMs <= clock.now()) {
    throw new SignalboxError("unauthenticated", "the token has expired: ask for a new one");
  }
  const { principal } = known;
  if (principal.role !== "operator") {
    if (tenant !== undefined && tenant !== principal.tenant) throw notFound(`tenant '${tenant}'`);
    return principal;
  }
  if (tenant === undefined || tenant === principal.tenant) return principal;
  if ((await store.identities.tenant(tenant)) === undefined) throw notFound(`tenant '${tenant}'`);
  return { tenant, name: operatorName(principal.name), role: principal.role };
}

/** What `WWW-Authenticate` says to a caller without good credentials. */
export function challenge(authorization: string | undefined): string {
  return authorization === undefined ? 'Bearer realm="signalbox"' : 'Bearer realm="signalbox", error="invalid_token"';
}
