import { closest } from "./closest.ts";

/** ` Did you mean "url"?`, or nothing when no known name is near: to be put after a sentence. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const name = closest(typed, known);
  return name === undefined ? "" : ` Did you mean ${JSON.stringify(name)}?`;
}
