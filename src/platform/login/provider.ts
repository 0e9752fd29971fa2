import type { Configuration, CustomFetch, CustomFetchOptions } from "openid-client";
import type { Clock } from "../../clock.ts";
import type { IssuerLogin } from "../../config/issuer-login.ts";
import type { JwtIssuer } from "../../config/jwt-issuers.ts";
import { asError, SignalboxError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Outbound } from "../../targets/outbound.ts";
import type { Claims } from "./claims.ts";
import { loginProblem } from "./provider-problems.ts";
import { Refreshed } from "./refreshed.ts";

/**
 * An issuer at which browsers log in (OpenID Connect, authorization code with PKCE). What is to be known of it is discovered when it is first
 * needed. It is asked over the way of the installation's own requests, with their bounds; what comes back is judged by openid-client, but for the
 * signature of the ID token, which is judged as that of every token.
 */

interface ProviderDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly outbound: Outbound;
  /** Aborts when the process stops. */
  readonly stopping: AbortSignal;
}

/** What one log in is known by, from the redirect to the answer. */
export interface LoginSecrets {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE. */
  readonly verifier: string;
}

interface ProviderAnswer {
  /** Its signature was not looked at. */
  readonly idToken: string;
  /** What the issuer told of the same subject beside it. */
  readonly userInfo: Claims;
}

/** Exchanges at once; each takes at most three requests of five seconds. */
const mostExchanges = 32;

export class Provider {
  readonly issuer: JwtIssuer;
  readonly login: IssuerLogin;
  readonly #deps: ProviderDeps;
  readonly #refreshed: Refreshed;
  #known: Configuration | undefined;
  #exchanges = 0;

  constructor(issuer: JwtIssuer, login: IssuerLogin, deps: ProviderDeps) {
    this.issuer = issuer;
    this.login = login;
    this.#deps = deps;
    this.#refreshed = new Refreshed(deps.clock, () => this.#discover());
  }

  /** Where the browser goes. @throws SignalboxError `unavailable` when the issuer is not to be had. */
  async authorizationUrl(
    redirectUri: string,
    { state, nonce, verifier, anew }: LoginSecrets & { readonly anew: boolean },
  ): Promise<string> {
    const oidc = await import("openid-client");
    const known = await this.#configuration();
    const parameters = {
      redirect_uri: redirectUri,
      scope: this.login.scopes.join(" "),
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...(anew ? { prompt: "login" } : {}),
    };
    try {
      return oidc.buildAuthorizationUrl(known, parameters).href;
    } catch (thrown) {
      throw this.#problem(thrown);
    }
  }

  /**
   * What the issuer says of who logged in.
   *
   * @param answered the redirect URI with what the browser brought back.
   * @throws SignalboxError `unauthenticated` that says what is wrong with it; `unavailable` when the issuer is not to be had.
   */
  async exchange(answered: URL, { state, nonce, verifier }: LoginSecrets): Promise<ProviderAnswer> {
    if (this.#exchanges >= mostExchanges) {
      throw new SignalboxError("unavailable", "too many are logging in at this moment: try again");
    }
    this.#exchanges += 1;
    try {
      const oidc = await import("openid-client");
      const known = await this.#configuration();
      const tokens = await oidc.authorizationCodeGrant(known, answered, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const { sub = "" } = tokens.claims() ?? {};
      const asks = this.login.userInfo && known.serverMetadata().userinfo_endpoint !== undefined;
      const userInfo = asks ? await oidc.fetchUserInfo(known, tokens.access_token, sub) : {};
      return { idToken: tokens.id_token ?? "", userInfo };
    } catch (thrown) {
      throw this.#problem(thrown);
    } finally {
      this.#exchanges -= 1;
    }
  }

  /** Where the browser logs out there, too; `undefined`: it need not, or the issuer has no such place, or is not to be had. */
  async logOutUrl(back: string): Promise<string | undefined> {
    if (!this.login.logOut) return undefined;
    try {
      const oidc = await import("openid-client");
      const known = await this.#configuration();
      if (known.serverMetadata().end_session_endpoint === undefined) return undefined;
      return oidc.buildEndSessionUrl(known, { post_logout_redirect_uri: back }).href;
    } catch {
      // The session has ended here already; why the issuer is not to be had is in the log.
      return undefined;
    }
  }

  #problem(thrown: unknown): SignalboxError {
    const problem = loginProblem(thrown, this.issuer.issuer);
    if (problem.code === "unavailable") {
      const { cause } = problem;
      const about = {
        issuer: this.issuer.issuer,
        error: cause === undefined ? problem.message : asError(cause).message,
      };
      this.#deps.log.warn(about, "an issuer did not answer a log in as it should");
    }
    return problem;
  }

  async #configuration(): Promise<Configuration> {
    if (this.#refreshed.isTooOld()) await this.#refreshed.refresh();
    if (this.#known !== undefined && !this.#refreshed.isTooOld()) return this.#known;
    throw new SignalboxError(
      "unavailable",
      `${this.issuer.issuer} does not answer as it should, so there is no logging in there now: try again in a minute, or log in by a token; the server's log says why`,
    );
  }

  async #discover(): Promise<boolean> {
    const { clientId, clientSecret, clientAuth } = this.login;
    const { issuer, clockSkewS } = this.issuer;
    try {
      const oidc = await import("openid-client");
      const secretAuth = clientAuth === "basic" ? oidc.ClientSecretBasic : oidc.ClientSecretPost;
      const auth = clientSecret === undefined ? oidc.None() : secretAuth(clientSecret);
      const client = { [oidc.clockTolerance]: clockSkewS };
      const known = await oidc.discovery(new URL(issuer), clientId, client, auth, {
        [oidc.customFetch]: this.#fetch,
        // The operator named it so. All else that it names may be plain then, too.
        execute: issuer.startsWith("http:") ? [oidc.allowInsecureRequests] : [],
      });
      const said = known.serverMetadata();
      if (said.issuer !== issuer)
        throw new Error(`it calls itself ${said.issuer}: issuer has to be that, to the letter`);
      if (said.authorization_endpoint === undefined) throw new Error("it names no authorization_endpoint");
      this.#known = known;
      return true;
    } catch (thrown) {
      const { message, cause } = loginProblem(thrown, issuer);
      const error = cause === undefined ? message : asError(cause).message;
      this.#deps.log.warn({ issuer, error }, "an issuer at which browsers log in could not be discovered");
      return false;
    }
  }

  readonly #fetch: CustomFetch = async (address: string, { method, headers, body }: CustomFetchOptions) => {
    const { outbound, stopping } = this.#deps;
    if (method !== "GET" && method !== "POST") throw new TypeError(`an issuer is not asked by ${method}`);
    const sent = typeof body === "string" || body instanceof URLSearchParams ? { body: body.toString() } : {};
    const answer = await outbound(new URL(address), { method, headers, ...sent, signal: stopping });
    // What has no body by its status must have none here.
    const bytes = [204, 205, 304].includes(answer.status) ? null : new Uint8Array(answer.body);
    return new Response(bytes, { status: answer.status, headers: answer.headers });
  };
}
