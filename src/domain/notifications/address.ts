import { invalidField } from "../../errors.ts";
import { macroValues } from "./macro-values.ts";
import type { ResourceKinds } from "./resource-kinds.ts";
import { type EventView, filled, parseTemplate, type Template } from "./template.ts";

/**
 * E-mail addresses of subscriptions. Macros stand only behind a `+` in the part before the `@`: such a tag sorts mail that goes to
 * one mailbox, whatever it holds.
 */

/** In characters. */
const longest = { address: 254, local: 64 } as const;

/** Not printed, blank, or what lists of addresses, comments and quotes are made of. */
const notInLocal = /[\p{C}\p{Z}()<>[\]:;,\\"]|^\.|\.$|\.\./u;
const label = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u;
const macro = /\$\{[A-Z0-9_]*\}/;

const form = "must be an e-mail address such as ada@example.com";

/**
 * That `text` is one e-mail address, with macros only in its tag. Whether it reaches anybody only a mail can tell.
 *
 * @throws SignalboxError `invalid_request` about `url`.
 */
export function checkAddress(text: string): void {
  const template = parseTemplate(text);
  if (/[\p{C}\p{Z}]/u.test(text)) throw refusal("must hold neither blanks nor characters that cannot be seen");
  if (/[,;<>]/.test(text)) throw refusal("must be one e-mail address alone: make a subscription for each of several");
  const { mailbox, tag, host } = partsOf(text);
  if (text.split("@").length !== 2) throw refusal(form);
  if (macro.test(mailbox) || macro.test(host)) {
    throw refusal("may hold macros only behind a + before the @, as in me+${EVENT}@example.com");
  }
  if (tag !== "" && mailbox === "") throw refusal("must name the mailbox before the +");
  // What macros are worth is made to fit later.
  const plain = filled(template, () => "");
  const local = plain.slice(0, plain.lastIndexOf("@"));
  if (plain.length > longest.address || local.length > longest.local) {
    throw refusal(`must have at most ${longest.address} characters, ${longest.local} of them before the @`);
  }
  const sane = mailbox !== "" && !notInLocal.test(filled(parseTemplate(mailbox + tag), () => "x")) && isHost(host);
  if (!sane) throw refusal(form);
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

/** `ada`, `+tag`, `example.com`; the tag with its `+`, or empty. */
function partsOf(text: string): { readonly mailbox: string; readonly tag: string; readonly host: string } {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, Math.max(at, 0));
  const plus = local.indexOf("+");
  const end = plus < 0 ? local.length : plus;
  return { mailbox: local.slice(0, end), tag: local.slice(end), host: text.slice(at + 1) };
}

/** The mailbox that mail to the address `text` ends in: without a tag, and the domain in lower case. */
export function baseAddress(text: string): string {
  const { mailbox, host } = partsOf(text);
  return `${mailbox}@${host.toLowerCase()}`;
}

/**
 * The address of one delivery. Values keep A–Z, a–z, 0–9, `.`, `_` and `-`, everything else becomes a `-`, and of what is too long
 * for an address the end is left out. An address whose tag comes to nothing has none.
 */
export function expandAddress(template: Template, view: EventView, kinds: ResourceKinds): string {
  const { mailbox, tag, host } = partsOf(template.text);
  if (!macro.test(tag)) return template.text;
  const valueOf = macroValues(view, kinds);
  const room = Math.min(longest.local, longest.address - host.length - 1) - mailbox.length;
  const filledTag = filled(parseTemplate(tag), (name) =>
    valueOf(name)
      .slice(0, longest.local)
      .replace(/[^\w.-]/g, "-"),
  );
  // Between two dots, and behind the last, there must be something.
  const sane = filledTag
    .replace(/\.{2,}/g, ".")
    .slice(0, Math.max(room, 0))
    .replace(/\.+$/, "");
  return `${mailbox}${sane === "+" ? "" : sane}@${host}`;
}
