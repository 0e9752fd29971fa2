import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  bucket,
  clock,
  holding,
  nobody,
  numbered,
  object,
  queriesOf,
  query,
} from "../../test/support/query-objects.ts";
import { readListedField } from "../domain/filter/index.ts";

describe("the queries of a tenant", () => {
  it("wait when they have used up its share of each second, and others do not", async () => {
    const holder = holding(numbered(30_000));
    // 600 ms in stock, of which each request takes a tenth of a second.
    const queries = queriesOf(holder.store, 300);
    const empty = query("size = 1");
    for (let spent = 0; spent < 6; spent++) await queries.list(empty, nobody);
    const seventh = { isDone: false };
    void queries.list(empty, nobody).then(() => Object.assign(seventh, { isDone: true }));
    const other = { ...empty, bucket: { ...bucket, tenant: "other" } };
    await queries.list(other, nobody);
    assert.equal(seventh.isDone, false);
    assert.equal(clock.pending, 1);
    while (!seventh.isDone) {
      clock.advance(1_000);
      await new Promise(setImmediate);
    }
  });

  it("are 16 at a time at the most", async () => {
    const holder = holding(numbered(10));
    const queries = queriesOf(holder.store);
    const asked = Array.from({ length: 17 }, () => queries.list(query("size = 1"), nobody));
    const results = await Promise.allSettled(asked);
    const refused = results.filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 1);
    assert.match(String((refused[0] as PromiseRejectedResult).reason), /16 queries of this tenant/);
    assert.deepEqual((await queries.list(query("size = 1"), nobody)).objects, []);
  });

  it("end when the caller waits no more", async () => {
    const holder = holding(numbered(30_000));
    const gone = new AbortController();
    const asked = queriesOf(holder.store).list(query("size = 1"), gone.signal);
    gone.abort(new Error("gone"));
    await assert.rejects(asked, /gone/);
    assert.ok(holder.rows < 1_000);
  });
});

describe("what a list is asked by", () => {
  it("is read from objects as from their events", () => {
    const read = readListedField(object("k", { size: 3, tags: { a: "b" }, userMetadata: { c: "d" } }), "alpha");
    assert.deepEqual(
      ["key", "Content-Length", "bucket", "tag:a", "x-amz-meta-c", "Last-Modified", "Event-Type", "tag:z"].map(read),
      ["k", 3, "alpha", "b", "d", 0, undefined, undefined],
    );
  });
});
