import { type Static, Type } from "typebox";
import { type Batch, batchBounds, usualBatch } from "../../domain/batch.ts";
import { defined } from "../../domain/defined.ts";

/** Several events of a webhook in one request: how that is asked for and shown, the same on every face that has fields in snake_case. */

const { maxEvents, maxWaitMs, maxBytes } = batchBounds;

const members = {
  max_events: Type.Integer({
    minimum: maxEvents.least,
    maximum: maxEvents.most,
    description: `In one request at the most. Default ${usualBatch.maxEvents}.`,
  }),
  max_wait_ms: Type.Integer({
    minimum: maxWaitMs.least,
    maximum: maxWaitMs.most,
    description: "For so long the first of a batch waits for others. Default 1,000.",
  }),
  max_bytes: Type.Integer({
    minimum: maxBytes.least,
    maximum: maxBytes.most,
    description: "Of a body, before it is compressed; an event that is larger by itself goes alone. Default 1,048,576.",
  }),
  split_on_failure: Type.Boolean({
    description: "Whether the events of a batch that has failed twice are tried one by one from then on. Default true.",
  }),
};

/** Of a target that is made or changed. */
export const batchOption = Type.Partial(Type.Object(members), {
  additionalProperties: false,
  title: "NewBatch",
  description:
    "Several events in one request, which is acknowledged or fails as one. Of a change, what is absent stays. Default: each event has its own.",
});
export type BatchInput = Static<typeof batchOption>;

/** Of one that is shown. */
export const shownBatch = Type.Object(members, { title: "Batch" });

export function showBatch({ maxEvents, maxWaitMs, maxBytes, splitOnFailure }: Batch): Static<typeof shownBatch> {
  return {
    max_events: maxEvents,
    max_wait_ms: maxWaitMs,
    max_bytes: maxBytes,
    split_on_failure: splitOnFailure,
  };
}

/** @param before of the target; `undefined` where it has none. */
export function readBatch(said: BatchInput | null | undefined, before: Batch | undefined): Batch | undefined {
  if (said === undefined) return before;
  if (said === null) return undefined;
  return {
    ...usualBatch,
    ...before,
    ...defined({
      maxEvents: said.max_events,
      maxWaitMs: said.max_wait_ms,
      maxBytes: said.max_bytes,
      splitOnFailure: said.split_on_failure,
    }),
  };
}
