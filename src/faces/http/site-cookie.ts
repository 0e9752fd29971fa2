import { createHash } from "node:crypto";

/**
 * Cookies of this server alone. No script can read them. Their names end in eight hex digits of the server's public URL: to browsers all ports
 * and paths of one host name are one place, and the servers there would take each other's cookies away.
 */

export interface Site {
  /** Of the API as others reach it. */
  readonly publicUrl: () => string;
}

/** Browsers take such a cookie only over https, for this host alone, and for all of its paths. */
const securePrefix = "__Host-";

function isSecure({ publicUrl }: Site): boolean {
  return publicUrl().startsWith("https:");
}

/** @param plainName that it begins with, but for what is put before it over https. */
export function siteCookieName(site: Site, plainName: string): string {
  const instance = createHash("sha256").update(site.publicUrl()).digest("hex").slice(0, 8);
  return `${isSecure(site) ? securePrefix : ""}${plainName}${instance}`;
}

/** The cookies that a request brings, each with its name and what it holds; of one name there may be several. */
export function cookiesIn(header: string | undefined): readonly (readonly [string, string])[] {
  if (header === undefined) return [];
  return header.split(";").flatMap((pair) => {
    const at = pair.indexOf("=");
    return at < 0 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const];
  });
}

/**
 * What the cookie holds; `undefined` when the request has none. Of two that differ one was put there by another host of the same domain:
 * then neither counts, and what is returned is no one's value.
 */
export function readSiteCookie(header: string | undefined, name: string): string | undefined {
  const values = new Set(cookiesIn(header).flatMap(([one, value]) => (one === name ? [value] : [])));
  const [value] = values;
  return values.size > 1 ? "" : value;
}

interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** 0: the browser forgets it. */
  readonly maxAgeS: number;
  /** `Lax`: it comes also when another site leads the browser here. */
  readonly sameSite: "Strict" | "Lax";
}

/** The header `Set-Cookie`. */
export function setSiteCookie(site: Site, { name, value, maxAgeS, sameSite }: SetCookie): string {
  const secure = isSecure(site) ? "; Secure" : "";
  return `${name}=${value}; Max-Age=${maxAgeS}; Path=/; HttpOnly; SameSite=${sameSite}${secure}`;
}
