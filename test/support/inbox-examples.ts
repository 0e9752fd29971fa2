/** Runs the examples of docs/inbox.md in TypeScript. */
import assert from "node:assert/strict";
import { blocksOf, read } from "./markdown.ts";

/** @param given what the text speaks of. */
export async function runExample(text: string, given: Readonly<Record<string, unknown>>): Promise<void> {
  const names = Object.keys(given).join(", ");
  // oxlint-disable-next-line typescript/no-implied-eval -- the documented text itself is what is tested
  await (new Function(`{ ${names} }`, `return (async () => {\n${text}\n})();`) as (of: object) => Promise<void>)(given);
}

/** The one that has `info` behind its fence. */
export async function exampleOf(info: string, given: Readonly<Record<string, unknown>>): Promise<void> {
  const [block, ...others] = blocksOf(read("docs/inbox.md")).filter((one) => one.info === info);
  assert.ok(block !== undefined && others.length === 0, `there is one ${info}`);
  await runExample(block.text, given);
}
