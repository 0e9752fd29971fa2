import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { EventStreamReader } from "./event-stream.ts";

const stream =
  'retry: 1500\nid: a\nevent: open\ndata: {"x":1}\n\n: a comment\n\nid: b\r\ndata: one\r\ndata: two\r\n\r\ndata\n\n';
const events = [
  { id: "a", event: "open", data: '{"x":1}' },
  { id: "b", event: "message", data: "one\ntwo" },
  { id: "b", event: "message", data: "" },
];

it("server-sent events are read, however their text is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: stream.length }), { maxLength: 20 }), (cuts) => {
      const reader = new EventStreamReader();
      const places = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
      const pieces = places.map((from, index) => stream.slice(from, places[index + 1] ?? stream.length));
      assert.deepEqual(
        pieces.flatMap((piece) => reader.read(piece)),
        events,
      );
      assert.equal(reader.retryMs, 1_500);
    }),
  );
});

it("an event that is not whole counts for nothing: who comes back gets it again", () => {
  const reader = new EventStreamReader("before");
  assert.deepEqual(reader.read("data: x\n\nid: after\ndata: y\n"), [{ id: "before", event: "message", data: "x" }]);
});
