/** Subscriptions that take several events in one request, and what was sent of them. */
import assert from "node:assert/strict";
import { type Batch, usualBatch } from "../../src/domain/batch.ts";
import type { RetryPolicy } from "../../src/domain/retry.ts";
import type { WebhookTarget } from "../../src/domain/subscription.ts";
import { aSubscription, uuid } from "../conformance/store/given.ts";
import type { Engine } from "./engine.ts";

export const minute: RetryPolicy = { maxRetries: 5, scheduleMs: [60_000], jitter: 0.5 };

/** Keys `k0`, `k1`, … */
export function keys(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `k${from + index}`);
}

export function batched(over: Partial<Batch> = {}): { readonly target: WebhookTarget; readonly policy: RetryPolicy } {
  const { target } = aSubscription(uuid("bucket"));
  assert.ok(target.kind === "webhook");
  return { target: { ...target, batch: { ...usualBatch, ...over } }, policy: minute };
}

/** What was sent together, request by request. */
export function requests({ tried }: Engine): string[] {
  return tried.map((one) => one.keys.join(" "));
}
