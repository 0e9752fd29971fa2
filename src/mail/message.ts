/** A mail as nodemailer takes it: what was written by others can neither add headers nor recipients, nor name files. */
import type { SendMailOptions } from "nodemailer";
import { domainOf, plainAddress, type Sender } from "./address.ts";
import type { Mail, MailOutcome } from "./mailer.ts";
import { oneLine } from "./text.ts";

type Message =
  | { readonly kind: "message"; readonly options: SendMailOptions }
  | Extract<MailOutcome, { readonly kind: "refused" }>;

/** Of each of text and HTML. Templates are cut long before. */
const mostBytes = 512 * 1024;
const longestSubject = 200;
const longestHeader = 900;

/** `nowMs` is its date. */
export function messageOf(mail: Mail, from: Sender, nowMs: number): Message {
  const to = plainAddress(mail.to);
  if (to === undefined) return refused(`${JSON.stringify(oneLine(mail.to, 254))} is not one mail address`);
  if (!/^[0-9A-Za-z-]{1,120}$/.test(mail.id)) return refused("its id has other characters than letters, digits and -");
  for (const part of ["text", "html"] as const) {
    if (Buffer.byteLength(mail[part]) > mostBytes) return refused(`its ${part} is longer than ${mostBytes} bytes`);
  }
  const headers = headersOf(mail);
  if (headers === undefined) return refused("one of its headers cannot be sent");
  return {
    kind: "message",
    options: {
      // As parts: a text would be taken apart at commas.
      from: { name: from.name, address: from.address },
      to: { name: "", address: to },
      envelope: { from: from.address, to },
      // Readers would decode what looks like an encoded word, control characters and all.
      subject: oneLine(mail.subject, longestSubject).replaceAll("=?", "= ?"),
      text: mail.text,
      html: mail.html,
      messageId: `<${mail.id}@${domainOf(from.address)}>`,
      date: new Date(nowMs),
      headers,
      xMailer: false,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
  };
}

/** Names that {@link messageOf} fills, or that would change who gets a mail and how it is read. */
const reserved =
  /^(?:from|sender|to|cc|bcc|reply-to|subject|date|message-id|mime-version|content-.*|list-unsubscribe.*)$/i;

/** `undefined`: one of them cannot stand in a mail. */
function headersOf({ headers, unsubscribe }: Mail): SendMailOptions["headers"] | undefined {
  const all: Record<string, string | { readonly prepared: true; readonly value: string }> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(name) || reserved.test(name)) return undefined;
    if (value.length > longestHeader || !/^[\x20-\x7e]*$/.test(value)) return undefined;
    all[name] = value;
  }
  if (unsubscribe === undefined) return all;
  const url = URL.parse(unsubscribe);
  if (url === null || !/^https?:$/.test(url.protocol) || url.href.length > longestHeader) return undefined;
  // As it is: folded, some readers would not find its end.
  all["List-Unsubscribe"] = { prepared: true, value: `<${url.href}>` };
  all["List-Unsubscribe-Post"] = { prepared: true, value: "List-Unsubscribe=One-Click" };
  return all;
}

function refused(message: string): Message {
  return { kind: "refused", message: `the mail cannot be sent: ${message}` };
}
