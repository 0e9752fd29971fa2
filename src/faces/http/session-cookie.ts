import { readSiteCookie, type Site, setSiteCookie, siteCookieName } from "./site-cookie.ts";

/** The cookie of a session: what a browser shows instead of a token. No other site's request brings it. */

const plainName = "signalbox_session_";

/** What the cookie holds; `undefined` when the request has none. */
export function readSessionCookie(site: Site, header: string | undefined): string | undefined {
  return header === undefined ? undefined : readSiteCookie(header, siteCookieName(site, plainName));
}

/** As far as the head of a request tells, in lower case: whether such a cookie is among what it brings, good or bad. */
export function bringsSessionCookie(head: string): boolean {
  return head.includes(plainName);
}

/** The header `Set-Cookie`. @param maxAgeS 0: the browser forgets it. */
export function setSessionCookie(site: Site, value: string, maxAgeS: number): string {
  return setSiteCookie(site, { name: siteCookieName(site, plainName), value, maxAgeS, sameSite: "Strict" });
}
