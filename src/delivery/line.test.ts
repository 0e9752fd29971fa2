import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type InLine, Line, LineRoom } from "./line.ts";

function one(bytes = 1, sinceMs = 0): InLine {
  return { bytes, eventBytes: bytes, sinceMs };
}

/** Joins as long as it may. */
function fill(line: Line<InLine>, bytes?: number): number {
  while (line.left > 0) line.join(one(bytes));
  return line.length;
}

describe("a line", () => {
  it("is left in the order in which it was joined, however long it was", () => {
    const line = new Line<InLine & { readonly name: number }>(new LineRoom());
    for (let name = 0; name < 3_000; name += 1) line.join({ ...one(), name });
    assert.equal(line.first?.name, 0);
    for (let name = 0; name < 3_000; name += 1) assert.equal(line.shift()?.name, name);
    assert.deepEqual([line.shift(), line.first, line.length, line.bytes], [undefined, undefined, 0, 0]);
  });
});

describe("the room that lines share", () => {
  it("is half taken by one, by two to two thirds, and never by all: there is some for one that begins", () => {
    const room = new LineRoom({ most: 1_200 });
    const lines = Array.from({ length: 5 }, () => new Line(room));
    assert.deepEqual(
      lines.slice(0, 1).map((line) => fill(line)),
      [600],
    );
    const [first, second, ...others] = lines;
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(fill(second), 300);
    // The first has more than its share now, until it has moved on.
    for (let turns = 0; turns < 20; turns += 1) {
      while (first.left <= 0) first.shift();
      fill(second);
    }
    assert.ok(Math.abs(first.length - second.length) <= 2, `${first.length} and ${second.length}`);
    for (const line of others) assert.ok(fill(line) > 0);
    assert.ok(room.count < 1_200);
  });

  it("is bounded by bytes alike", () => {
    const room = new LineRoom({ mostBytes: 1_000 });
    const [large, other] = [new Line(room), new Line(room)];
    assert.equal(fill(large, 100), 5);
    assert.equal(fill(other, 1), 250);
    large.shift();
    assert.ok(other.left > 0);
  });

  it("is given back to the last, over any order", () => {
    const step = fc.record({ join: fc.boolean(), which: fc.nat(3), bytes: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const room = new LineRoom({ most: 40, mostBytes: 600 });
        const lines = Array.from({ length: 4 }, () => new Line<InLine>(room));
        for (const { join, which, bytes } of steps) {
          const line = lines[which];
          if (!join) line?.shift();
          else if (line !== undefined && line.left > 0) line.join(one(bytes));
          assert.equal(
            room.count,
            lines.reduce((sum, { length }) => sum + length, 0),
          );
          assert.equal(
            room.bytes,
            lines.reduce((sum, line) => sum + line.bytes, 0),
          );
          assert.ok(room.count < 40 && room.bytes < 600 + 50);
        }
        for (const line of lines) while (line.shift() !== undefined);
        assert.deepEqual([room.count, room.bytes], [0, 0]);
      }),
    );
  });
});
