import { type EgressAllow, egressRefusal, hostAndPortOf } from "../domain/egress.ts";
import { checkMacros, filled, parseTemplate } from "../domain/notifications/template.ts";
import { checkWebhookTemplate } from "../domain/notifications/webhook-url.ts";
import type { WebhookAuth } from "../domain/subscription.ts";
import { invalidField } from "../errors.ts";

/** What a tenant may give as the address of a webhook. */

export const longestUrl = 2048;

/**
 * As `URL` writes it: what is judged and shown is what is sent to.
 *
 * @throws SignalboxError `invalid_request` about `url`, with the remedy.
 */
export function checkUrl(text: string, allow: EgressAllow): string {
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

/** What stands for a macro while the rest of a URL is judged. */
const stand = "x";

/**
 * A URL that may hold macros in its path and query: none but those `allowed`.
 *
 * @throws SignalboxError `invalid_request` about `url`, with the remedy.
 */
export function checkMacroUrl(text: string, allow: EgressAllow, allowed: readonly string[]): string {
  if (!text.includes("${")) return checkUrl(text, allow);
  if (text.length > longestUrl) throw invalidField("url", `must have at most ${longestUrl} characters`);
  checkWebhookTemplate(text);
  checkMacros(text, allowed);
  checkUrl(filledIn(text), allow);
  return text;
}

/**
 * A URL that may hold macros in its path and query, and a user and password, which become Basic authentication: what is kept and shown
 * is without them.
 *
 * @throws SignalboxError `invalid_request` about `url`, with the remedy.
 */
export function checkTemplateUrl(
  text: string,
  allow: EgressAllow,
): { readonly url: string; readonly auth?: WebhookAuth } {
  const parsed = URL.canParse(filledIn(text)) ? new URL(filledIn(text)) : undefined;
  const open = text.replace(/^(https?:\/\/)[^/?#]*@/i, "$1");
  const checked = checkUrl(filledIn(open), allow);
  const url = open.includes("${") ? open : checked;
  if (parsed === undefined || (parsed.username === "" && parsed.password === "")) return { url };
  const [username, password] = [decoded(parsed.username), decoded(parsed.password)];
  if (username.includes(":")) throw invalidField("url", "must not have a user with a colon in its name");
  return { url, auth: { type: "basic", username, password } };
}

function filledIn(text: string): string {
  return filled(parseTemplate(text), () => stand);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidField("url", "holds a user or password with a % that is not followed by two hex digits");
  }
}
