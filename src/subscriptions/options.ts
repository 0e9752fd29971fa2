import {
  type FieldCatalog,
  type FilterText,
  objectFields,
  paramFields,
  paramFieldsOf,
  parseFilterText,
} from "../domain/filter/index.ts";
import type { Pace } from "../domain/pace.ts";
import { defaultRetryPolicy, functionRetryPolicy, type RetryPolicy } from "../domain/retry.ts";
import {
  defaultRetryWish,
  mailRetryPolicy,
  type RetryWish,
  readRetryWish,
  retryPolicyOf,
} from "../domain/retry-wish.ts";
import type { Subscription, Target } from "../domain/subscription.ts";
import { invalidField } from "../errors.ts";
import { mergePace, type PaceInput, paceField } from "./pace-input.ts";
import type { Place } from "./place.ts";

/** Filter and retries of a subscription, each in the words of its face. */

function fieldsOf(place: Place): FieldCatalog {
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
  /** In the words of the notifications face, where it takes the place of the other two. */
  readonly policy?: unknown;
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
  if (place.face === "notifications") return { ...wished(target, input, before) };
  const { maxRetries, backoff, policy } = input;
  if (policy !== undefined) {
    throw invalidField("policy", "is for the notifications face; here say max_retries and backoff");
  }
  refuseUseless(place, target, input);
  if (target === "email") return { policy: mailRetryPolicy };
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

/**
 * How fast, and in what order.
 *
 * @param before of the subscription that is changed.
 * @throws SignalboxError `invalid_request` for a hook, which its operation waits for.
 */
export function pacedBy(place: Place, input: PaceInput, before: Pace | undefined): Pace {
  const field = paceField(input);
  if (field !== undefined && place.face === "lifecycle" && place.definition?.phase === "pre") {
    throw invalidField(field, `is not for ${place.event}: the operation waits, so a hook is asked at once`);
  }
  return mergePace(before, input);
}

function wished(target: Target["kind"], input: RetryInput, before: Retries | undefined): Required<Retries> {
  const field = spoken(input);
  if (field !== undefined) {
    throw invalidField(field, 'is not for the notifications face: say policy, such as {"retryLimit": 5}');
  }
  const retry: RetryWish =
    input.policy === undefined ? (before?.retry ?? defaultRetryWish) : readRetryWish(input.policy);
  return { policy: policyOf(target, retry, input.policy === undefined ? before : undefined), retry };
}

/** One that nobody spoke of stays, whatever defaults have become. */
function policyOf(target: Target["kind"], retry: RetryWish, before: Retries | undefined): RetryPolicy {
  if (target === "email") return mailRetryPolicy;
  return before?.policy ?? retryPolicyOf(retry);
}

function refuseUseless(place: Place, target: Target["kind"], input: RetryInput): void {
  const field = spoken(input);
  if (field === undefined) return;
  if (place.face === "lifecycle" && place.definition?.phase === "pre") {
    throw invalidField(field, `is not for ${place.event}: the operation waits, so a hook is not tried again`);
  }
  if (target === "email") {
    throw invalidField(field, "is not for e-mail: what a mail server does not take is tried again for two days");
  }
}

function spoken({ maxRetries, backoff }: RetryInput): "max_retries" | "backoff" | undefined {
  if (maxRetries !== undefined) return "max_retries";
  return backoff === undefined ? undefined : "backoff";
}
