import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import type { Uuid } from "../../domain/ids.ts";
import { isAdmin } from "../../domain/visibility.ts";
import { asError, notFound, SignalboxError } from "../../errors.ts";
import { lastOfFull } from "../../store/page.ts";
import type { KnownSession } from "../../store/sessions.ts";
import { freshUuid } from "../deps.ts";
import { mayHandle } from "./identities.ts";
import { tokenHash } from "./token-secrets.ts";

/**
 * Logins of browsers. A session comes from a token, directly or by a link ({@link createLoginLink}), and ends with it: revoked, expired or
 * replaced, with the principal that it is of, and when whose token it was may no longer handle that principal. Or it comes from a log in at an
 * issuer, and ends when its principal is no longer linked to that, or when browsers no longer log in there.
 */

export type SessionContext = Pick<Context, "clock" | "config" | "log" | "mutex" | "store">;

/** A session that may be used now. */
export interface LiveSession {
  readonly known: KnownSession;
  readonly expiresMs: number;
  /** Until then unless it is used. */
  readonly idleUntilMs: number;
}

/** By what a caller proved who it is. `own`: the principal that this is of, which an operator in another tenant is not. */
export type Proof =
  | {
      readonly kind: "token";
      readonly token: Uuid;
      readonly own: Principal;
      /** Who acts with it for `own`. */
      readonly madeBy?: string;
    }
  | {
      readonly kind: "session";
      /** Absent: it comes from an issuer. */
      readonly token?: Uuid;
      readonly own: Principal;
      readonly live: LiveSession;
    }
  /** A token that an issuer outside made for the principal. */
  | { readonly kind: "jwt"; readonly own: Principal }
  /** A function that calls the platform. */
  | { readonly kind: "function" };

/** What of a new session is for the browser alone. */
export interface LoggedIn {
  /** What the cookie is to hold. */
  readonly secret: string;
  readonly live: LiveSession;
}

/** "Seen" is written at most this often, so that reading costs no commit. */
const seenEveryMs = 60_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;

function refusedLogin(): SignalboxError {
  return new SignalboxError(
    "unauthenticated",
    "this is no token and no code that one can log in with now: it is not known, or it was used, has expired or was revoked",
  );
}

/** What a person may have pasted, as it is kept. */
function hashOf(pasted: string): string {
  return tokenHash(pasted.trim());
}

/** @throws SignalboxError `unauthenticated`, in one sentence for whatever is wrong with the token. */
export async function logInByToken(deps: SessionContext, token: string): Promise<LoggedIn> {
  const { store, clock } = deps;
  const known = await store.credentials.tokenByHash(hashOf(token));
  const { expiresMs = Number.POSITIVE_INFINITY, revokedMs, uuid, madeBy } = known?.token ?? {};
  // A session would hide who acts.
  if (
    known === undefined ||
    uuid === undefined ||
    madeBy !== undefined ||
    revokedMs !== undefined ||
    expiresMs <= clock.now()
  )
    throw refusedLogin();
  return begin(deps, { of: known.principal, maker: known.principal, from: { token: uuid }, by: "token", expiresMs });
}

/** The code is used up by it. @throws SignalboxError `unauthenticated`, in one sentence for whatever is wrong with the code. */
export async function logInByCode(deps: SessionContext, code: string): Promise<LoggedIn> {
  const { store, clock } = deps;
  const hash = hashOf(code);
  const known = await store.sessions.loginCode(hash);
  const { principal, maker, tokenExpiresMs = Number.POSITIVE_INFINITY } = known ?? {};
  const nowMs = clock.now();
  if (known === undefined || principal === undefined || maker === undefined) throw refusedLogin();
  if (known.code.expiresMs <= nowMs || tokenExpiresMs <= nowMs || !mayHandle(maker, principal.role))
    throw refusedLogin();
  const from = { token: known.code.token };
  return begin(deps, { of: principal, maker, from, by: "link", expiresMs: tokenExpiresMs, code: hash });
}

/** Of a principal that an issuer has just said is there. @throws SignalboxError `unauthenticated` when it ended at that moment. */
export async function logInByIssuer(
  deps: SessionContext,
  { principal, issuer, hours }: IssuerLoggedIn,
): Promise<LoggedIn> {
  return begin(deps, { of: principal, maker: principal, from: { issuer }, by: "issuer", hours });
}

interface IssuerLoggedIn {
  readonly principal: Principal;
  /** As its tokens say (`iss`). */
  readonly issuer: string;
  /** That it lasts at the most, should sessions last longer. */
  readonly hours?: number | undefined;
}

interface Beginning {
  readonly of: Principal;
  /** Whose token it is. */
  readonly maker: Principal;
  readonly from: { readonly token: Uuid } | { readonly issuer: string };
  readonly by: "token" | "link" | "issuer";
  /** Of the token. */
  readonly expiresMs?: number;
  /** That it lasts at the most, should sessions last longer. */
  readonly hours?: number | undefined;
  /** Hash of the code that is used up. */
  readonly code?: string;
}

async function begin(deps: SessionContext, beginning: Beginning): Promise<LoggedIn> {
  const { store, clock, config, log } = deps;
  const {
    of,
    maker,
    from,
    by,
    code,
    expiresMs = Number.POSITIVE_INFINITY,
    hours = Number.POSITIVE_INFINITY,
  } = beginning;
  const { tenant, name, role } = of;
  const nowMs = clock.now();
  const secret = Buffer.from(clock.bytes(32)).toString("base64url");
  const session = {
    uuid: freshUuid(clock, "loginSession"),
    hash: tokenHash(secret),
    tenant,
    principal: name,
    ...from,
    createdMs: nowMs,
    seenMs: nowMs,
    expiresMs: Math.min(nowMs + Math.round(Math.min(config.sessionHours, hours) * hourMs), expiresMs),
  };
  const commit = await store.commit({
    conditions: [
      ...(code === undefined ? [] : [{ if: "loginCode.open", hash: code, nowMs } as const]),
      { if: "principal.is", tenant, name, role },
    ],
    changes: [
      ...(code === undefined ? [] : [{ do: "loginCode.remove", hash: code } as const]),
      { do: "session.add", session },
    ],
  });
  // The token may have been revoked meanwhile; then the session is as dead as if it had come before.
  if (commit.kind === "refused") throw refusedLogin();
  log.info({ session: session.uuid, tenant, principal: name, by }, "logged in");
  const known = { session, principal: of, maker, ...(Number.isFinite(expiresMs) ? { tokenExpiresMs: expiresMs } : {}) };
  return { secret, live: liveness(deps, known) };
}

function liveness({ config }: Pick<SessionContext, "config">, known: KnownSession): LiveSession {
  const { seenMs, expiresMs } = known.session;
  const idleUntilMs = seenMs + Math.round(config.sessionIdleMinutes * minuteMs);
  return { known, expiresMs, idleUntilMs: Math.min(idleUntilMs, expiresMs) };
}

/** `undefined`: it has ended. */
function judged(deps: SessionContext, known: KnownSession | undefined): LiveSession | undefined {
  if (known === undefined) return undefined;
  const live = liveness(deps, known);
  const { tokenExpiresMs = Number.POSITIVE_INFINITY, maker, principal, session } = known;
  const { jwtIssuers = [] } = deps.config;
  const offersLogin = jwtIssuers.some(({ issuer, login }) => issuer === session.issuer && login !== undefined);
  if (session.issuer !== undefined && !offersLogin) return undefined;
  const endsMs = Math.min(live.idleUntilMs, tokenExpiresMs);
  return deps.clock.now() < endsMs && mayHandle(maker, principal.role) ? live : undefined;
}

/** The session of what a cookie holds; `undefined`: there is none, or it has ended. */
export async function lookAtSession(deps: SessionContext, secret: string): Promise<LiveSession | undefined> {
  return judged(deps, await deps.store.sessions.sessionByHash(tokenHash(secret)));
}

/** As {@link lookAtSession}; the session is hereby used. */
export async function useSession(deps: SessionContext, secret: string): Promise<LiveSession | undefined> {
  const { store, clock, mutex, log } = deps;
  const look = (): Promise<LiveSession | undefined> => lookAtSession(deps, secret);
  const isStale = ({ known }: LiveSession): boolean => clock.now() - known.session.seenMs >= seenEveryMs;
  const live = await look();
  if (live === undefined || !isStale(live)) return live;
  // Of many requests at once the first writes it for all.
  return mutex.take(`session ${live.known.session.uuid}`, async () => {
    const again = await look();
    if (again === undefined || !isStale(again)) return again;
    const { session } = again.known;
    const seen = { ...session, seenMs: clock.now() };
    try {
      await store.commit({ changes: [{ do: "session.seen", uuid: session.uuid, atMs: seen.seenMs }] });
    } catch (thrown) {
      // What the caller wants to read can be read; it is tried again at the next request.
      log.warn({ session: session.uuid, error: asError(thrown).message }, "when a session was used could not be kept");
      return again;
    }
    return liveness(deps, { ...again.known, session: seen });
  });
}

/** A page, newest first: the caller's own; for admins of all whom they handle. It may be short while there is a `next`. */
export async function listSessions(
  deps: SessionContext,
  caller: Principal,
  { after, max }: { readonly after?: Uuid; readonly max: number },
): Promise<{ readonly sessions: readonly LiveSession[]; readonly next?: Uuid }> {
  const whose = isAdmin(caller) ? {} : { principal: caller.name };
  const page = await deps.store.sessions.sessions({ tenant: caller.tenant, ...whose }, { max, ...defined({ after }) });
  const sessions = page
    .filter(({ principal }) => mayHandle(caller, principal.role))
    .map((known) => judged(deps, known))
    .filter((live) => live !== undefined);
  return { sessions, ...defined({ next: lastOfFull(page, { max })?.session.uuid }) };
}

/**
 * Ends a session at once.
 *
 * @throws SignalboxError `not_found` when there is none that the caller may know of.
 */
export async function endSession(deps: SessionContext, caller: Principal, uuid: Uuid): Promise<void> {
  const live = judged(deps, await deps.store.sessions.session(uuid));
  const { session, principal } = live?.known ?? {};
  const isKnown =
    session?.tenant === caller.tenant &&
    (session.principal === caller.name || isAdmin(caller)) &&
    principal !== undefined &&
    mayHandle(caller, principal.role);
  if (!isKnown) throw notFound(`session '${uuid}'`);
  await remove(deps, uuid, caller);
}

/** Ends the session that the caller came with; of another proof nothing ends. */
export async function logOut(deps: SessionContext, proof: Proof): Promise<void> {
  if (proof.kind === "session") await remove(deps, proof.live.known.session.uuid, proof.own);
}

async function remove({ store, log }: SessionContext, uuid: Uuid, by: Principal): Promise<void> {
  await store.commit({ changes: [{ do: "session.remove", uuid }] });
  log.info({ session: uuid, tenant: by.tenant, principal: by.name }, "logged out");
}
