/** Makes text that others wrote fit to stand in a mail. Pure. */

/**
 * Breaks lines or is not printed; and what has no form of its own, by which a text is read as another: among it the marks that turn the direction
 * of writing round. The two joiners stay, which emoji and several scripts need.
 */
const notInLine = /(?:[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf})+/gu;
const notInText = /(?![\t\n])[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu;

/** One line without control characters, of at most `most` UTF-16 units; what is cut ends with `…`. */
export function oneLine(text: string, most: number): string {
  // Far more than is kept is never looked at: a value may have any size.
  const line = text
    .slice(0, 4 * most)
    .toWellFormed()
    .replace(notInLine, " ")
    .trim();
  return line.length <= most && text.length <= 4 * most ? line : `${whole(line, most - 1)}…`;
}

/** Lines parted by `\n`, without other control characters, of at most `mostBytes` of UTF-8. */
export function manyLines(text: string, mostBytes: number): string {
  const clean = text.slice(0, mostBytes).toWellFormed().replaceAll(/\r\n?/g, "\n").replaceAll(notInText, "");
  if (Buffer.byteLength(clean) <= mostBytes && text.length <= mostBytes) return clean;
  const bytes = Buffer.from(clean);
  let end = Math.min(bytes.length, mostBytes - 3);
  // Continuation bytes belong to the character before them.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString("utf8", 0, end)}…`;
}

/** The first `most` units, one less where that would part a pair. */
function whole(text: string, most: number): string {
  const code = text.charCodeAt(most - 1);
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? most - 1 : most);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For between tags and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}
