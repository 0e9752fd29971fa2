import assert from "node:assert/strict";
import { it } from "node:test";
import { unasked } from "../../scripts/exports.ts";

const texts = new Map([
  ["src/index.ts", 'export { start } from "./a.ts";\nexport const version = 1;\n'],
  ["src/a.ts", 'import { type B as Other, used } from "./b.ts";\nexport function start() {}\nexport const own = 1;\n'],
  [
    "src/b.ts",
    'export type * from "./c.ts";\nexport type B = 1;\nexport const used = 1;\nexport { held as shown } from "./d.ts";\n',
  ],
  ["src/c.ts", "export interface C {}\nexport interface Unknown {}\n"],
  ["src/d.ts", 'import type { C } from "./b.ts";\nimport * as all from "./e.ts";\nexport const held = 1;\n'],
  ["src/e.ts", "export const one = 1;\n"],
  ["src/a.test.ts", 'import { own } from "./a.ts";\n'],
  ["test/kit.ts", 'import { shown } from "../src/b.ts";\n'],
]);

it("finds exports that only tests import, or nobody, defined or passed on, and not what others pass on or import as a whole", () => {
  const said = (name: string): string => `${name} is exported, and nothing that runs imports it`;
  assert.deepEqual(unasked(texts, {}), ["src/a.ts own", "src/b.ts shown", "src/c.ts Unknown"].map(said));
});

it("lets be what is kept with a reason, and asks for no more reasons than there are such exports", () => {
  const keep = { "a reason": ["src/a.ts own", "src/b.ts shown", "src/c.ts Unknown", "src/b.ts used"] };
  assert.deepEqual(unasked(texts, keep), ["src/b.ts used need not stand in scripts/exports.ts"]);
});
