/** Text for people who look at it in a terminal, where some characters do something instead of being seen. */

/**
 * Controls of both ranges with DEL (a terminal obeys them), line and paragraph separators, and what has no form of its own: among
 * it the marks that turn the direction of writing round, so that text reads otherwise than it is. The two joiners stay, which
 * emoji and several scripts need.
 */
const unseen = /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu;

/** As JSON escapes it: inside of a JSON text it means the same. */
function escape(character: string): string {
  return character.replaceAll(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** `text` with whatever a terminal would obey, or not show, as `\u…`; so are line breaks, except those of `lines`. */
export function plainText(text: string, lines: "one" | "many" = "one"): string {
  return text.replaceAll(unseen, (found) => (found === "\n" && lines === "many" ? found : escape(found)));
}

/** Where lines are printed. */
interface Printing {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** The same without what a terminal would obey: keys, names and messages that are printed come from others. */
export function guarded<Terminal extends Printing>(terminal: Terminal): Terminal {
  const { out, err } = terminal;
  return { ...terminal, out: (text) => out(plainText(text, "many")), err: (text) => err(plainText(text, "many")) };
}

export function characters(text: string): readonly string[] {
  return Array.from(text);
}

/** `text`, cut to at most `max` characters. */
export function shortened(text: string, max = 60): string {
  // Cut by code units first: spreading a text of megabytes only to show its head would cost seconds.
  const head = characters(text.slice(0, 2 * max + 2));
  return head.length <= max && text.length <= 2 * max + 2 ? text : `${head.slice(0, max).join("")}…`;
}
