import { createHash } from "node:crypto";
import type { Assets } from "./assets.ts";

/** The one document of the page, and what browsers are told to refuse in it. */

interface DocumentOf {
  /** {@link dashboardBase}. */
  readonly base: string;
  readonly nonce: string;
  /** Of the request, as it came in. */
  readonly path: string;
}

/** It names all files that its screen needs: those which scripts ask for would come one after another. */
export function pageDocument(
  { begin, script, styles, imported, screens }: Assets,
  { base, nonce, path }: DocumentOf,
): string {
  const sheets = styles.map((name) => `<link rel="stylesheet" href="assets/${name}">`).join("");
  const ahead = [...imported, ...(screens.get(screenOf(path) ?? "") ?? [])]
    .map((name) => `<link rel="modulepreload" href="assets/${name}">`)
    .join("");
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><base href="${base}">` +
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">' +
    `<title>Signalbox</title><link rel="icon" href="${icon}"><script>${begin}</script>${sheets}` +
    `<script type="module" nonce="${nonce}" src="assets/${script}"></script>${ahead}</head>` +
    '<body><div id="page"></div><noscript>The dashboard needs JavaScript. All it does can be done by the API, too.</noscript></body></html>'
  );
}

/** The name of the screen of the menu that is at an address; the start leads to the overview. */
function screenOf(path: string): string | undefined {
  const found = /^\/dashboard\/(?:t\/[^/]+(?:\/(\w+))?\/?)?$/.exec(path);
  return found === null ? undefined : (found[1] ?? "overview");
}

interface Opened {
  /** Of the request, as it came in. */
  readonly path: string;
  readonly host: string | undefined;
  /** As it was set. */
  readonly publicUrl: string | undefined;
}

/**
 * Below what the document names its files. Relative to the request's path, so that it works below any path that a proxy puts before the
 * server; but a proxy may decode what is between the slashes to more of them (`%2f`), so that the public URL tells it, where the browser
 * came by that.
 */
export function dashboardBase({ path, host, publicUrl }: Opened): string {
  if (publicUrl !== undefined) {
    const url = new URL(publicUrl);
    // Without a port proxies name the host that they were asked for.
    if (host === url.host || host === url.hostname) return `${url.pathname.replace(/\/$/, "")}/dashboard/`;
  }
  const below = path.replace(/^\/dashboard\//, "");
  return "../".repeat(below.split("/").length - 1) || "./";
}

const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect x="5" y="3" width="2.5" height="18" rx="1.25" fill="#667"/><rect x="6" y="5" width="14" height="5" rx="2.5" fill="#3f66e8"/></svg>',
)}`;

interface HeadersOf {
  readonly nonce: string;
  /** {@link Assets.begin}. */
  readonly begin: string;
  /** Whether browsers trust the way by which they came: https, or this machine itself. */
  readonly isTrusted: boolean;
}

export function dashboardHeaders({ nonce, begin, isTrusted }: HeadersOf): Record<string, string> {
  const digest = createHash("sha256").update(begin).digest("base64");
  return {
    "content-security-policy": [
      "default-src 'none'",
      `script-src 'self' 'sha256-${digest}'`,
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ].join("; "),
    "referrer-policy": "no-referrer",
    // Elsewhere they complain of it, and do nothing.
    ...(isTrusted ? { "cross-origin-opener-policy": "same-origin" } : {}),
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy":
      "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=(), clipboard-write=(self)",
  };
}
