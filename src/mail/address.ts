/** Mail addresses, as far as sending needs them. */
import { domainToASCII } from "node:url";
import { invalidField } from "../errors.ts";
import { oneLine } from "./text.ts";

/** What ends an address, begins another, or is not seen. */
const notInLocal = /[\p{C}\p{Z}()<>[\]:;,\\"@]|^\.|\.$|\.\./u;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * `text` as one address whose domain is ASCII; `undefined` when it is none, or more than one. Takes less than mail does: no
 * quoted local parts, no comments, no IP addresses.
 */
export function plainAddress(text: string): string | undefined {
  if (text.length > 254) return undefined;
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at);
  if (at < 1 || local.length > 64 || notInLocal.test(local)) return undefined;
  const domain = text.slice(at + 1);
  // Node's conversion stops in silence at what would end a URL's host.
  if (/[\s/:@?#\\[\]%]/.test(domain)) return undefined;
  const ascii = domainToASCII(domain);
  const labels = ascii.split(".");
  // A last label that is a number makes it an IPv4 address.
  if (!labels.every((part) => label.test(part)) || /^\d+$/.test(labels.at(-1) ?? "")) return undefined;
  return ascii.length <= 253 ? `${local}@${ascii}` : undefined;
}

/** Whom mails come from. */
export interface Sender {
  /** Empty: none is shown. */
  readonly name: string;
  readonly address: string;
}

/** Reads `SIGNALBOX_MAIL_FROM`: an address, alone or as in `Name <address>`. Throws `invalid_request` when it is neither. */
export function parseSender(text: string): Sender {
  const [, named, bracketed] = /^([^<>]{0,200})<([^<>]{1,254})>\s*$/.exec(text) ?? [];
  const address = plainAddress(bracketed ?? text.trim());
  if (address === undefined || /\p{Cc}/u.test(text)) {
    throw invalidField("SIGNALBOX_MAIL_FROM", "must be one address, such as Signalbox <noreply@example.com>");
  }
  return { name: oneLine((named ?? "").trim().replace(/^"(.*)"$/, "$1"), 100), address };
}

/**
 * What is one mailbox, for limits: addresses that differ in case, in what follows a `+`, in dots before the `@`, or in how Unicode writes
 * the same characters (composed or not, wide or not) count as one, because at many providers they are. Mail goes to the address as it was written. `${…}` of subscriptions stand behind a `+` only.
 */
export function mailboxOf(address: string): string {
  const at = address.lastIndexOf("@");
  const [local = ""] = address.slice(0, at).normalize("NFKC").split("+");
  const domain = address.slice(at + 1).toLowerCase();
  const ascii = domainToASCII(domain) || domain;
  const known = ascii === "googlemail.com" ? "gmail.com" : ascii;
  return `${local.replaceAll(".", "").toLowerCase().normalize("NFKC")}@${known}`;
}

/** What stands after the `@`. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}
