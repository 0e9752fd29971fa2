import type { JwtIssuer } from "../../config/jwt-issuers.ts";
import type { Context } from "../../context.ts";
import type { EgressAllow } from "../../domain/egress.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import { type LoggedIn, logInByIssuer, type SessionContext } from "../access/sessions.ts";
import { issuerOutbound } from "./issuer-outbound.ts";
import type { JwtLogins } from "./jwt-logins.ts";
import { type LoginSecrets, Provider } from "./provider.ts";

/**
 * Browsers that log in at an issuer. What a log in is known by goes along with the browser, sealed, so that no store holds what was begun and
 * never ended, and only the browser that began a log in can end it.
 */

export interface BrowserLogins {
  /** Where one can log in, in the order of the settings. */
  readonly offered: readonly { readonly id: string; readonly label: string }[];
  /** @throws SignalboxError `not_found` when nothing is offered by that id; `unavailable` while the issuer is not to be had. */
  begin(id: string, wanted: Wanted): Promise<Begun>;
  /**
   * @param query what the browser brought back, with its question mark.
   * @param kept {@link Begun.kept}, if the browser still has it.
   * @throws SignalboxError `unauthenticated` that says what is wrong; as {@link begin}; what refuses a principal or a user.
   */
  finish(id: string, query: string, kept: string | undefined): Promise<LoggedIn & { readonly to: string }>;
  /**
   * Where a browser goes whose session of that issuer has ended, to log out there, too; it comes back to the dashboard.
   *
   * @param issuer as its tokens say (`iss`).
   * @returns `undefined` when it need not, or cannot now.
   */
  logOutUrl(issuer: string): Promise<string | undefined>;
}

interface Wanted {
  /** Comes back from {@link BrowserLogins.finish}. */
  readonly to: string;
  /** Whether the issuer asks who it is, though it may know. */
  readonly anew: boolean;
}

interface Begun {
  /** Where the issuer asks who it is. */
  readonly url: string;
  /** By which the browser is known when it comes back; random. */
  readonly state: string;
  /** For the browser to keep until then. */
  readonly kept: string;
}

/** What a browser keeps, once it is opened. */
interface Kept extends LoginSecrets {
  /** Nothing else that was sealed is one. */
  readonly purpose: typeof purpose;
  readonly id: string;
  readonly to: string;
  readonly untilMs: number;
}

const purpose = "log in at an issuer";
/** A person has to find a password, and a second factor. */
export const loginS = 600;

type LoginContext = SessionContext & Pick<Context, "vault" | "publicUrl" | "egressAllow">;

interface BrowserLoginOptions {
  readonly issuers: readonly JwtIssuer[];
  readonly jwts: JwtLogins;
  /** Aborts when the process stops. */
  readonly stopping: AbortSignal;
}

export function browserLogins(context: LoginContext, { issuers, jwts, stopping }: BrowserLoginOptions): BrowserLogins {
  const { clock, vault, publicUrl } = context;
  const providers = providersOf(context, { issuers, allow: context.egressAllow, stopping });
  const providerOf = (id: string): Provider => {
    const provider = providers.get(id);
    if (provider === undefined) throw notFound("a log in of that name");
    return provider;
  };
  // As URLs are written, since it has to be the same text when the code is exchanged.
  const redirectUri = (id: string): string => new URL(`${publicUrl()}/dashboard/login/${id}/callback`).href;
  const fresh = (): string => Buffer.from(clock.bytes(32)).toString("base64url");

  const open = (id: string, kept: string | undefined): Kept => {
    const read = kept === undefined ? undefined : openKept(context, kept);
    if (read === undefined || read.id !== id || read.untilMs <= clock.now()) {
      throw new SignalboxError(
        "unauthenticated",
        `it was not begun in this browser, or more than ${loginS / 60} minutes ago, or it is done already`,
      );
    }
    return read;
  };

  return {
    offered: [...providers.values()].map(({ login: { id, label } }) => ({ id, label })),
    begin: async (id, { to, anew }) => {
      const provider = providerOf(id);
      const secrets = { state: fresh(), nonce: fresh(), verifier: fresh() };
      const url = await provider.authorizationUrl(redirectUri(id), { ...secrets, anew });
      const kept: Kept = { purpose, id, to, ...secrets, untilMs: clock.now() + loginS * 1_000 };
      return { url, state: secrets.state, kept: vault.seal(JSON.stringify(kept)) };
    },
    finish: async (id, query, kept) => {
      const provider = providerOf(id);
      const { issuer, login } = provider;
      const { to, ...secrets } = open(id, kept);
      const { idToken, userInfo } = await provider.exchange(new URL(`${redirectUri(id)}${query}`), secrets);
      const { clientId, sessionHours: hours } = login;
      const principal = await jwts.loggedIn({ issuer, idToken, clientId, userInfo });
      const loggedIn = await logInByIssuer(context, { principal, issuer: issuer.issuer, hours });
      return { ...loggedIn, to };
    },
    logOutUrl: async (issuer) => {
      const provider = [...providers.values()].find((one) => one.issuer.issuer === issuer);
      return provider?.logOutUrl(new URL(`${publicUrl()}/dashboard/`).href);
    },
  };
}

function providersOf(
  { clock, log }: Pick<Context, "clock" | "log">,
  options: { readonly issuers: readonly JwtIssuer[]; readonly allow: EgressAllow; readonly stopping: AbortSignal },
): ReadonlyMap<string, Provider> {
  const { issuers, allow, stopping } = options;
  return new Map(
    issuers.flatMap((issuer) => {
      const { login } = issuer;
      if (login === undefined) return [];
      const outbound = issuerOutbound(issuer, { clock, allow });
      return [[login.id, new Provider(issuer, login, { clock, log, outbound, stopping })]];
    }),
  );
}

function openKept({ vault }: Pick<Context, "vault">, sealed: string): Kept | undefined {
  try {
    const read = JSON.parse(vault.open(sealed)) as Partial<Kept>;
    return read.purpose === purpose ? (read as Kept) : undefined;
  } catch {
    return undefined;
  }
}
