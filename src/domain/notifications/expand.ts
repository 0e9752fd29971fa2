import { longestAddress, partsOfAddress } from "../mail-address.ts";
import { filled, type Template } from "../template.ts";
import { macroValues } from "./macros.ts";
import type { ResourceKinds } from "./resource-kinds.ts";
import type { EventView } from "./view.ts";

/** What becomes of urls and addresses with macros for one event. */

/** Of a url whose macros are replaced. */
export const longestExpandedUrl = 8192;

/** Around the values while they are put in place. No template holds it, as it can't be seen. */
const mark = "\0";

/**
 * The url of one delivery. Values are encoded so that none of them ends the part that it stands in, and are never searched for
 * macros. At most {@link longestExpandedUrl} characters: short values stay whole, the long ones share what is left and are cut
 * between characters. Only what the template itself says is never cut.
 */
export function expandUrl(template: Template, view: EventView, kinds: ResourceKinds): string {
  const valueOf = macroValues(view, kinds);
  const names = template.parts.flatMap((part) => (part.kind === "macro" ? [part.name] : []));
  // A template may name the same long value some hundred times.
  const encodedOnce = new Map([...new Set(names)].map((name) => [name, encoded(valueOf(name))]));
  const values = names.map((name) => encodedOnce.get(name) ?? "");
  const room = Math.max(0, longestExpandedUrl - filled(template, () => "").length);
  const fitting = shared(values, room).values();
  return withoutSteps(filled(template, () => `${mark}${fitting.next().value ?? ""}${mark}`));
}

/** Like encodeURIComponent, and what that leaves alone although it means something to some reader: `! ' ( ) *`. */
function encoded(value: string): string {
  // No value has more room than the whole, and no character becomes shorter.
  const text = value.slice(0, longestExpandedUrl).toWellFormed();
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** As much of each value as there is room for: the short ones whole, the others alike. */
function shared(values: readonly string[], room: number): readonly string[] {
  const kept = [...values];
  const shortestFirst = values.map((value, index) => ({ value, index })).toSorted(byLength);
  let left = room;
  for (const [place, { value, index }] of shortestFirst.entries()) {
    const short = cut(value, Math.floor(left / (values.length - place)));
    kept[index] = short;
    left -= short.length;
  }
  return kept;
}

function byLength(a: { readonly value: string }, b: { readonly value: string }): number {
  return a.value.length - b.value.length;
}

/** One character, encoded: a byte of UTF-8 after its first begins with the bits 10. */
const encodedCharacter = /%[0-7][0-9A-F]|%[C-F][0-9A-F](?:%[89AB][0-9A-F])+|[^%]/g;

function cut(text: string, room: number): string {
  if (text.length <= room) return text;
  let end = 0;
  for (const [character] of text.matchAll(encodedCharacter)) {
    if (end + character.length > room) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/**
 * URL parsers take a path segment `.` or `..`, encoded or not, for a step that leaves the path as its owner wrote it. A segment
 * that becomes one by what macros are worth is left empty.
 */
function withoutSteps(marked: string): string {
  const [path = "", ...query] = marked.split("?");
  const kept = path.replace(/[^/\\]+/g, (segment) => {
    const isStep = /^(?:\.|%2e){1,2}$/i.test(segment.replaceAll(mark, ""));
    return isStep && segment.includes(mark) ? "" : segment;
  });
  return [kept, ...query].join("?").replaceAll(mark, "");
}

/**
 * The address of one delivery. Values keep A–Z, a–z, 0–9, `.`, `_` and `-`, everything else becomes a `-`, and of what is too long
 * for an address the end is left out. An address whose tag comes to nothing has none.
 */
export function expandAddress(template: Template, view: EventView, kinds: ResourceKinds): string {
  const { mailbox, tag, host } = partsOfAddress(template.text);
  if (!tag.includes("${")) return template.text;
  const valueOf = macroValues(view, kinds);
  const room = Math.min(longestAddress.local, longestAddress.address - host.length - 1) - mailbox.length;
  const whole = filled(template, (name) =>
    valueOf(name)
      .slice(0, longestAddress.local)
      .replace(/[^\w.-]/g, "-"),
  );
  // Between two dots, and behind the last, there must be something.
  const sane = whole
    .slice(mailbox.length, whole.lastIndexOf("@"))
    .replace(/\.{2,}/g, ".")
    .slice(0, Math.max(room, 0))
    .replace(/\.+$/, "");
  return `${mailbox}${sane === "+" ? "" : sane}@${host}`;
}
