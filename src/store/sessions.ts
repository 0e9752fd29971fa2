import type { Principal } from "../domain/access.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Page } from "./page.ts";

/** Who is logged in by a browser, and the codes of links by which one logs in. Both end with what they came from. */
export interface Sessions {
  /** One that has expired is found too: the caller judges. */
  sessionByHash(hash: string): Promise<KnownSession | undefined>;
  session(uuid: Uuid): Promise<KnownSession | undefined>;
  /** Newest first; of one principal when `principal` is given. Those that have expired are listed too. */
  sessions(
    query: { readonly tenant: string; readonly principal?: string },
    page: Page<Uuid>,
  ): Promise<readonly KnownSession[]>;
  /** One that has expired is found too. */
  loginCode(hash: string): Promise<KnownLoginCode | undefined>;
}

export interface LoginCode {
  /** Lower-case hex SHA-256 of the code. */
  readonly hash: string;
  readonly tenant: string;
  readonly principal: string;
  /** Uuid of the token that it came from, which may be another's: of the principal that made the link. */
  readonly token: Uuid;
  readonly createdMs: number;
  readonly expiresMs: number;
}

interface Session extends Omit<LoginCode, "token"> {
  readonly uuid: Uuid;
  /** Lower-case hex SHA-256 of what the cookie holds. */
  readonly hash: string;
  /** Present exactly when {@link Session.issuer} is not. */
  readonly token?: Uuid;
  /** At which it was logged in, as its tokens say (`iss`). It ends with the link of the principal to that. */
  readonly issuer?: string;
  /** When it was last used, to the minute. */
  readonly seenMs: number;
}

/** What a session or a code rests on. Neither principal was ended, and the token was not revoked. */
interface Rests {
  readonly principal: Principal;
  /** Whose token it came from; of a session from an issuer, its principal. */
  readonly maker: Principal;
  readonly tokenExpiresMs?: number;
}

export interface KnownSession extends Rests {
  readonly session: Session;
}

export interface KnownLoginCode extends Rests {
  readonly code: LoginCode;
}

/** Of one principal; when there are more, the oldest go. */
export const mostSessions = 100;
export const mostLoginCodes = 20;

/** It is there and has not expired. */
export interface SessionCondition {
  readonly if: "loginCode.open";
  readonly hash: string;
  readonly nowMs: number;
}

export type SessionChange =
  | { readonly do: "session.add"; readonly session: Session }
  | { readonly do: "session.seen"; readonly uuid: Uuid; readonly atMs: number }
  | { readonly do: "session.remove"; readonly uuid: Uuid }
  | { readonly do: "loginCode.add"; readonly code: LoginCode }
  | { readonly do: "loginCode.remove"; readonly hash: string };
