import { type Static, Type } from "typebox";
import { defined } from "../../../domain/defined.ts";
import { faces } from "../../../domain/event.ts";
import { readRequestedRetries, retryStrategies } from "../../../domain/requested-retries.ts";
import { defaultRetryPolicy } from "../../../domain/retry.ts";
import type { RequestedChange, RequestedSubscription } from "../../../subscriptions/request.ts";
import {
  changedTargetSchema,
  newTargetSchema,
  readTarget,
  readTargetChange,
} from "../../../subscriptions/target-kinds/target-kinds.ts";
import { backoffOf, readRetries } from "../../http/backoff.ts";
import { captureOption } from "../../http/capture.ts";
import { nullable } from "../../http/fields.ts";
import { named } from "../../http/named.ts";
import { paceOptions, readPace } from "../../http/pace.ts";

/** How subscriptions of every face, to every kind of target, are written. */

const closed = { additionalProperties: false };

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
  ...captureOption,
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
    face: Type.Optional({ ...face, description: "By default the one that the event's name belongs to." }),
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
    target: newTargetSchema,
    ...plain,
  },
  closed,
);

export const changedSubscription = Type.Object(
  {
    event: Type.Optional({ ...eventName, description: "Stays as it is: make another subscription." }),
    face: Type.Optional({ ...face, description: "Stays as it is." }),
    resource: Type.Optional({ ...resource, description: "Stays as it is." }),
    target: Type.Optional(named("TargetChange", changedTargetSchema)),
    ...plain,
  },
  { ...closed, description: "What is absent stays; `null` takes away." },
);

type Plain = Pick<
  Static<typeof changedSubscription>,
  "filter" | "enabled" | "persistent" | "max_retries" | "backoff" | "policy" | "capture" | keyof typeof paceOptions
>;

function readPlain(plain: Plain) {
  const { policy, max_retries, backoff, ...options } = readPace(plain);
  return {
    ...options,
    ...readRetries({ max_retries, backoff }),
    ...(policy === undefined ? {} : { retry: readRequestedRetries(policy) }),
  };
}

/** A body that was checked has no other members. */
export function readNew(body: Static<typeof newSubscription>): RequestedSubscription {
  const { target, event, face, resource, bucket, app, ...rest } = body;
  const place = { event, ...defined({ face, resource, bucket, app }) };
  return { surface: "subscriptions", ...place, target: readTarget(target), ...readPlain(rest) };
}

export function readChange(body: Static<typeof changedSubscription>): RequestedChange {
  const { target, event, face, resource, ...rest } = body;
  const place = defined({ event, face, resource });
  return { ...place, ...(target === undefined ? {} : { target: readTargetChange(target) }), ...readPlain(rest) };
}
