import { type HostScope, hostName, hostRole, type Principal } from "../../domain/access.ts";
import { ofAllTenants } from "../../domain/host-scope.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import { usualTenant } from "../../platform/access/identities.ts";
import { type AskingHead, type AuthContext, type Authenticated, bearerOf, liveToken } from "../http/auth.ts";
import { readSessionCookie } from "../http/session-cookie.ts";

/**
 * The caller of the host interface, with what its token is restricted to, in the tenant that it acts in: the token's own; of one of all
 * tenants the one that `X-Signalbox-Tenant` names, or the usual one. In a tenant that is not its own it has a name that no principal there has.
 *
 * @throws SignalboxError `unauthenticated` for everything but a token of a host; `not_found` for a tenant that is another's or does not
 * exist; `invalid_request` when a tenant must be named.
 */
export async function authenticateHost(context: AuthContext, { headers }: AskingHead): Promise<Authenticated> {
  const { authorization } = headers;
  if (authorization === undefined) {
    const isBrowser = readSessionCookie(context, headers.cookie) !== undefined;
    const why = isBrowser ? "sessions of browsers count on the API only: " : "";
    throw new SignalboxError("unauthenticated", `${why}a host's token is needed: Authorization: Bearer <token>`);
  }
  const text = bearerOf(authorization);
  if (context.platform.principalOf(text) !== undefined) {
    throw new SignalboxError("unauthenticated", "functions call the API, and do not reach the host interface");
  }
  const { token, principal } = await liveToken(context, text);
  if (principal.role !== hostRole) {
    const message = `this token has the role ${principal.role}: it works on the API and not here, where only hosts' tokens do`;
    throw new SignalboxError("unauthenticated", message);
  }
  const own: HostCaller = { ...principal, host: token.host ?? { allTenants: false } };
  const proof = { kind: "token", token: token.uuid, own } as const;
  return { caller: await actingIn(context, own, headers["x-signalbox-tenant"]), proof };
}

type HostCaller = Principal & { readonly host: HostScope };

async function actingIn(
  { store }: Pick<AuthContext, "store">,
  own: HostCaller,
  said: string | readonly string[] | undefined,
): Promise<Principal> {
  const named = typeof said === "object" ? said.join() : said;
  if (!ofAllTenants(own)) {
    if (named !== undefined && named !== own.tenant) throw notFound(`tenant '${named}'`);
    return own;
  }
  const tenant = named ?? (await usualTenant(store));
  if (tenant === undefined) {
    const message = "there are several tenants, and none is 'default': name the one to act in";
    throw new SignalboxError("invalid_request", `X-Signalbox-Tenant: ${message}`, {
      fields: [{ path: "X-Signalbox-Tenant", message }],
    });
  }
  if (tenant === own.tenant) return own;
  if ((await store.identities.tenant(tenant)) === undefined) throw notFound(`tenant '${tenant}'`);
  return { tenant, name: hostName(own.name), role: own.role, host: own.host };
}
