/** Our own mails: what they say, and how that is written as text and as HTML. Pure. */
import type { Json } from "../domain/event.ts";
import type { TemplateResult } from "./template.ts";
import { escapeHtml, oneLine } from "./text.ts";

interface MailBody {
  readonly subject: string;
  readonly sentences: readonly string[];
  readonly facts: readonly Fact[];
  readonly link?: { readonly label: string; readonly url: string };
}

/** A label of ours, and a value of theirs. */
export type Fact = readonly [label: string, value: string];

/** A mail that is read, not searched: what is longer is cut. Keys of objects may have 1,024 characters. */
const longestValue = 2_048;
/** Of one mail. */
export const mostFacts = 100;

/** Any value as one line of at most 2,048 characters; empty for what is not there. */
export function shown(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return oneLine(typeof value === "string" ? value : JSON.stringify(value), longestValue);
}

/** Of an object that others wrote: its own fields only. */
export function field(object: { readonly [key: string]: Json }, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Facts without a value are left out, and so are those beyond the hundredth. */
export function written({ subject, sentences, facts, link }: MailBody): TemplateResult {
  const known = facts.filter(([, value]) => value !== "").slice(0, mostFacts);
  const lines = known.map(([label, value]) => `${label}: ${value}`);
  const parts = [...sentences, ...(lines.length === 0 ? [] : [lines.join("\n")])];
  const rows = known.map(([label, value]) => `<tr>${cell(label)}${cell(value)}</tr>`);
  const html = [
    ...sentences.map((sentence) => `<p>${escapeHtml(sentence)}</p>`),
    ...(rows.length === 0 ? [] : [`<table>\n${rows.join("\n")}\n</table>`]),
  ];
  if (link !== undefined) {
    parts.push(`${link.label}:\n${link.url}`);
    html.push(`<p><a href="${escapeHtml(link.url)}">${escapeHtml(link.label)}</a></p>`);
  }
  return { subject, text: parts.join("\n\n"), html: page(html.join("\n")) };
}

function cell(text: string): string {
  return `<td style="vertical-align:top;padding:0 1em 0 0;overflow-wrap:anywhere">${escapeHtml(text)}</td>`;
}

/** `html` as the body of a page of its own. */
export function page(html: string): string {
  return `<!doctype html>\n<html><head><meta charset="utf-8"></head>\n<body>\n${html}\n</body></html>\n`;
}
