import {
  type FieldCatalog,
  type FilterText,
  objectFields,
  paramFields,
  paramFieldsOf,
  parseFilterText,
} from "../domain/filter/index.ts";
import type { Pace } from "../domain/pace.ts";
import { defaultRequestedRetries, type RequestedRetries, retryPolicyOf } from "../domain/requested-retries.ts";
import { defaultRetryPolicy, functionRetryPolicy, type RetryPolicy } from "../domain/retry.ts";
import type { Subscription, Target } from "../domain/subscription.ts";
import type { Capture } from "../domain/wire-facts.ts";
import { invalidField } from "../errors.ts";
import type { Place } from "./place.ts";
import { targetKindOf } from "./target-kinds/target-kinds.ts";

/** Filter, retries and pace of a subscription: defaults, merging, and what a face, an event or a target has no use for. */

/** What a filter there may ask. */
export function fieldsOf(place: Place): FieldCatalog {
  switch (place.face) {
    case "objects":
      return objectFields;
    case "lifecycle":
      return place.definition === undefined ? paramFields : paramFieldsOf(place.definition);
    case "notifications":
      return paramFields;
    default:
      return place satisfies never;
  }
}

/**
 * The filter as it was written; `undefined` for one that matches everything.
 *
 * @throws SignalboxError `invalid_filter` with line, column, what was expected and a hint.
 */
export function checkedFilter(place: Place, text: string | null | undefined): FilterText | undefined {
  return text === undefined || text === null ? undefined : parseFilterText(text, fieldsOf(place));
}

/** What is absent stays as it is, or has its default; `null` is the default. */
export interface RetryInput {
  readonly maxRetries?: number;
  readonly backoff?: { readonly scheduleMs?: readonly number[]; readonly jitter?: number } | null;
  /** As the notifications face says it, where it takes the place of the other two. */
  readonly retry?: RequestedRetries;
}

export type Retries = Pick<Subscription, "policy" | "retry">;

/**
 * When to try again.
 *
 * @param before of the subscription that is changed.
 * @throws SignalboxError `invalid_request` for what the face, the event or the target has no use for.
 */
export function retriesOf(
  place: Place,
  target: Target["kind"],
  input: RetryInput,
  before: Retries | undefined,
): Retries {
  if (place.face === "notifications") return { ...requestedRetries(target, input, before) };
  const { maxRetries, backoff, retry } = input;
  if (retry !== undefined) {
    throw invalidField("policy", "is for the notifications face; here say max_retries and backoff");
  }
  refuseUseless(place, target, input);
  const { retries } = targetKindOf({ kind: target });
  if (retries !== undefined) return { policy: retries.policy };
  const usual = place.face === "objects" ? defaultRetryPolicy : functionRetryPolicy;
  const old = before?.policy ?? usual;
  const waits = backoff === null ? usual : backoff;
  return {
    policy: {
      maxRetries: maxRetries ?? old.maxRetries,
      scheduleMs: waits?.scheduleMs ?? old.scheduleMs,
      jitter: waits?.jitter ?? old.jitter,
    },
  };
}

/** Whether anything was said of when to try again. */
export function saysRetries({ maxRetries, backoff, retry }: RetryInput): boolean {
  return maxRetries !== undefined || backoff !== undefined || retry !== undefined;
}

/** What was said of retries goes before those of a destination. */
export function withRetriesOf(target: Target, input: RetryInput): Target {
  return target.kind === "destination" && saysRetries(input) ? { ...target, ownRetries: true } : target;
}

/** What is absent stays as it is; `null` takes it away. */
export interface PaceInput {
  readonly maxPerSecond?: number | null;
  readonly maxConcurrency?: number | null;
  readonly ordered?: boolean;
}

/** The first of its fields that was spoken of, as callers write it. */
export function paceField({ maxPerSecond, maxConcurrency, ordered }: PaceInput): string | undefined {
  if (maxPerSecond !== undefined) return "max_per_second";
  if (maxConcurrency !== undefined) return "max_concurrency";
  return ordered === undefined ? undefined : "ordered";
}

/**
 * How fast, and in what order; an empty pace bounds nothing.
 *
 * @param before of the subscription that is changed.
 * @throws SignalboxError `invalid_request` for a hook, which its operation waits for.
 */
export function pacedBy(place: Place, input: PaceInput, before: Pace | undefined): Pace {
  const field = paceField(input);
  if (field !== undefined && place.face === "lifecycle" && place.definition?.phase === "pre") {
    throw invalidField(field, `is not for ${place.event}: the operation waits, so a hook is asked at once`);
  }
  const { maxPerSecond = before?.maxPerSecond, maxConcurrency = before?.maxConcurrency } = input;
  const ordered = input.ordered ?? before?.ordered ?? false;
  return {
    ...(maxPerSecond === undefined || maxPerSecond === null ? {} : { maxPerSecond }),
    ...(maxConcurrency === undefined || maxConcurrency === null ? {} : { maxConcurrency }),
    ...(ordered ? { ordered } : {}),
  };
}

/** What is absent stays as it is. */
export interface CaptureInput {
  readonly capture?: Capture;
}

/** @throws SignalboxError `invalid_request` for `all` of a target that nothing is to be captured of. */
export function captureOf({ capture }: CaptureInput, target: Target): Capture | undefined {
  const { uncaptured } = targetKindOf(target);
  if (uncaptured === undefined) return capture;
  if (capture === "all") throw invalidField("capture", `all is for webhooks: ${uncaptured}`);
  return "failures";
}

function requestedRetries(target: Target["kind"], input: RetryInput, before: Retries | undefined): Required<Retries> {
  const field = spoken(input);
  if (field !== undefined) {
    throw invalidField(field, 'is not for the notifications face: say policy, such as {"retryLimit": 5}');
  }
  const { retry = before?.retry ?? defaultRequestedRetries } = input;
  return { policy: policyOf(target, retry, input.retry === undefined ? before : undefined), retry };
}

/** One that was not mentioned stays, whatever defaults have become. */
function policyOf(target: Target["kind"], retry: RequestedRetries, before: Retries | undefined): RetryPolicy {
  const { retries } = targetKindOf({ kind: target });
  if (retries !== undefined) return retries.policy;
  return before?.policy ?? retryPolicyOf(retry);
}

function refuseUseless(place: Place, target: Target["kind"], input: RetryInput): void {
  const field = spoken(input);
  if (field === undefined) return;
  if (place.face === "lifecycle" && place.definition?.phase === "pre") {
    throw invalidField(field, `is not for ${place.event}: the operation waits, so a hook is not tried again`);
  }
  const { retries } = targetKindOf({ kind: target });
  if (retries !== undefined) throw invalidField(field, retries.why);
}

function spoken({ maxRetries, backoff }: RetryInput): "max_retries" | "backoff" | undefined {
  if (maxRetries !== undefined) return "max_retries";
  return backoff === undefined ? undefined : "backoff";
}
