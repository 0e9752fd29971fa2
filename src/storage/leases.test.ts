import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type BlobId, parseBlobId } from "../blobs/blobs.ts";
import { BlobLeases } from "../blobs/leases.ts";
import { silentLog } from "../log.ts";

function blob(digit: string): BlobId {
  const id = parseBlobId(digit.repeat(40));
  assert.ok(id);
  return id;
}
const a = blob("a");
const b = blob("b");

function given(): { leases: BlobLeases; deleted: BlobId[]; gate: { wait: Promise<void> } } {
  const deleted: BlobId[] = [];
  const gate = { wait: Promise.resolve() };
  const blobs = {
    delete: async (ids: readonly BlobId[]) => {
      await gate.wait;
      deleted.push(...ids);
    },
  };
  return { leases: new BlobLeases(blobs, silentLog), deleted, gate };
}

describe("leases on blobs", () => {
  it("put off the deletion until the last reader is through", async () => {
    const { leases, deleted } = given();
    const first = leases.take([a, b]);
    const second = leases.take([b]);
    assert.ok(first && second);
    await leases.discard([a, b]);
    assert.deepEqual(deleted, []);
    assert.equal(leases.take([b]), undefined, "no read of what is unwanted begins");
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    await Promise.resolve();
    assert.deepEqual(deleted, [a]);
    second[Symbol.dispose]();
    await Promise.resolve();
    assert.deepEqual(deleted, [a, b]);
  });

  it("are refused on what is being deleted", async () => {
    const { leases, deleted, gate } = given();
    const { promise, resolve } = Promise.withResolvers<void>();
    gate.wait = promise;
    const going = leases.discard([a]);
    assert.equal(leases.take([b, a]), undefined);
    assert.notEqual(leases.take([b]), undefined);
    resolve();
    await going;
    assert.deepEqual(deleted, [a]);
  });

  it("leave blobs that are not unwanted alone", async () => {
    const { leases, deleted } = given();
    leases.take([a])?.[Symbol.dispose]();
    await Promise.resolve();
    assert.deepEqual(deleted, []);
  });

  it("outlive a deletion that fails", async () => {
    const lines: string[] = [];
    const log = { ...silentLog, warn: (_: object, message: string) => void lines.push(message) };
    const leases = new BlobLeases({ delete: () => Promise.reject(new Error("disk")) }, log);
    await leases.discard([a]);
    assert.deepEqual(lines, ["blobs were left behind"]);
    assert.notEqual(leases.take([a]), undefined);
  });
});
