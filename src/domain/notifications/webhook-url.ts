import { invalidField } from "../../errors.ts";
import { macroValues } from "./macro-values.ts";
import type { ResourceKinds } from "./resource-kinds.ts";
import { type EventView, filled, parseTemplate, type Template } from "./template.ts";

/** Urls of webhooks: where macros may stand in them, and what becomes of them for one event. */

/** Of a url whose macros are replaced. */
export const longestExpandedUrl = 8192;

/**
 * Scheme, authority (with user info and port), the rest up to a fragment, fragment: as URL parsers take them apart, for which a
 * backslash is a slash.
 */
const regions = /^(https?:\/\/)([^/\\?#]*)([^#]*)(#.*)?$/is;
const macro = /\$\{[A-Z0-9_]*\}/;
/** Values that come from events must not complete what was begun before them. */
const openEscape = /%[0-9A-Fa-f]?\$\{/;

/**
 * That `url` is one of a webhook whose macros stand only in the path and the query: whoever can name a resource must not choose
 * the server that is called, nor how it is logged in to.
 *
 * @throws SignalboxError `invalid_request` about `url`.
 */
export function checkWebhookTemplate(url: string): void {
  const refuse = (why: string) => invalidField("url", why);
  const template = parseTemplate(url);
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
  if (!URL.canParse(filled(template, () => "x"))) {
    throw refuse("must be a url such as https://hooks.example.com/signalbox; its host or port cannot be one");
  }
}

function authorityPart(authority: string): string {
  const at = authority.lastIndexOf("@");
  if (macro.test(authority.slice(0, Math.max(at, 0)))) return "user name or password";
  return macro.test(authority.slice(at + 1).replace(/:[^:\]]*$/, "")) ? "host" : "port";
}

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
