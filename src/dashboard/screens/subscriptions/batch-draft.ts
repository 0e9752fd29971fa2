import type { Batch, NewBatch } from "../../../client/operations.ts";
import { usualBatch } from "../../../domain/batch.ts";

/** Several events of a webhook in one request, as it is typed, and what is sent of it. */
export interface BatchDraft {
  readonly isOn: boolean;
  /** Empty, as the other numbers may be: the default. */
  readonly maxEvents: string;
  readonly maxWaitMs: string;
  readonly maxBytes: string;
  readonly splitOnFailure: boolean;
}

const { maxEvents, maxWaitMs, maxBytes, splitOnFailure } = usualBatch;

/** Each event in a request of its own, and what stands in the fields when that is changed. */
export const usualBatchDraft: BatchDraft = {
  isOn: false,
  maxEvents: String(maxEvents),
  maxWaitMs: String(maxWaitMs),
  maxBytes: String(maxBytes),
  splitOnFailure,
};

export function batchDraft(batch: Batch | null): BatchDraft {
  if (batch === null) return usualBatchDraft;
  return {
    isOn: true,
    maxEvents: String(batch.max_events),
    maxWaitMs: String(batch.max_wait_ms),
    maxBytes: String(batch.max_bytes),
    splitOnFailure: batch.split_on_failure,
  };
}

/** Of a new one: what is as by default is left out. */
export function newBatch(draft: BatchDraft): { readonly batch?: NewBatch } {
  return draft.isOn ? { batch: differing(draft, usualBatchDraft) } : {};
}

/** Only what differs from what was opened; `null` takes the batch away, and one that is new has all of it. */
export function batchChanges(draft: BatchDraft, opened: BatchDraft): { readonly batch?: NewBatch | null } {
  if (!draft.isOn) return opened.isOn ? { batch: null } : {};
  if (!opened.isOn) return { batch: batchIn(draft) };
  const batch = differing(draft, opened);
  return Object.keys(batch).length === 0 ? {} : { batch };
}

/** What is no number is for the server to refuse. */
function batchIn(draft: BatchDraft): Batch {
  const number = (name: "maxEvents" | "maxWaitMs" | "maxBytes"): number =>
    draft[name].trim() === "" ? usualBatch[name] : Number(draft[name]);
  return {
    max_events: number("maxEvents"),
    max_wait_ms: number("maxWaitMs"),
    max_bytes: number("maxBytes"),
    split_on_failure: draft.splitOnFailure,
  };
}

function differing(draft: BatchDraft, from: BatchDraft): NewBatch {
  const now = batchIn(draft);
  const before = batchIn(from);
  return {
    ...(now.max_events === before.max_events ? {} : { max_events: now.max_events }),
    ...(now.max_wait_ms === before.max_wait_ms ? {} : { max_wait_ms: now.max_wait_ms }),
    ...(now.max_bytes === before.max_bytes ? {} : { max_bytes: now.max_bytes }),
    ...(now.split_on_failure === before.split_on_failure ? {} : { split_on_failure: now.split_on_failure }),
  };
}

/** As people read it. */
export function batchText(draft: BatchDraft): string {
  if (!draft.isOn) return "one";
  const { max_events: events, max_wait_ms: waitMs, max_bytes: bytes, split_on_failure: splits } = batchIn(draft);
  const apart = splits ? "one by one after the first retry" : "always together";
  return `up to ${events}, or ${bytes} bytes, after ${waitMs} ms at most; ${apart}`;
}
