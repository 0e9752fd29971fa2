import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { usualBatch } from "../domain/batch.ts";
import { Gathering } from "./gathering.ts";

const three = { ...usualBatch, maxEvents: 3, maxWaitMs: 1_000 };
const parked = (sinceMs: number, eventBytes = 100) => ({ sinceMs, eventBytes });

describe("those that are parked until others come", () => {
  it("are due when they have waited as long as they may", () => {
    const gathering = new Gathering();
    assert.equal(gathering.dueMs(three, parked(600), 1_000), 1_600);
    assert.equal(gathering.dueMs(three, parked(0), 5_000), 5_000, "it has waited for longer already");
  });

  it("are due at once with the one that fills a request, until the store is asked", () => {
    const gathering = new Gathering();
    const due = Array.from({ length: 4 }, () => gathering.dueMs(three, parked(0), 0));
    assert.deepEqual(due, [1_000, 1_000, 0, 0]);
    gathering.looked();
    assert.equal(gathering.dueMs(three, parked(0), 0), 1_000);
  });

  it("fill a request with their bytes, too", () => {
    const gathering = new Gathering();
    const large = parked(0, usualBatch.maxBytes / 2);
    assert.equal(gathering.dueMs(three, large, 0), 1_000);
    assert.equal(gathering.dueMs(three, large, 0), 0);
    gathering.looked();
    assert.equal(gathering.dueMs(three, large, 0), 1_000);
  });
});
