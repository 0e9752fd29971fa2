import { createHash } from "node:crypto";

/**
 * The cookie of a session: what a browser shows instead of a token. No script can read it, and no other site's request brings it. Its name
 * ends in eight hex digits of the server's public URL: to browsers all ports and paths of one host name are one place, and the servers
 * there would take each other's cookie away.
 */

const plainName = "signalbox_session_";
/** Browsers take such a cookie only over https, for this host alone, and for all of its paths. */
const secureName = `__Host-${plainName}`;

interface Site {
  /** Of the API as others reach it. */
  readonly publicUrl: () => string;
}

function isSecure({ publicUrl }: Site): boolean {
  return publicUrl().startsWith("https:");
}

function cookieName(site: Site): string {
  const instance = createHash("sha256").update(site.publicUrl()).digest("hex").slice(0, 8);
  return `${isSecure(site) ? secureName : plainName}${instance}`;
}

/**
 * What the cookie holds; `undefined` when the request has none. Of two that differ one was put there by another host of the same domain:
 * then neither counts, and what is returned belongs to nobody.
 */
export function readSessionCookie(site: Site, header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const name = `${cookieName(site)}=`;
  const pairs = header.split(";").map((pair) => pair.trim());
  const values = new Set(pairs.filter((pair) => pair.startsWith(name)).map((pair) => pair.slice(name.length)));
  const [value] = values;
  return values.size > 1 ? "" : value;
}

/** As far as the head of a request tells, in lower case: whether such a cookie is among what it brings, good or bad. */
export function bringsSessionCookie(head: string): boolean {
  return head.includes(plainName);
}

/** The header `Set-Cookie`. @param maxAgeS 0: the browser forgets it. */
export function setSessionCookie(site: Site, value: string, maxAgeS: number): string {
  const secure = isSecure(site) ? "; Secure" : "";
  return `${cookieName(site)}=${value}; Max-Age=${maxAgeS}; Path=/; HttpOnly; SameSite=Strict${secure}`;
}
