import { type Static, Type } from "typebox";
import type { EventTypeDefinition } from "../../domain/catalog.ts";
import { defined } from "../../domain/defined.ts";
import { functionRetryPolicy } from "../../domain/retry.ts";
import { failurePolicies, hookStages } from "../../domain/subscription.ts";
import { invalidField } from "../../errors.ts";
import { longestTimeoutMs } from "../../platform/functions/input.ts";
import type { Subscriber } from "../../subscriptions/list.ts";
import type { RequestedChange, RequestedSubscription } from "../../subscriptions/request.ts";
import { defaultHook } from "../../subscriptions/target-kinds/function.ts";
import { backoffOf, readRetries, showBackoff, shownBackoff } from "../http/backoff.ts";
import { captureOption, showCapture, shownCapture } from "../http/capture.ts";
import { instant, nullable, shownInstant } from "../http/fields.ts";
import { warnings } from "../http/filter-warnings.ts";
import { named } from "../http/named.ts";
import { paceOptions, readPace, shownPace, showPace } from "../http/pace.ts";
import { closed } from "./app-schema.ts";

/** How subscriptions of functions are written and shown. */

const functionId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const backoff = named("NewFunctionBackoff", backoffOf(functionRetryPolicy));

const options = {
  stage: Type.Optional(
    Type.Enum([...hookStages], {
      default: defaultHook.stage,
      description:
        "PRE events only. `prepare` may change what is proposed; `validate` sees what came of that, and may not.",
    }),
  ),
  priority: Type.Optional(
    Type.Integer({
      minimum: -1000,
      maximum: 1000,
      default: defaultHook.priority,
      description: "PRE events only. Changes are merged, and denials listed, by ascending priority and then id.",
    }),
  ),
  failure_policy: Type.Optional(
    Type.Enum([...failurePolicies], {
      default: defaultHook.failurePolicy,
      description: "PRE events only. When the function fails: `closed` stops the operation, `open` lets it go on.",
    }),
  ),
  filter: Type.Optional(
    nullable(
      Type.String({
        description: "SQL-like, over the event's params: `WHERE email LIKE '%@example.com'`. Absent: every event.",
      }),
    ),
  ),
  timeout_ms: Type.Optional(
    nullable(
      Type.Integer({
        minimum: 1,
        maximum: longestTimeoutMs,
        description: "For one run, beside the function's own limit.",
      }),
    ),
  ),
  enabled: Type.Optional(Type.Boolean({ default: true, description: "While false, nothing matches." })),
  max_retries: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 100,
      default: functionRetryPolicy.maxRetries,
      description: "POST events only. Tries after the first.",
    }),
  ),
  backoff: Type.Optional(nullable({ ...backoff, description: "POST events only." })),
  ...paceOptions,
  ...captureOption,
};

export const newSubscriber = Type.Object({ function_id: functionId, ...options }, closed);
export const leavingSubscriber = Type.Object({ function_id: functionId }, closed);
export const changedSubscriber = Type.Object(options, {
  ...closed,
  description: "What is absent stays; `null` takes away.",
});

/** What is beyond the documented members. */
const additive = {
  uuid: Type.String(),
  stage: nullable(Type.Enum([...hookStages])),
  priority: nullable(Type.Integer()),
  failure_policy: nullable(Type.Enum([...failurePolicies])),
  filter: nullable(Type.String()),
  timeout_ms: nullable(Type.Integer()),
  enabled: Type.Boolean(),
  paused: nullable(
    named(
      "SubscriberPause",
      Type.Object({ reason: Type.String({ description: "`disabled`: the function is." }), since: instant }),
    ),
  ),
  max_retries: nullable(Type.Integer()),
  backoff: nullable(shownBackoff),
  ...shownPace,
  ...shownCapture,
};

/** What subscribing answers. */
export const madeSubscriber = named(
  "Subscriber",
  Type.Object({
    id: Type.Integer(),
    event: Type.String(),
    function: Type.Integer(),
    function_name: Type.String(),
    function_slug: Type.String(),
    app_name: Type.String(),
    app_slug: Type.String(),
    created_at: instant,
    updated_at: instant,
    ...additive,
    warnings,
  }),
);

/** One of a list. */
export const listedSubscriber = named(
  "ListedSubscriber",
  Type.Object({
    subscriber_id: Type.Integer(),
    event: Type.String(),
    function_id: Type.Integer(),
    function_name: Type.String(),
    function_slug: Type.String(),
    app_id: Type.Integer(),
    app_name: Type.String(),
    app_slug: Type.String(),
    created_at: instant,
    updated_at: instant,
    ...additive,
  }),
);

export function showMade({ subscription, fn }: Subscriber): Static<typeof madeSubscriber> {
  return {
    id: subscription.number,
    event: subscription.event,
    function: fn.number,
    function_name: fn.name,
    function_slug: fn.slug,
    app_name: fn.appName,
    app_slug: fn.appSlug,
    created_at: shownInstant(subscription.createdMs),
    updated_at: shownInstant(subscription.updatedMs),
    ...showAdditive(subscription),
  };
}

export function showListed({ subscription, fn }: Subscriber): Static<typeof listedSubscriber> {
  return {
    subscriber_id: subscription.number,
    event: subscription.event,
    function_id: fn.number,
    function_name: fn.name,
    function_slug: fn.slug,
    app_id: fn.app,
    app_name: fn.appName,
    app_slug: fn.appSlug,
    created_at: shownInstant(subscription.createdMs),
    updated_at: shownInstant(subscription.updatedMs),
    ...showAdditive(subscription),
  };
}

function showAdditive({ uuid, filter, target, policy, pace, capture, enabled, paused }: Subscriber["subscription"]) {
  const { hook, timeoutMs } = target;
  const retried = hook === undefined;
  return {
    uuid,
    stage: hook?.stage ?? null,
    priority: hook?.priority ?? null,
    failure_policy: hook?.failurePolicy ?? null,
    filter: filter ?? null,
    timeout_ms: timeoutMs ?? null,
    enabled,
    paused: paused === undefined ? null : { reason: paused.reason, since: shownInstant(paused.sinceMs) },
    max_retries: retried ? policy.maxRetries : null,
    backoff: retried ? showBackoff(policy) : null,
    ...showPace(pace),
    ...showCapture(capture),
  };
}

/** What the other phase alone knows would be without effect. */
function refuseForeign(body: Static<typeof changedSubscriber>, { name, phase }: EventTypeDefinition): void {
  const { stage, priority, failure_policy, max_retries, backoff } = body;
  const { max_per_second, max_concurrency, ordered } = body;
  const isHook = phase === "pre";
  const first = (members: object) => Object.entries(members).find(([, value]) => value !== undefined)?.[0];
  const paced = isHook ? first({ max_per_second, max_concurrency, ordered }) : undefined;
  const before = `is not for this event: '${name}' comes before an operation, which waits: a hook is`;
  if (paced !== undefined) throw invalidField(paced, `${before} asked at once`);
  const foreign = first(isHook ? { max_retries, backoff } : { stage, priority, failure_policy });
  if (foreign === undefined) return;
  const after = `is not for this event: '${name}' comes after its operation, which does not wait for it`;
  throw invalidField(foreign, isHook ? `${before} not tried again` : after);
}

/**
 * A body that was checked has no other members.
 *
 * @throws SignalboxError `invalid_request`, as documented, for what the event has no use for.
 */
export function readSubscriberChange(
  body: Static<typeof changedSubscriber>,
  definition: EventTypeDefinition,
): RequestedChange {
  refuseForeign(body, definition);
  const { timeout_ms: timeoutMs, failure_policy: failurePolicy, stage, priority, ...rest } = readPace(body);
  const { max_retries, backoff, ...options } = rest;
  const target = defined({ timeoutMs, failurePolicy, stage, priority });
  return {
    ...options,
    ...readRetries({ max_retries, backoff }),
    ...(Object.keys(target).length === 0 ? {} : { target }),
  };
}

export function readSubscriber(
  { function_id: fn, ...body }: Static<typeof newSubscriber>,
  definition: EventTypeDefinition,
): RequestedSubscription {
  const { target, ...options } = readSubscriberChange(body, definition);
  const of = { surface: "subscribers", face: "lifecycle", event: definition.name } as const;
  return { ...options, ...of, target: { ...target, kind: "function", function: fn } };
}
