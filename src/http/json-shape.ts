/** What a text of JSON is made of, counted before it is parsed: parsing, checking and copying cost by this, not by its bytes. */

/**
 * A megabyte can hold 90,000 properties, which cost ten times as much as a megabyte of text. 256 KiB, the most that any part of a body may
 * have, hold fewer than these when they mean something.
 */
const most = { properties: 20_000, values: 200_000, depth: 100 } as const;

const [quote, backslash, colon, comma] = [0x22, 0x5c, 0x3a, 0x2c];

/** Why this is more than is read, as a sentence goes on behind "the body"; `undefined` when it is not, or is no JSON. */
export function tooMuchJson(text: string): string | undefined {
  let properties = 0;
  let values = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at);
    } else if (code === colon) {
      properties += 1;
      if (properties > most.properties) return `has more than ${most.properties} properties: send fewer at once`;
    } else if (code === comma) {
      values += 1;
      if (values > most.values) return `has more than ${most.values} values: send fewer at once`;
    } else if (isOpening(code)) {
      depth += 1;
      values += 1;
      if (depth > most.depth) return `has more than ${most.depth} levels of objects and arrays`;
    } else if (isClosing(code)) {
      depth -= 1;
    }
  }
  return undefined;
}

/** `[` or `{`. */
function isOpening(code: number): boolean {
  return code === 0x5b || code === 0x7b;
}

function isClosing(code: number): boolean {
  return code === 0x5d || code === 0x7d;
}

/** Where the string that begins at `at` has its last quote. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
