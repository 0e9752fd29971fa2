import { loginS } from "../../platform/login/browser-logins.ts";
import { cookiesIn, readSiteCookie, type Site, setSiteCookie, siteCookieName } from "../http/site-cookie.ts";

/**
 * What a browser keeps while it is away to log in, one cookie for each log in that was begun, so that two tabs do not take each other's away. The
 * issuer leads the browser back from another site, so these come along then.
 */

const plainName = "signalbox_login_";
/** Of those that were begun and not ended. */
const mostBegun = 4;
/** In one answer: proxies and clients take only so many headers, and others of the same domain may have put any number of cookies there. */
const mostForgotten = 8;
const stateForm = /^[A-Za-z0-9_-]{43}$/;
const endForm = /^[A-Za-z0-9_-]{12}$/;

const startOfNames = (site: Site): string => `${siteCookieName(site, plainName)}_`;

function nameOf(site: Site, state: string): string {
  return `${startOfNames(site)}${state.slice(0, 12)}`;
}

/** Names of what {@link setLoginCookie} set, and of nothing else that looks like it: names are sent back as they came. */
function begunIn(site: Site, header: string | undefined): readonly string[] {
  const start = startOfNames(site);
  const names = cookiesIn(header).map(([name]) => name);
  return [...new Set(names)].filter((name) => name.startsWith(start) && endForm.test(name.slice(start.length)));
}

/** What the browser kept of the log in with this `state`. */
export function readLoginCookie(site: Site, header: string | undefined, state: string | null): string | undefined {
  return state !== null && stateForm.test(state) ? readSiteCookie(header, nameOf(site, state)) : undefined;
}

/** Headers `Set-Cookie`: this one; where many were begun, without those, as far as one answer can do that. */
export function setLoginCookie(
  site: Site,
  header: string | undefined,
  { state, kept }: { readonly state: string; readonly kept: string },
): string[] {
  const begun = begunIn(site, header);
  const set = setSiteCookie(site, { name: nameOf(site, state), value: kept, maxAgeS: loginS, sameSite: "Lax" });
  const old = begun.length < mostBegun ? [] : begun.slice(0, mostForgotten);
  return [...old.map((name) => forget(site, name)), set];
}

function forget(site: Site, name: string): string {
  return setSiteCookie(site, { name, value: "", maxAgeS: 0, sameSite: "Lax" });
}

/** Headers `Set-Cookie` that make the browser forget it. */
export function forgetLoginCookie(site: Site, state: string | null): string[] {
  return state !== null && stateForm.test(state) ? [forget(site, nameOf(site, state))] : [];
}
