import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Event } from "./event.ts";
import { lineOf } from "./pace.ts";

const event = {
  resource: "1-002",
  scope: "9-101",
  data: { bucket: "photos", key: "a" },
} as unknown as Event;

describe("what an ordered subscription keeps in order", () => {
  it("is each key of each bucket on the object face", () => {
    const lines = [
      event,
      { ...event, resource: "2-002" },
      { ...event, data: { key: "b" } },
      { ...event, scope: "8-101" },
    ].map((one) => lineOf(one as Event, "objects"));
    assert.equal(lines[0], lines[1], "whatever file lies there");
    assert.equal(new Set(lines).size, 3);
  });

  it("is each resource on the others, and where nothing has a key", () => {
    for (const face of ["notifications", "lifecycle"] as const) {
      assert.equal(lineOf(event, face), "1-002");
      assert.equal(lineOf({ ...event, data: { key: "b" } }, face), "1-002");
    }
    assert.equal(lineOf({ ...event, data: {} }, "objects"), "1-002");
  });
});
