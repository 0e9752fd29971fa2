import { invalidField } from "../errors.ts";
import { filled, parseTemplate, type Template } from "./template.ts";

/**
 * E-mail addresses of subscriptions. Macros stand only behind a `+` in the part before the `@`: such a tag sorts mail that goes to
 * one mailbox, whatever it holds.
 */

declare const brand: unique symbol;
/** One e-mail address, with macros only in its tag. Made only by {@link parseMailAddress}, and by stores of what they hold. */
export type MailAddress = string & { readonly [brand]: "mail address" };

interface ParsedMailAddress {
  readonly address: MailAddress;
  readonly template: Template;
}

/** In characters. */
export const longestAddress = { address: 254, local: 64 } as const;

/** Not printed, blank, or what lists of addresses, comments and quotes are made of. */
const notInLocal = /[\p{C}\p{Z}()<>[\]:;,\\"]|^\.|\.$|\.\./u;
const label = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u;
const macro = /\$\{[A-Z0-9_]*\}/;

const form = "must be an e-mail address such as ada@example.com";

/**
 * Whether it reaches a mailbox only a mail can tell.
 *
 * @throws SignalboxError `invalid_request` about `url`.
 */
export function parseMailAddress(text: string): ParsedMailAddress {
  const template = parseTemplate(text);
  if (/[\p{C}\p{Z}]/u.test(text)) throw refusal("must hold neither blanks nor characters that cannot be seen");
  if (/[,;<>]/.test(text)) throw refusal("must be one e-mail address alone: make a subscription for each of several");
  const { mailbox, tag, host } = partsOfAddress(text);
  if (text.split("@").length !== 2) throw refusal(form);
  if (macro.test(mailbox) || macro.test(host)) {
    throw refusal("may hold macros only behind a + before the @, as in me+${EVENT}@example.com");
  }
  if (tag !== "" && mailbox === "") throw refusal("must name the mailbox before the +");
  // What macros are worth is made to fit later.
  const plain = filled(template, () => "");
  if (plain.length > longestAddress.address || localOf(plain).length > longestAddress.local) {
    throw refusal(
      `must have at most ${longestAddress.address} characters, ${longestAddress.local} of them before the @`,
    );
  }
  const local = localOf(filled(template, () => "x"));
  if (mailbox === "" || notInLocal.test(local) || !isHost(host)) throw refusal(form);
  return { address: text as MailAddress, template };
}

function refusal(why: string): Error {
  return invalidField("url", why);
}

/** A name, not a number of a machine. */
function isHost(host: string): boolean {
  const labels = host.split(".");
  if (!labels.every((part) => label.test(part))) return false;
  return labels.length === 1 ? host.toLowerCase() === "localhost" : !/^\d+$/.test(labels.at(-1) ?? "");
}

function localOf(address: string): string {
  return address.slice(0, Math.max(address.lastIndexOf("@"), 0));
}

/** `ada`, `+tag`, `example.com`; the tag with its `+`, or empty. */
export function partsOfAddress(text: string): {
  readonly mailbox: string;
  readonly tag: string;
  readonly host: string;
} {
  const local = localOf(text);
  const plus = local.indexOf("+");
  const end = plus < 0 ? local.length : plus;
  return { mailbox: local.slice(0, end), tag: local.slice(end), host: text.slice(text.lastIndexOf("@") + 1) };
}

/** The mailbox that mail to the address `text` ends in: without a tag, and the domain in lower case. */
export function baseAddress(text: string): string {
  const { mailbox, host } = partsOfAddress(text);
  return `${mailbox}@${host.toLowerCase()}`;
}
