import type { JwtIssuer } from "../../config/jwt-issuers.ts";
import type { Principal } from "../../domain/access.ts";
import type { EgressAllow } from "../../domain/egress.ts";
import { SignalboxError } from "../../errors.ts";
import { tokenHash } from "../access/token-secrets.ts";
import { type Bearer, bearerIn, type Claims, refusedToken } from "./claims.ts";
import { type BearerContext, principalOf } from "./first-sight.ts";
import { type IssuerKeys, issuerKeys } from "./issuer-keys.ts";
import { issuerOutbound } from "./issuer-outbound.ts";
import { hasJwtForm, longestJwt, readUnverified, verifyJwt } from "./verify.ts";

/** Bearers of tokens that others issue. */
export interface JwtLogins {
  /**
   * The principal of a token that was verified before, without another look at its signature; `undefined`: that is to be asked of
   * {@link verify}. What changed meanwhile counts: a principal that was ended is refused.
   *
   * @param hash of the token, as {@link tokenHash} makes it.
   */
  remembered(hash: string): Promise<Principal | undefined>;
  /**
   * @param token that is none of our own.
   * @returns `undefined` when no issuer's tokens are taken, or it has not their form.
   * @throws SignalboxError `unauthenticated` that says what is wrong with it; `unavailable` while its issuer's keys cannot be had; whatever
   * refuses a user to be made.
   */
  verify(token: string): Promise<Principal | undefined>;
  /**
   * The principal of one who has just logged in at an issuer, by the same rules.
   *
   * @throws as {@link verify}
   */
  loggedIn(said: LoggedInAt): Promise<Principal>;
}

/** What an issuer says of one who logged in there. */
interface LoggedInAt {
  readonly issuer: JwtIssuer;
  readonly idToken: string;
  /** Whom the ID token has to be for. */
  readonly clientId: string;
  /** Claims of the same subject that the ID token may leave out. */
  readonly userInfo: Claims;
}

/** Tokens whose verification is remembered; each takes about half a KiB. */
const mostRemembered = 10_000;
/** So long hooks that refused a new user are not asked again by the same bearer. */
const refusalMs = 10_000;
const mostRefusals = 1_000;

interface Known {
  readonly issuer: JwtIssuer;
  readonly keys: IssuerKeys;
}

interface Remembered {
  readonly bearer: Bearer;
  readonly expiresMs: number;
  readonly keys: IssuerKeys;
  /** Of the keys that it was verified by. */
  readonly version: number;
}

/** Where only tokens of our own are taken. */
const noJwts: JwtLogins = {
  remembered: async () => undefined,
  verify: async () => undefined,
  loggedIn: async () => {
    throw refusedToken("tokens of no issuer are taken here");
  },
};

interface JwtOptions {
  readonly issuers: readonly JwtIssuer[];
  readonly allow: EgressAllow;
  /** Aborts when the process stops. */
  readonly stopping: AbortSignal;
}

export function jwtLogins(context: BearerContext, { issuers, allow, stopping }: JwtOptions): JwtLogins {
  if (issuers.length === 0) return noJwts;
  const { clock, log } = context;
  const byName = new Map<string, Known>(
    issuers.map((issuer) => {
      const outbound = issuerOutbound(issuer, { clock, allow });
      return [issuer.issuer, { issuer, keys: issuerKeys(issuer, { clock, log, outbound, stopping }) }];
    }),
  );
  /** The one that was used longest ago first. */
  const remembered = new Map<string, Remembered>();
  const refusals = new Map<string, { readonly untilMs: number; readonly error: SignalboxError }>();

  async function seen(bearer: Bearer): Promise<Principal> {
    const { tenant, subject, issuer } = bearer;
    const key = JSON.stringify([tenant, issuer.issuer, subject]);
    const refused = refusals.get(key);
    if (refused !== undefined && clock.steady() < refused.untilMs) throw refused.error;
    refusals.delete(key);
    try {
      return await principalOf(context, bearer);
    } catch (thrown) {
      if (thrown instanceof SignalboxError && thrown.code.startsWith("hook_")) {
        drop(refusals, mostRefusals);
        refusals.set(key, { untilMs: clock.steady() + refusalMs, error: thrown });
      }
      throw thrown;
    }
  }

  return {
    remembered: async (hash) => {
      const found = remembered.get(hash);
      if (found === undefined) return undefined;
      remembered.delete(hash);
      if (found.expiresMs <= clock.now() || found.version !== found.keys.version()) return undefined;
      remembered.set(hash, found);
      return seen(found.bearer);
    },
    verify: async (token) => {
      if (token.length > longestJwt && token.includes(".")) {
        throw refusedToken(`the token has more than ${longestJwt} characters: let its issuer list less in it`);
      }
      if (!hasJwtForm(token)) return undefined;
      const unverified = readUnverified(token);
      const known = byName.get(unverified.issuer);
      if (known === undefined) throw refusedToken("the token's issuer (iss) is none whose tokens are taken here");
      const { keys, issuer } = known;
      const { claims, expiresMs } = await verifyJwt(token, unverified, { issuer, keys, nowMs: clock.now() });
      const bearer = bearerIn(issuer, claims);
      const principal = await seen(bearer);
      drop(remembered, mostRemembered);
      remembered.set(tokenHash(token), { bearer, expiresMs, keys, version: keys.version() });
      return principal;
    },
    loggedIn: async ({ issuer, idToken, clientId, userInfo }) => {
      const known = byName.get(issuer.issuer);
      if (known === undefined || !hasJwtForm(idToken)) {
        throw refusedToken(
          `its ID token is none, or has more than ${longestJwt} characters: let the issuer list less in it`,
        );
      }
      const { keys } = known;
      const ours: JwtIssuer = { ...issuer, audience: [clientId] };
      const { claims } = await verifyJwt(idToken, readUnverified(idToken), { issuer: ours, keys, nowMs: clock.now() });
      return seen(bearerIn(issuer, { ...userInfo, ...claims }));
    },
  };
}

/** Makes room for one more. */
function drop(map: Map<string, unknown>, most: number): void {
  const [first] = map.keys();
  if (map.size >= most && first !== undefined) map.delete(first);
}
