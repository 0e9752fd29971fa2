/** What the tests of the docs read in them: fenced blocks, tables, links. */
import { readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);

export interface Block {
  /** What stands behind the opening fence: `sh`, `sh aws`, `json payload`. */
  readonly info: string;
  readonly text: string;
  /** Of its first line, for messages. */
  readonly line: number;
}

/** `path` is relative to the repository. */
export function read(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

export function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map(({ 1: info = "", 2: text = "", index }) => ({
    info,
    text,
    line: markdown.slice(0, index).split("\n").length + 1,
  }));
}

/** The cells of every row of every table, headings and rulers included. */
export function rowsOf(markdown: string): readonly (readonly string[])[] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** Everything in backticks. */
export function codesOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}

/** From a heading to the next of its level or above. */
export function sectionOf(markdown: string, heading: string): string {
  const level = /^#+/.exec(heading)?.[0].length ?? 1;
  const begin = markdown.indexOf(`\n${heading}\n`) + 1;
  if (begin === 0) throw new Error(`there is no heading ${heading}`);
  const rest = markdown.slice(begin + heading.length);
  const end = rest.search(new RegExp(`\n#{1,${level}} `));
  return end === -1 ? rest : rest.slice(0, end);
}
