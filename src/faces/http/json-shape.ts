/** What a text of JSON is made of, counted before it is parsed: parsing, checking and copying cost by this, not by its bytes. */

/**
 * A megabyte can hold 90,000 properties, which cost ten times as much as a megabyte of text. 256 KiB, the most that any part of a body may
 * have, hold fewer than these when they mean something.
 */
const most = { properties: 20_000, values: 200_000 } as const;

const quote = 0x22;
const comma = 0x2c;
const bracket = 0x5b;
const backslash = 0x5c;
const endOfArray = 0x5d;
const brace = 0x7b;
const endOfObject = 0x7d;

/** Why this is more than is read, as a sentence goes on behind "the body"; `undefined` when it is not, or is no JSON. */
export function tooMuchJson(text: string): string | undefined {
  /** Of each object and array that is open, whether it is an object. */
  const open: boolean[] = [];
  let properties = 0;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at);
        continue;
      case brace:
        open.push(true);
        break;
      case bracket:
        open.push(false);
        break;
      case comma:
        // The first property of an object costs no more than the object.
        if (open.at(-1) === true) properties += 1;
        break;
      case endOfObject:
      case endOfArray:
        open.pop();
        continue;
      default:
        continue;
    }
    values += 1;
    if (properties > most.properties) return `has more than ${most.properties} properties: send fewer at once`;
    if (values > most.values) return `has more than ${most.values} values: send fewer at once`;
  }
  return undefined;
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
