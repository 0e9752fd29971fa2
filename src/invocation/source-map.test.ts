import assert from "node:assert/strict";
import { SourceMap } from "node:module";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { compile } from "../platform/functions/compile.ts";
import { originsOf, type SourcePosition } from "./source-map.ts";

function originsIn(
  map: string,
  places: readonly SourcePosition[],
): { origins: readonly (SourcePosition | undefined)[]; steps: number } {
  const work = originsOf(map, places);
  for (let steps = 1; ; steps += 1) {
    const { done, value } = work.next();
    if (done === true) return { origins: value, steps };
  }
}

const source = `interface A {
  b: string;
}

enum Color { Red = 1, Green }
export default async (event: { readonly params: A }): Promise<number> => {
  const { b } = event.params as A;

  if (b satisfies string === "x") throw new Error(\`of \${b}\`); else { console.log(b!); }
  return Color.Green + b.length;
};
`;

describe("places in source maps", () => {
  it("are those that Node finds", async () => {
    const result = await compile({ file: "a.ts", source, language: "typescript" });
    assert.equal(result.kind, "ok");
    const map = result.kind === "ok" ? (result.compiled.map ?? "") : "";
    const node = new SourceMap(JSON.parse(map));
    const place = fc.record({ line: fc.integer({ min: 1, max: 40 }), column: fc.integer({ min: 1, max: 80 }) });
    fc.assert(
      fc.property(fc.array(place, { maxLength: 20 }), (places) => {
        const expected = places.map(({ line, column }) => {
          const found = node.findOrigin(line, column);
          return "lineNumber" in found ? { line: found.lineNumber, column: found.columnNumber } : undefined;
        });
        assert.deepEqual(originsIn(map, places).origins, expected);
      }),
    );
  });

  it("are looked for a little at a time, and not beyond the last", () => {
    const map = JSON.stringify({ version: 3, sources: ["a.ts"], mappings: "AAAA;".repeat(400_000) });
    const { origins, steps } = originsIn(map, [{ line: 400_000, column: 1 }]);
    assert.deepEqual(origins, [{ line: 1, column: 1 }]);
    assert.ok(steps > 100);
    assert.equal(originsIn(map, [{ line: 3, column: 1 }]).steps, 1);
  });

  it("are unknown where there is no map to read", () => {
    for (const map of ["", "{", "null", "{}", '{"mappings":1}', '{"mappings":""}']) {
      assert.deepEqual(originsIn(map, [{ line: 1, column: 1 }]).origins, [undefined], map);
    }
  });
});
