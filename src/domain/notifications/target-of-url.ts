import { invalidField } from "../../errors.ts";
import type { EgressAllow } from "../egress.ts";
import { type MailAddress, parseMailAddress } from "../mail-address.ts";
import type { Template } from "../template.ts";
import { type ParsedWebhookUrl, parseWebhookUrl } from "../webhook-url.ts";

/** What the `url` of a subscription is: callers say no more about their target than that. */

type UrlTarget =
  /** With macros, as it was written; `template` is for `checkMacros`. */
  | { readonly kind: "email"; readonly address: MailAddress; readonly template: Template }
  | ({ readonly kind: "webhook" } & ParsedWebhookUrl)
  /** None was given: the subscriber is sent mail at their own address, as documented. */
  | { readonly kind: "own" };

const shortest = 4;
const longest = 1024;

/** What a subscription that is there may have. */
export type GivenTarget =
  /** Without a template it was not written in this request. */
  | { readonly kind: "email"; readonly address: MailAddress; readonly template?: Template }
  | ({ readonly kind: "webhook" } & ParsedWebhookUrl);

const otherwise = "a url that begins with http:// or https://";
/** What to give as `url`. */
export const urlRemedy = `an e-mail address, or ${otherwise}`;
const remedy = `use ${urlRemedy}`;
const neither = `must be an e-mail address such as ada@example.com, or ${otherwise}`;

/**
 * The target that a `url` means. Macros are left as they are; whether there are such is for `checkMacros` to say.
 *
 * @throws SignalboxError `invalid_request` about `url` for everything that is neither an e-mail address nor a url of 4 to 1024
 * characters (UTF-16 units) with http or https, to where may be sent. Nothing, or blanks alone, is no mistake.
 */
export function targetOfUrl(url: unknown, egressAllow: EgressAllow): UrlTarget {
  if (url === undefined || url === null) return { kind: "own" };
  if (typeof url !== "string") throw invalidField("url", "must be a string");
  if (url.trim() === "") return { kind: "own" };
  if (/[\p{Cc}\p{Cs}]/u.test(url)) throw invalidField("url", "must not hold control characters");
  if (/^\+?[\d ().-]+$/.test(url)) throw invalidField("url", `SMS to a telephone number is not supported: ${remedy}`);
  if (url.length < shortest || url.length > longest) {
    throw invalidField("url", `must have ${shortest} to ${longest} characters; this one has ${url.length}`);
  }
  if (/^https?:\/\//i.test(url)) {
    return { kind: "webhook", ...parseWebhookUrl(url, { egressAllow }) };
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1];
  if (scheme !== undefined) throw invalidField("url", schemeRefusal(scheme));
  if (/^[^@\p{Z}]*$/u.test(url)) throw invalidField("url", neither);
  return { kind: "email", ...parseMailAddress(url) };
}

function schemeRefusal(scheme: string): string {
  const shown = scheme.slice(0, 64).toLowerCase();
  if (shown === "mailto") return "must be the e-mail address alone, without mailto:";
  if (shown === "http" || shown === "https") return `must go on with // behind ${shown}:`;
  return `${shown}: is not supported: ${remedy}`;
}
