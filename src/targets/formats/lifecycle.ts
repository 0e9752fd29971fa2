import type { Event } from "../../domain/event.ts";
import { functionEvent } from "../../domain/function-event.ts";

interface LifecycleFormat {
  /** From 1. */
  readonly attempt: number;
  /** Under which the subscription gets it. */
  readonly name: string;
  /** How long the receiver has. */
  readonly deadlineMs: number;
  readonly test: boolean;
  /** In a batch each says which delivery it is. */
  readonly inBatch?: string | undefined;
}

/** What a function would get, as the payload of a webhook. */
export function formatLifecycleEvent(
  event: Event,
  { attempt, name, deadlineMs, test, inBatch }: LifecycleFormat,
): string {
  return JSON.stringify({
    ...functionEvent(event, { attempt, name, deadlineMs }),
    ...(inBatch === undefined ? {} : { delivery: inBatch }),
    ...(test ? { test: true } : {}),
  });
}
