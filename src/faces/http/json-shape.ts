/** What a text of JSON is made of, counted before it is parsed: parsing, checking and copying cost by this, not by its bytes. */

/**
 * A megabyte can hold 90,000 properties, which cost ten times as much as a megabyte of text. 256 KiB, the most that any part of a body may
 * have, hold fewer than these when they mean something. Those of one object cost the most: each copy of it sorts them anew, and 17,000 in the
 * params of an event held the main thread for 50 ms, and 5,000 in the attributes of a user for 30.
 */
const most = { properties: 20_000, together: 3_000, values: 200_000 } as const;
const ofArray = -1;

const quote = 0x22;
const comma = 0x2c;
const bracket = 0x5b;
const backslash = 0x5c;
const endOfArray = 0x5d;
const brace = 0x7b;
const endOfObject = 0x7d;

/** Why this is more than is read, as a sentence goes on behind "the body"; `undefined` when it is not, or is no JSON. */
export function tooMuchJson(text: string): string | undefined {
  /** Of each object that is open, the properties that it has beside the first; {@link ofArray} for arrays. */
  const open: number[] = [];
  let properties = 0;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at);
        continue;
      case brace:
        open.push(0);
        break;
      case bracket:
        open.push(ofArray);
        break;
      case comma: {
        // The first property of an object costs no more than the object.
        const beside = open.at(-1) ?? ofArray;
        if (beside === ofArray) break;
        properties += 1;
        open[open.length - 1] = beside + 1;
        if (beside + 1 < most.together) break;
        return `has an object with more than ${most.together} properties: make several objects of it`;
      }
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
