import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BlobId } from "./blobs.ts";
import { RecentBytes } from "./recent-bytes.ts";

const [a, b, c] = ["a", "b", "c"] as unknown as readonly [BlobId, BlobId, BlobId];

describe("bytes that were read lately", () => {
  it("are given in any range that is known", () => {
    const recent = new RecentBytes();
    recent.keep(a, Buffer.from("0123456789"), recent.turn);
    assert.equal(recent.get(a, { start: 0, end: 9 })?.toString(), "0123456789");
    assert.equal(recent.get(a, { start: 3, end: 4 })?.toString(), "34");
    assert.equal(recent.get(a, { start: 3, end: 10 }), undefined);
    assert.equal(recent.get(b, { start: 0, end: 0 }), undefined);
  });

  it("go when there is no more room, the one first that was not asked for longest", () => {
    const recent = new RecentBytes({ bytesOfOne: 10, bytes: 20 });
    for (const id of [a, b]) recent.keep(id, Buffer.alloc(10), recent.turn);
    assert.ok(recent.get(a, { start: 0, end: 0 }));
    recent.keep(c, Buffer.alloc(10), recent.turn);
    assert.equal(recent.get(b, { start: 0, end: 0 }), undefined);
    assert.ok(recent.get(a, { start: 0, end: 0 }));
    // Kept again, it takes its room once.
    for (let times = 0; times < 5; times += 1) recent.keep(c, Buffer.alloc(10), recent.turn);
    assert.ok(recent.get(a, { start: 0, end: 0 }));
  });

  it("are not kept of what is large", () => {
    const recent = new RecentBytes({ bytesOfOne: 10, bytes: 20 });
    recent.keep(a, Buffer.alloc(11), recent.turn);
    assert.equal(recent.get(a, { start: 0, end: 0 }), undefined);
  });

  it("are forgotten with their blob, also where they were read while it was deleted", () => {
    const recent = new RecentBytes();
    const { turn } = recent;
    recent.keep(a, Buffer.from("a"), turn);
    recent.forget([a]);
    assert.equal(recent.get(a, { start: 0, end: 0 }), undefined);
    recent.keep(a, Buffer.from("a"), turn);
    assert.equal(recent.get(a, { start: 0, end: 0 }), undefined);
  });
});
