/** What is sent of several events in one request, as it is typed. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  batchChanges,
  batchDraft,
  batchText,
  newBatch,
  usualBatchDraft,
} from "../../src/dashboard/screens/subscriptions/batch-draft.ts";
import { usualBatch } from "../../src/domain/batch.ts";

const on = { ...usualBatchDraft, isOn: true };
const all = {
  max_events: usualBatch.maxEvents,
  max_wait_ms: usualBatch.maxWaitMs,
  max_bytes: usualBatch.maxBytes,
  split_on_failure: usualBatch.splitOnFailure,
};

describe("the draft of a batch", () => {
  it("of a new one leaves out what is as by default, and all of it while it is off", () => {
    assert.deepEqual(newBatch(usualBatchDraft), {});
    assert.deepEqual(newBatch({ ...on, isOn: false, maxEvents: "7" }), {});
    assert.deepEqual(newBatch(on), { batch: {} });
    assert.deepEqual(newBatch({ ...on, maxEvents: "", maxWaitMs: " 5 " }), { batch: { max_wait_ms: 5 } });
  });

  it("of a change says only what differs", () => {
    const opened = batchDraft({ ...all, max_events: 7, split_on_failure: false });
    assert.deepEqual(batchChanges(opened, opened), {});
    assert.deepEqual(batchChanges({ ...opened, maxBytes: "2048" }, opened), { batch: { max_bytes: 2_048 } });
    assert.deepEqual(batchChanges({ ...opened, splitOnFailure: true }, opened), { batch: { split_on_failure: true } });
    assert.deepEqual(batchChanges({ ...opened, maxEvents: "" }, opened), { batch: { max_events: 100 } });
  });

  it("takes the batch away by null, says nothing where there was none, and all of one that is new", () => {
    assert.deepEqual(batchChanges({ ...on, isOn: false }, on), { batch: null });
    assert.deepEqual(batchChanges({ ...usualBatchDraft, maxEvents: "7" }, usualBatchDraft), {});
    assert.deepEqual(batchChanges({ ...on, maxWaitMs: "0" }, usualBatchDraft), { batch: { ...all, max_wait_ms: 0 } });
  });

  it("leaves to the server to refuse what is no number", () => {
    assert.equal(JSON.stringify(newBatch({ ...on, maxEvents: "many" })), '{"batch":{"max_events":null}}');
  });

  it("reads as people say it", () => {
    assert.equal(batchText(batchDraft(null)), "one");
    assert.match(batchText({ ...on, maxEvents: "7", maxWaitMs: "" }), /^up to 7, .* after 1000 ms at most; one by one/);
    assert.match(batchText({ ...on, splitOnFailure: false }), /always together$/);
  });
});
