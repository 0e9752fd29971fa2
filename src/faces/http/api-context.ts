import type { Context } from "../../context.ts";
import type { InboxRelay } from "../../platform/host/inbox/relay.ts";
import type { BrowserLogins } from "../../platform/login/browser-logins.ts";
import type { JwtLogins } from "../../platform/login/jwt-logins.ts";
import type { Platform } from "../platform-calls.ts";
import type { ClientConnections } from "./front/connections.ts";

/** What the API's routes work with: the context of all verbs, and what only the API has. */
export interface ApiContext extends Context {
  /** Given the tenant of each recognised client, so that outsiders do not take its place. */
  readonly connections: ClientConnections;
  /** Tokens that others issue. */
  readonly jwts: JwtLogins;
  /** Browsers that log in where others know who they are. */
  readonly browserLogins: BrowserLogins;
  /** Absent: there is no inbox. */
  readonly relay?: InboxRelay;
  /** Calls that functions make under way. */
  readonly platform: Platform;
  /** Aborts when the process begins to stop. */
  readonly stopping: AbortSignal;
  /** Why no work can be accepted now; `undefined` when it can. */
  readonly health: () => Promise<string | undefined>;
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}
