import type { IncomingHttpHeaders } from "node:http";
import type { FastifyRequest } from "fastify";
import { hostRole, operatorName, type Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import type { Uuid } from "../../domain/ids.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import { lookAtSession, type Proof, useSession } from "../../platform/access/sessions.ts";
import { tokenHash } from "../../platform/access/token-secrets.ts";
import type { KnownToken } from "../../store/records.ts";
import type { ApiContext } from "./api-context.ts";
import { judgeSite } from "./cross-site.ts";
import { readSessionCookie } from "./session-cookie.ts";

/** Who asks. What a caller may not see is not found; `forbidden` is only for routes that its role may not use at all. */

export type AuthContext = Pick<
  ApiContext,
  "store" | "clock" | "config" | "log" | "mutex" | "platform" | "jwts" | "publicUrl"
>;

export interface AskingHead {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** The tenant that a link names, which brings no header of its own. */
  readonly tenant?: string | undefined;
}

/** The caller in the tenant that it acts in, and by what it proved who it is. */
export interface Authenticated {
  readonly caller: Principal;
  readonly proof: Proof;
}

/**
 * The principal of a bearer token, or without one of the session that the cookie names, in the tenant that it acts in: its own, or the one
 * that an operator chose by `X-Signalbox-Tenant` or a link, where it has a name that no other principal can have.
 *
 * @param isUse whether a session is hereby used: one that is not used ends
 * @throws SignalboxError `unauthenticated`; `cross_site`; `not_found` for another's tenant, or one that does not exist.
 */
export async function authenticate(
  context: AuthContext,
  asked: AskingHead,
  { isUse }: { readonly isUse: boolean } = { isUse: true },
): Promise<Authenticated> {
  const { authorization } = asked.headers;
  const proof =
    authorization === undefined ? await bySession(context, asked, isUse) : await byBearer(context, authorization);
  if ("caller" in proof) return proof;
  const { tenant, headers } = asked;
  return { caller: await actingAs(context, proof.own, headers["x-signalbox-tenant"] ?? tenant), proof };
}

declare module "fastify" {
  interface FastifyRequest {
    /** Of a request in the name of a session, or of one who acts for another, for the log: never what the cookie or the token holds. */
    readonly actor?: {
      readonly session?: Uuid;
      readonly token?: Uuid;
      readonly tenant: string;
      readonly principal: string;
      readonly madeBy?: string;
    };
  }
}

/** What is to be known of the request for the log. */
export function actorOf({ caller, proof }: Authenticated): Pick<FastifyRequest, "actor"> {
  if (proof.kind === "token" && proof.madeBy !== undefined) {
    return { actor: { token: proof.token, tenant: caller.tenant, principal: caller.name, madeBy: proof.madeBy } };
  }
  if (proof.kind !== "session") return {};
  return { actor: { session: proof.live.known.session.uuid, tenant: caller.tenant, principal: caller.name } };
}

type OwnProof = Exclude<Proof, { readonly kind: "function" }>;

async function bySession(context: AuthContext, asked: AskingHead, isUse: boolean): Promise<OwnProof> {
  const secret = readSessionCookie(context, asked.headers.cookie);
  if (secret === undefined) {
    throw new SignalboxError("unauthenticated", "a token is needed: send the header Authorization: Bearer <token>");
  }
  judgeSite(context, asked);
  const live = await (isUse ? useSession : lookAtSession)(context, secret);
  if (live === undefined) throw new SignalboxError("unauthenticated", "the session has ended: log in again");
  const { session, principal } = live.known;
  return { kind: "session", ...defined({ token: session.token }), own: principal, live };
}

async function byBearer(context: AuthContext, authorization: string): Promise<OwnProof | Authenticated> {
  const text = bearerOf(authorization);
  const calling = context.platform.principalOf(text);
  if (calling !== undefined) return { caller: calling, proof: { kind: "function" } };
  const hash = hashOfHeader(text);
  const remembered = await context.jwts.remembered(hash);
  if (remembered !== undefined) return { kind: "jwt", own: remembered };
  const known = await context.store.credentials.tokenByHash(hash);
  const bearer = known === undefined ? await context.jwts.verify(text) : undefined;
  if (bearer !== undefined) return { kind: "jwt", own: bearer };
  const { token, principal } = judgedLive(context, known);
  if (principal.role === hostRole) {
    throw new SignalboxError(
      "unauthenticated",
      "this is the token of a host: it works on the host interface (SIGNALBOX_HOST_LISTEN) and not here",
    );
  }
  return { kind: "token", token: token.uuid, own: principal, ...defined({ madeBy: token.madeBy }) };
}

/** @throws SignalboxError `unauthenticated` when the header is of another form. */
export function bearerOf(authorization: string): string {
  const [, token] = /^Bearer +(.*\S) *$/i.exec(authorization) ?? [];
  if (token === undefined) {
    throw new SignalboxError("unauthenticated", "the header Authorization must read: Bearer <token>");
  }
  return token;
}

/** @throws SignalboxError `unauthenticated` when there is no such token, or not any more. */
export async function liveToken(context: Pick<AuthContext, "store" | "clock">, token: string): Promise<KnownToken> {
  return judgedLive(context, await context.store.credentials.tokenByHash(hashOfHeader(token)));
}

/** Node reads headers as Latin-1; a token with other letters arrives as its UTF-8 bytes. */
function hashOfHeader(token: string): string {
  return tokenHash(Buffer.from(token, "latin1"));
}

function judgedLive({ clock }: Pick<AuthContext, "clock">, known: KnownToken | undefined): KnownToken {
  if (known === undefined || known.token.revokedMs !== undefined) {
    throw new SignalboxError("unauthenticated", "the token is not known, or was revoked: ask for a new one");
  }
  if (known.token.expiresMs !== undefined && known.token.expiresMs <= clock.now()) {
    throw new SignalboxError("unauthenticated", "the token has expired: ask for a new one");
  }
  return known;
}

/** @param said `X-Signalbox-Tenant`. */
async function actingAs(
  { store }: AuthContext,
  principal: Principal,
  said: string | readonly string[] | undefined,
): Promise<Principal> {
  const tenant = typeof said === "object" ? said.join() : said;
  if (principal.role !== "operator") {
    if (tenant !== undefined && tenant !== principal.tenant) throw notFound(`tenant '${tenant}'`);
    return principal;
  }
  if (tenant === undefined || tenant === principal.tenant) return principal;
  if ((await store.identities.tenant(tenant)) === undefined) throw notFound(`tenant '${tenant}'`);
  return { tenant, name: operatorName(principal.name), role: principal.role };
}

/** What `WWW-Authenticate` says to a caller without good credentials (RFC 6750). @param message of the error. */
export function challenge(authorization: string | undefined, message: string): string {
  if (authorization === undefined) return 'Bearer realm="signalbox"';
  const described = message.replaceAll(/[^ !#-[\]-~]/g, "?").slice(0, 512);
  return `Bearer realm="signalbox", error="invalid_token", error_description="${described}"`;
}
