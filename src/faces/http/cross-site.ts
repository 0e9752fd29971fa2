import type { IncomingHttpHeaders } from "node:http";
import { SignalboxError } from "../../errors.ts";

/**
 * A browser brings cookies by itself, also with requests that a page of another site makes. Whether it is one tells `Sec-Fetch-Site`, which
 * pages cannot set; browsers leave it out on plain http, and then `Origin` tells.
 */

interface Site {
  /** Of the API as others reach it. */
  readonly publicUrl: () => string;
}

/** Whether a page of this server's own made the request; `undefined`: nothing tells, so that no page did. */
function isOwn({ publicUrl }: Site, headers: IncomingHttpHeaders): boolean | undefined {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  const { origin, host } = headers;
  if (origin === undefined) return undefined;
  if (origin === new URL(publicUrl()).origin) return true;
  // A proxy may speak https for us, so the scheme tells nothing.
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
}

function crossSite({ publicUrl }: Site): SignalboxError {
  return new SignalboxError(
    "cross_site",
    `this request was not made by a page of this server, so what its cookie says does not count: open ${publicUrl()}; if that is not how you reach it, SIGNALBOX_PUBLIC_URL has to say how`,
  );
}

/** Of a request in the name of a session. @throws SignalboxError `cross_site` unless a page of this server made it, or it only reads. */
export function judgeSite(
  site: Site,
  { method, headers }: { readonly method: string; readonly headers: IncomingHttpHeaders },
): void {
  if (method === "GET" || method === "HEAD") return;
  if (isOwn(site, headers) !== true) throw crossSite(site);
}

/** Of a login: programs may ask for one. @throws SignalboxError `cross_site` when a page of another site made it. */
export function judgeLoginSite(site: Site, headers: IncomingHttpHeaders): void {
  if (isOwn(site, headers) === false) throw crossSite(site);
}
