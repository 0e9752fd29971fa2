/** How the demo tells its story: in colours on a terminal, without them in a file or under NO_COLOR. */
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

const paint =
  (style: Style) =>
  (text: string): string =>
    styleText(style, text, { stream: process.stdout });

export const dim = paint("dim");
export const strong = paint("bold");
export const good = paint("green");
export const bad = paint("red");
export const warm = paint("yellow");
export const name = paint("cyan");

export function say(text = ""): void {
  console.log(text === "" ? "" : `   ${text}`);
}

export function chapter(number: number, title: string): void {
  console.log(`\n${strong(`${number}. ${title}`)}`);
}

/** Padded before it is painted: colours have no width. */
export function column(text: string, width: number, style: (text: string) => string = (same) => same): string {
  return style(text) + " ".repeat(Math.max(0, width - text.length));
}

/** What an object event did, in a word. */
export function shortEvent(eventName: string): string {
  return eventName === "OBJECT_DELETED" ? "deleted" : "created";
}
