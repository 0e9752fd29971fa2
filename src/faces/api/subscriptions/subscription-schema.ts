import { type Static, Type } from "typebox";
import { defined } from "../../../domain/defined.ts";
import { faces } from "../../../domain/event.ts";
import { defaultRetryPolicy } from "../../../domain/retry.ts";
import { readRetryWish, retryStrategies } from "../../../domain/retry-wish.ts";
import { failurePolicies, hookStages } from "../../../domain/subscription.ts";
import { longestUrl } from "../../../domain/webhook-url.ts";
import { longestTimeoutMs } from "../../../platform/functions/input.ts";
import type { RequestedChange, RequestedSubscription } from "../../../subscriptions/request.ts";
import type { TargetChange, TargetInput } from "../../../subscriptions/target-input.ts";
import { additiveFields } from "../../../targets/formats/object.ts";
import { backoffOf, readRetries } from "../../http/backoff.ts";
import { nullable } from "../../http/fields.ts";
import { named } from "../../http/named.ts";
import { paceOptions, readPace } from "../../http/pace.ts";
import { webhookAuth } from "../../http/webhook-schema.ts";

/** How subscriptions of every face, to every kind of target, are written. */

const closed = { additionalProperties: false };

const auth = nullable(webhookAuth);

const url = Type.String({
  minLength: 1,
  maxLength: longestUrl,
  description:
    "http or https, with macros such as `${EVENT}` in path and query. A user and password in it become `auth`.",
});
const headers = nullable(
  Type.Record(Type.String(), nullable(Type.String({ maxLength: 4096 })), { description: "`null` takes one away." }),
);
const fields = nullable(
  Type.Array(Type.Enum([...additiveFields]), {
    maxItems: additiveFields.length,
    description: "Objects face only: additive fields of the payload, in this order.",
  }),
);
const webhookTimeout = Type.Integer({ minimum: 1, maximum: 60_000 });
const functionTimeout = Type.Integer({ minimum: 1, maximum: longestTimeoutMs });
const oneAddress = "One e-mail address; macros only in its tag: `me+${EVENT}@example.com`.";
const address = Type.String({ minLength: 3, maxLength: 1024, description: oneAddress });
const functionId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: "Of the tenant's own." });

const webhookOptions = {
  auth: Type.Optional(auth),
  headers: Type.Optional(headers),
  ack: Type.Optional(
    Type.Enum(["200", "2xx"], {
      description: "Which answers acknowledge. Default: exactly 200 on the objects face, any 2xx on the others.",
    }),
  ),
  fields: Type.Optional(fields),
};

const hookOptions = {
  stage: Type.Optional(
    Type.Enum([...hookStages], {
      description: "PRE events only: `prepare` (the default) may change what is proposed.",
    }),
  ),
  priority: Type.Optional(Type.Integer({ minimum: -1000, maximum: 1000, description: "PRE events only. Default 0." })),
  failure_policy: Type.Optional(
    Type.Enum([...failurePolicies], { description: "PRE events only: `closed` (the default) stops the operation." }),
  ),
};

const webhook = named(
  "WebhookTarget",
  Type.Object(
    {
      type: Type.Literal("webhook"),
      url,
      ...webhookOptions,
      timeout_ms: Type.Optional(nullable({ ...webhookTimeout, description: "For one try. Default 10,000." })),
    },
    closed,
  ),
);
const email = named(
  "EmailTarget",
  Type.Object(
    {
      type: Type.Literal("email"),
      address: Type.Optional(
        Type.String({ maxLength: 1024, description: `${oneAddress} Absent or empty: your own, once confirmed.` }),
      ),
    },
    closed,
  ),
);
const fn = named(
  "FunctionTarget",
  Type.Object(
    {
      type: Type.Literal("function"),
      function_id: functionId,
      ...hookOptions,
      timeout_ms: Type.Optional(
        nullable({ ...functionTimeout, description: "For one run, beside the function's own." }),
      ),
    },
    closed,
  ),
);

const changedTarget = named(
  "TargetChange",
  Type.Object(
    {
      type: Type.Optional(Type.Enum(["webhook", "email", "function"], { description: "Stays as it is." })),
      url: Type.Optional(url),
      ...webhookOptions,
      address: Type.Optional(address),
      function_id: Type.Optional(functionId),
      ...hookOptions,
      timeout_ms: Type.Optional(nullable(functionTimeout)),
    },
    { ...closed, description: "What is absent stays; `null` takes away." },
  ),
);

export const face = Type.Enum([...faces]);
export const eventName = Type.String({ minLength: 1, maxLength: 65 });
export const resource = Type.String({ minLength: 1, maxLength: 64 });

/** Members of the body that mean the same when a subscription is made and when it is changed. */
const plain = {
  filter: Type.Optional(
    nullable(
      Type.String({
        description: 'SQL-like, over what the face tells: `WHERE key REGEXP "^images"`. Absent: every event.',
      }),
    ),
  ),
  enabled: Type.Optional(Type.Boolean({ default: true, description: "While false, nothing matches." })),
  persistent: Type.Optional(
    Type.Boolean({ default: true, description: "False: for the first event that it meets, and no other." }),
  ),
  ...paceOptions,
  max_retries: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 100, description: "Objects and lifecycle faces. Tries after the first." }),
  ),
  backoff: Type.Optional(
    nullable({ ...named("NewBackoff", backoffOf(defaultRetryPolicy)), description: "Objects and lifecycle faces." }),
  ),
  policy: Type.Optional(
    nullable(
      Type.Object(
        {},
        {
          additionalProperties: true,
          description: `Notifications face: \`retryStrategy\` (${retryStrategies.join(", ")}), \`retryLimit\`, \`retryRate\`, \`retryDelay\`, \`saveOnFailure\`; what it leaves out is as by default.`,
        },
      ),
    ),
  ),
};

export const newSubscription = Type.Object(
  {
    event: { ...eventName, description: "A name of the face, or `*` for all." },
    face: Type.Optional({ ...face, description: "Told by the event's name unless given." }),
    resource: Type.Optional({
      ...resource,
      description: "Uuid of what it is about (objects: of a bucket; lifecycle: of an app), or `*` for everything.",
    }),
    bucket: Type.Optional(
      Type.String({ minLength: 1, maxLength: 255, description: "Objects face: a name, in place of `resource`." }),
    ),
    app: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        description: "Lifecycle face: a slug, in place of `resource`. Without both: the whole tenant.",
      }),
    ),
    target: Type.Union([webhook, email, fn]),
    ...plain,
  },
  closed,
);

export const changedSubscription = Type.Object(
  {
    event: Type.Optional({ ...eventName, description: "Stays as it is: make another subscription." }),
    face: Type.Optional({ ...face, description: "Stays as it is." }),
    resource: Type.Optional({ ...resource, description: "Stays as it is." }),
    target: Type.Optional(changedTarget),
    ...plain,
  },
  { ...closed, description: "What is absent stays; `null` takes away." },
);

type Plain = Pick<
  Static<typeof changedSubscription>,
  "filter" | "enabled" | "persistent" | "max_retries" | "backoff" | "policy" | keyof typeof paceOptions
>;

function readPlain(plain: Plain) {
  const { policy, max_retries, backoff, ...options } = readPace(plain);
  return {
    ...options,
    ...readRetries({ max_retries, backoff }),
    ...(policy === undefined ? {} : { retry: readRetryWish(policy) }),
  };
}

/** A body that was checked has no other members. */
export function readNew(body: Static<typeof newSubscription>): RequestedSubscription {
  const { target, event, face, resource, bucket, app, ...rest } = body;
  const place = { event, ...defined({ face, resource, bucket, app }) };
  return { surface: "subscriptions", ...place, target: readTarget(target), ...readPlain(rest) };
}

function readTarget(target: Static<typeof newSubscription>["target"]): TargetInput {
  switch (target.type) {
    case "webhook": {
      const { type: kind, timeout_ms: timeoutMs, ...same } = target;
      return { ...same, kind, ...defined({ timeoutMs }) };
    }
    case "email":
      return { kind: target.type, ...defined({ address: target.address }) };
    case "function": {
      const { type: kind, function_id: number, timeout_ms: timeoutMs, failure_policy: failurePolicy, ...same } = target;
      return { ...same, kind, function: number, ...defined({ timeoutMs, failurePolicy }) };
    }
    default:
      return target satisfies never;
  }
}

export function readChange(body: Static<typeof changedSubscription>): RequestedChange {
  const { target, event, face, resource, ...rest } = body;
  const place = defined({ event, face, resource });
  return { ...place, ...(target === undefined ? {} : { target: readTargetChange(target) }), ...readPlain(rest) };
}

function readTargetChange(target: Static<typeof changedTarget>): TargetChange {
  const { type: kind, timeout_ms: timeoutMs, failure_policy: failurePolicy, function_id: number, ...same } = target;
  return { ...same, ...defined({ kind, timeoutMs, failurePolicy, function: number }) };
}
