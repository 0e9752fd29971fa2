/** Greater than every key: it has one more of the greatest code point than the 1,024 bytes of a key hold. */
const greatest = "\u{10ffff}".repeat(257);

/**
 * The least text that is greater than everything that begins with `prefix`, in UTF-8 byte order (which is the order of code
 * points, and the databases'); one that is greater than every key where the prefix is empty or consists of U+10FFFF only.
 */
export function beyondPrefix(prefix: string): string {
  const points = Array.from(prefix.toWellFormed(), (character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10_ffff) continue;
    // Surrogates are no characters: U+E000 follows U+D7FF.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return String.fromCodePoint(...points, next);
  }
  return greatest;
}
