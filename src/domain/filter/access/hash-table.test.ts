import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { HashTable } from "./hash-table.ts";

it("a table of hashes does what a Map does, through any puts and deletes, in little room", () => {
  // Few tables, and few places in them, so that many want the same one.
  const hash = fc.tuple(fc.constantFrom(0, 0x7fff_0000, -1 << 16), fc.nat(40)).map(([high, low]) => high | low);
  const step = fc.tuple(hash, fc.option(fc.nat(0x7fff_fffd), { nil: undefined, freq: 3 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const table = new HashTable();
      const model = new Map<number, number>();
      for (const [of, value] of steps) {
        if (value === undefined) {
          table.delete(of);
          model.delete(of);
        } else {
          table.set(of, value);
          model.set(of, value);
        }
      }
      for (const [of] of steps) assert.equal(table.get(of), model.get(of) ?? -1);
      assert.ok(table.bytes <= 3 * 64 * 16, `${table.bytes} bytes`);
    }),
    { seed: 20_261_129, numRuns: 500 },
  );
});
