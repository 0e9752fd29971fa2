import { invalidField } from "../errors.ts";
import { type EgressAllow, egressRefusal, hostAndPortOf } from "./egress.ts";
import { checkMacros, filled, parseTemplate, type Template } from "./template.ts";

/** What a tenant may give as the address of a webhook. */

declare const brand: unique symbol;
/**
 * Where a webhook goes: by http or https, with macros in its path and query only, without user and password, and not to an address that
 * may not be sent to. Made only by the parsers below, and by stores of what they hold; who has one checks nothing again.
 */
export type WebhookUrl = string & { readonly [brand]: "webhook url" };

export interface ParsedWebhookUrl {
  /** As it is kept and shown. */
  readonly url: WebhookUrl;
  /** Of the text that was given. */
  readonly template: Template;
  /** The user and password that were in the text; they are kept encrypted. */
  readonly auth?: { readonly type: "basic"; readonly username: string; readonly password: string };
}

interface UrlRules {
  readonly egressAllow: EgressAllow;
  /** What it may hold. Absent: that is for {@link checkMacros} to say, once the resource is known. */
  readonly macros?: readonly string[];
}

export const longestUrl = 2048;

/** What stands for a macro while the rest of a URL is judged. */
const stand = "x";

/**
 * A URL that may hold macros in its path and query, and a user and password.
 *
 * @throws SignalboxError `invalid_request` about `url`, with the remedy.
 */
export function parseWebhookUrl(text: string, { egressAllow, macros }: UrlRules): ParsedWebhookUrl {
  const template = parseTemplate(text);
  checkPlaces(template);
  if (macros !== undefined) checkMacros(template, macros);
  const sample = filled(template, () => stand);
  const checked = checkUrl(withoutLogin(sample), egressAllow);
  const open = withoutLogin(text);
  const url = (open.includes("${") ? open : checked) as WebhookUrl;
  const { username, password } = new URL(sample);
  if (username === "" && password === "") return { url, template };
  const auth = { type: "basic", username: decoded(username), password: decoded(password) } as const;
  if (auth.username.includes(":")) throw invalidField("url", "must not have a user with a colon in its name");
  return { url, template, auth };
}

/**
 * A URL that may hold macros, but neither user nor password.
 *
 * @throws SignalboxError `invalid_request` about `url`, with the remedy.
 */
export function parseOpenUrl(text: string, { egressAllow, macros }: Required<UrlRules>): WebhookUrl {
  if (!text.includes("${")) return checkUrl(text, egressAllow) as WebhookUrl;
  if (text.length > longestUrl) throw invalidField("url", `must have at most ${longestUrl} characters`);
  const template = parseTemplate(text);
  checkPlaces(template);
  checkMacros(template, macros);
  checkUrl(
    filled(template, () => stand),
    egressAllow,
  );
  return text as WebhookUrl;
}

function withoutLogin(text: string): string {
  return text.replace(/^(https?:\/\/)[^/?#]*@/i, "$1");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidField("url", "holds a user or password with a % that is not followed by two hex digits");
  }
}

/**
 * Scheme, authority (with user info and port), the rest up to a fragment, fragment: as URL parsers take them apart, for which a
 * backslash is a slash.
 */
const regions = /^(https?:\/\/)([^/\\?#]*)([^#]*)(#.*)?$/is;
const macro = /\$\{[A-Z0-9_]*\}/;
/** Values that come from events must not complete what was begun before them. */
const openEscape = /%[0-9A-Fa-f]?\$\{/;

/**
 * That macros stand only in the path and the query: the namer of a resource must not choose the server that is called, nor how it is
 * logged in to.
 *
 * @throws SignalboxError `invalid_request` about `url`.
 */
export function checkPlaces(template: Template): void {
  const { text: url } = template;
  const refuse = (why: string) => invalidField("url", why);
  if (/[\p{C}\p{Z}]/u.test(url))
    throw refuse("must hold neither blanks nor characters that cannot be seen: encode them (%20)");
  const [, , authority, , fragment] = regions.exec(url) ?? [];
  if (authority === undefined) throw refuse("must begin with http:// or https://, without macros");
  // Parsers pass over more slashes, and would take what follows for the host.
  if (authority === "") throw refuse("must name a host behind the two slashes");
  if (macro.test(authority))
    throw refuse(`must not hold macros in the ${authorityPart(authority)}: only in path and query`);
  if (fragment !== undefined) throw refuse("must not have a fragment (#…), which is never sent; encode a # as %23");
  if (openEscape.test(url)) throw refuse("has a % that is no whole escape before a macro; write the sign % as %25");
  if (!URL.canParse(filled(template, () => stand))) {
    throw refuse("must be a url such as https://hooks.example.com/signalbox; its host or port cannot be one");
  }
}

function authorityPart(authority: string): string {
  const at = authority.lastIndexOf("@");
  if (macro.test(authority.slice(0, Math.max(at, 0)))) return "user name or password";
  return macro.test(authority.slice(at + 1).replace(/:[^:\]]*$/, "")) ? "host" : "port";
}

/** As `URL` writes it: what is judged and shown is what is sent to. */
function checkUrl(text: string, allow: EgressAllow): string {
  if (text.length > longestUrl) throw invalidField("url", `must have at most ${longestUrl} characters`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw invalidField("url", "must be an absolute URL such as https://example.com/hook");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw invalidField("url", `must begin with http:// or https://, not ${url.protocol}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw invalidField("url", "must not hold a user name or password: give them as auth, which is kept encrypted");
  }
  if (url.hash !== "" || text.includes("#")) {
    throw invalidField("url", "must not have a fragment (#…): it is never sent");
  }
  if (url.href.length > longestUrl)
    throw invalidField("url", `must have at most ${longestUrl} characters once encoded`);
  const place = hostAndPortOf(url);
  const { host, port } = place;
  const refused = isAddress(host) ? egressRefusal(place, allow) : undefined;
  if (refused !== undefined) {
    throw invalidField(
      "url",
      `the address ${host} (${refused}) is not on the public internet; to allow it, the operator adds it to SIGNALBOX_EGRESS_ALLOW, alone or with port ${port}`,
    );
  }
  return url.href;
}

/** `URL` has already turned every written form of an IPv4 address into four decimal numbers. */
function isAddress(host: string): boolean {
  return host.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(host);
}
