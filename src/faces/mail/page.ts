import { escapeHtml } from "../../mail/text.ts";

/** Pages without the dashboard: those behind the links in mails, and what a log in was refused for. Plain: they run no script, load nothing, and work in every browser. */

export interface LinkPage {
  readonly title: string;
  /** Each a paragraph; as text, not HTML. */
  readonly says: readonly string[];
  /** Label of the button that posts to the same URL. Absent: there is nothing to do. */
  readonly button?: string;
  /** Where the button posts to instead. */
  readonly action?: string;
  /** What leads on. */
  readonly links?: readonly { readonly label: string; readonly href: string }[];
}

/** They hold what others wrote, and the URL is a credential: it goes to no other site, and no page may stand around them. */
export const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-robots-tag": "noindex",
} as const;

const style =
  "body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;overflow-wrap:anywhere}" +
  "button{font:inherit;padding:.5rem 1rem}" +
  ":root{color-scheme:light dark}";

export function renderPage({ title, says, button, action, links = [] }: LinkPage): string {
  const heading = escapeHtml(title);
  const paragraphs = says.map((text) => `<p>${escapeHtml(text)}</p>\n`).join("");
  const form =
    button === undefined
      ? ""
      : `<form method="post"${action === undefined ? "" : ` action="${escapeHtml(action)}"`}><button type="submit">${escapeHtml(button)}</button></form>\n`;
  const leads = links
    .map(({ label, href }) => `<p><a href="${escapeHtml(href)}">${escapeHtml(label)}</a></p>\n`)
    .join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${heading}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${heading}</h1>
${paragraphs}${form}${leads}</main>
</body>
</html>
`;
}
