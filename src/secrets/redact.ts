import { randomInt } from "node:crypto";

/**
 * Takes known secrets out of text that others wrote and that is kept and shown: a receiver's answer may echo the headers that it got, a
 * function may log its secrets. Best effort by nature: who wants to give a secret away can write it in a form that is not known here.
 *
 * The cost is linear in the text, however many secrets there are and however alike: both are chosen by tenants.
 */
export interface Redactor {
  /** `[redacted]` in the place of what begins like a secret, as far as it goes on like it. */
  of(text: string): string;
  /** As {@link of}, of text that may have been cut at its end, and with it a secret. */
  ofCut(text: string): string;
}

export const redacted = "[redacted]";

/** Shorter ones are words of every text, and protect nothing. */
const shortest = 4;
/** Characters by which a secret is found: as many of its first as one of these says. */
const prefixLengths = [4, 6, 8, 12, 16, 24, 32, 48, 64] as const;
/** Secrets with the same beginning that are compared to the end. */
const mostAlike = 4;

const base = randomInt(2 ** 20, 2 ** 30) * 2 + 1;

/** A value of JSON in which what the redactor knows is taken out; as text, where what was taken out was more than a text. */
export function redactedJson<T>(redactor: Pick<Redactor, "of">, value: T): T | string {
  const json = JSON.stringify(value);
  const shown = redactor.of(json);
  if (shown === json) return value;
  try {
    return JSON.parse(shown) as T;
  } catch {
    return shown;
  }
}

/** @param secrets as they are; ways in which they are often written (JSON, percent-encoded, base64, hex, HTML) are known. */
export function redactor(secrets: readonly string[]): Redactor {
  const needles = new Set(secrets.filter((secret) => secret.length >= shortest).flatMap(writings));
  if (needles.size === 0) return { of: (text) => text, ofCut: (text) => text };
  return new Needles([...needles]);
}

/** How `Basic` credentials are written in a header, beside their password. */
export function basicCredentials(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`, "utf8").toString("base64");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function writings(secret: string): string[] {
  const percent = encodeURIComponent(secret.toWellFormed());
  const bytes = Buffer.from(secret, "utf8");
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    inJson,
    // An answer that is quoted in another.
    JSON.stringify(inJson).slice(1, -1),
    percent,
    percent.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    percent.replaceAll("%20", "+"),
    secret.replace(/[&<>"]/g, (character) => entities[character] ?? character),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    ...[0, 1, 2].flatMap((before) => amongOthers(bytes, before)),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    secret.toLowerCase(),
    secret.toUpperCase(),
    ...escaped(secret, bytes),
  ].filter((written) => written.length >= shortest);
}

/** By writers that leave no character as it is. */
function escaped(secret: string, bytes: Buffer): string[] {
  const units = Array.from({ length: secret.length }, (_, at) => secret.charCodeAt(at).toString(16).padStart(4, "0"));
  const points = Array.from(secret, (character) => character.codePointAt(0) ?? 0);
  return [
    bytes.toString("hex").replace(/../g, "%$&"),
    bytes.toString("hex").toUpperCase().replace(/../g, "%$&"),
    units.map((unit) => `\\u${unit}`).join(""),
    units.map((unit) => `\\u${unit.toUpperCase()}`).join(""),
    points.map((point) => `&#${point};`).join(""),
    points.map((point) => `&#x${point.toString(16)};`).join(""),
    points.map((point) => `&#x${point.toString(16).toUpperCase()};`).join(""),
  ];
}

/**
 * What does not change of its base64 when other bytes, `before` of them modulo three, stand in front of it, and any behind it: of a whole
 * header, say.
 */
function amongOthers(bytes: Buffer, before: number): string[] {
  const skipped = (3 - before) % 3;
  const whole = bytes.subarray(skipped, bytes.length - ((bytes.length - skipped) % 3));
  return [whole.toString("base64"), whole.toString("base64url")];
}

interface Prefixes {
  readonly length: number;
  /** What the first of `length` characters counts in their hash. */
  readonly weight: number;
  /** By their beginnings. */
  readonly alike: Map<string, string[]>;
  /** 1 where a beginning has a hash with these last bits: most places of a text are passed over by that. */
  readonly known: Uint8Array;
}

/** One may begin within another that breaks off: each is followed, but a text of nothing but beginnings is not read for ever. */
const comparedPerCharacter = 2;

const hashMask = 0x3fff;

function none(length: number): Prefixes {
  return { length, weight: power(length - 1), alike: new Map(), known: new Uint8Array(hashMask + 1) };
}

class Needles implements Redactor {
  readonly #prefixes: readonly Prefixes[];
  readonly #beginnings: readonly string[];

  constructor(needles: readonly string[]) {
    const byLength = new Map<number, Prefixes>();
    for (const needle of needles) {
      const length = prefixLengths.findLast((most) => most <= needle.length) ?? shortest;
      const prefixes = byLength.get(length) ?? none(length);
      byLength.set(length, prefixes);
      const beginning = needle.slice(0, length);
      prefixes.known[hashOf(beginning) & hashMask] = 1;
      prefixes.alike.set(beginning, [...(prefixes.alike.get(beginning) ?? []), needle].slice(0, mostAlike));
    }
    this.#prefixes = [...byLength.values()];
    this.#beginnings = [...new Set(needles.map((needle) => needle.slice(0, prefixLengths.at(-1))))];
  }

  of(text: string): string {
    const found = this.#prefixes.flatMap((prefixes) => places(text, prefixes));
    return found.length === 0 ? text : without(text, found);
  }

  ofCut(text: string): string {
    // Most answers are a word.
    if (text.length < shortest) return text;
    let tail = 0;
    for (const beginning of this.#beginnings) tail = Math.max(tail, overlap(text, beginning));
    return tail === 0 ? this.of(text) : this.of(text.slice(0, -tail)) + redacted;
  }
}

type Place = [from: number, to: number];

function places(text: string, { length, weight, alike: needles, known }: Prefixes): Place[] {
  const found: Place[] = [];
  if (text.length < length) return found;
  let hash = hashOf(text.slice(0, length));
  let left = text.length * comparedPerCharacter;
  for (let from = 0; ; from += 1) {
    const alike = known[hash & hashMask] === 1 ? needles.get(text.slice(from, from + length)) : undefined;
    if (alike !== undefined) {
      const longest = left > 0 ? Math.max(...alike.map((needle) => common(text, from, needle))) : length;
      left -= longest * alike.length;
      const last = found.at(-1);
      if (last === undefined || last[1] < from) found.push([from, from + longest]);
      else last[1] = Math.max(last[1], from + longest);
    }
    if (from + length >= text.length) return found;
    const rest = (hash - Math.imul(text.charCodeAt(from), weight)) | 0;
    hash = (Math.imul(rest, base) + text.charCodeAt(from + length)) | 0;
  }
}

/** How many characters of `text` from `from` on are as in `needle`. */
function common(text: string, from: number, needle: string): number {
  let length = 0;
  while (length < needle.length && text.charCodeAt(from + length) === needle.charCodeAt(length)) length += 1;
  return length;
}

/** How many of the last characters of `text` begin `needle`, if that is more than chance. */
function overlap(text: string, needle: string): number {
  const first = needle.slice(0, shortest);
  const from = Math.max(0, text.length - needle.length + 1);
  for (let at = text.indexOf(first, from); at >= 0; at = text.indexOf(first, at + 1)) {
    if (needle.startsWith(text.slice(at))) return text.length - at;
  }
  return 0;
}

function without(text: string, found: readonly Place[]): string {
  const parts: string[] = [];
  let end = 0;
  for (const [from, to] of found.toSorted(([a], [b]) => a - b)) {
    if (from > end || parts.length === 0) parts.push(text.slice(end, from), redacted);
    end = Math.max(end, to);
  }
  parts.push(text.slice(end));
  return parts.join("");
}

function hashOf(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1) hash = (Math.imul(hash, base) + text.charCodeAt(index)) | 0;
  return hash;
}

function power(exponent: number): number {
  let product = 1;
  for (let count = 0; count < exponent; count += 1) product = Math.imul(product, base);
  return product;
}
