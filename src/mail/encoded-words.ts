/** Reads header values as they stand in a mail (RFC 2047), as far as mails of ours hold them. Pure. */

const word = /=\?utf-8\?([qb])\?([^?\s]*)\?=/gi;

/** `value` of a header: unfolded, its encoded words decoded. What is broken stays as it is. */
function readHeaderValue(value: string): string {
  const line = value.replaceAll(/\r?\n[ \t]+/g, " ");
  // Blanks between two encoded words are not part of the text; a character may be split over both, so bytes are joined first.
  return line.replaceAll(/=\?utf-8\?[qb]\?[^?\s]*\?=(?:\s+=\?utf-8\?[qb]\?[^?\s]*\?=)*/gi, (words) =>
    Buffer.concat([...words.matchAll(word)].map(([, form = "", text = ""]) => bytesOf(form, text))).toString("utf8"),
  );
}

function bytesOf(form: string, text: string): Buffer {
  if (form.toLowerCase() === "b") return Buffer.from(text, "base64");
  const plain = text
    .replaceAll("_", " ")
    .replaceAll(/=([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return Buffer.from(plain, "latin1");
}

/** The value of the first header `name` in the head of a mail; `undefined` when there is none. */
export function headerOf(head: string, name: string): string | undefined {
  const end = head.search(/\r?\n\r?\n/);
  const lines = (end < 0 ? head : head.slice(0, end)).split(/\r?\n(?![ \t])/);
  const start = `${name.toLowerCase()}:`;
  const line = lines.find((line) => line.toLowerCase().startsWith(start));
  return line === undefined ? undefined : readHeaderValue(line.slice(start.length)).trim();
}
