import assert from "node:assert/strict";
import { it } from "node:test";
import { definedTwice } from "../../scripts/names.ts";

it("finds exported names that two files define, of whatever kind, and not those that are passed on", () => {
  const texts = new Map([
    [
      "a.ts",
      "export interface Answer {}\nexport const kept = 1;\nexport async function read() {}\nexport type Id = string;\n",
    ],
    [
      "b.ts",
      'export class Answer {}\nexport { kept } from "./a.ts";\nexport type { Id } from "./a.ts";\nconst read = 1;\n',
    ],
    ["c.ts", "export const kept2 = 1;\nexport function* read() {}\n"],
  ]);
  assert.deepEqual(Object.fromEntries(definedTwice(texts)), { Answer: ["a.ts", "b.ts"], read: ["a.ts", "c.ts"] });
});
