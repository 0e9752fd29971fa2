import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import { defined } from "../../domain/defined.ts";
import { webhookOf } from "../../domain/destination.ts";
import { defaultRetryPolicy } from "../../domain/retry.ts";
import { isRule, type Subscription } from "../../domain/subscription.ts";
import { longestUrl } from "../../domain/webhook-url.ts";
import { invalidField } from "../../errors.ts";
import type { RequestedChange, RequestedSubscription } from "../../subscriptions/request.ts";
import { previousSecretUntil } from "../../subscriptions/signing.ts";
import { destination } from "../../subscriptions/target-kinds/destination.ts";
import { readTarget, readTargetChange } from "../../subscriptions/target-kinds/target-kinds.ts";
import { openSecrets, webhook } from "../../subscriptions/target-kinds/webhook.ts";
import { formatOptions, showFormat, shownFormat } from "../../subscriptions/target-kinds/webhook-format.ts";
import { shownWebhookAuth, showWebhookAuth, webhookAuth } from "../../subscriptions/target-kinds/webhook-schema.ts";
import { additiveFields } from "../../targets/formats/object.ts";
import { backoffOf, readRetries, showBackoff, shownBackoff } from "../http/backoff.ts";
import { captureOption, showCapture, shownCapture } from "../http/capture.ts";
import { instant, nullable, shownInstant, shownOptional } from "../http/fields.ts";
import { warnings } from "../http/filter-warnings.ts";
import { named } from "../http/named.ts";
import { paceOptions, readPace, shownPace, showPace } from "../http/pace.ts";

/** How a rule is written and shown. Secrets go in and never come out. */

const closed = { additionalProperties: false };

const backoff = named("NewBackoff", backoffOf(defaultRetryPolicy));

const headerValues = Type.Record(Type.String(), Type.String({ maxLength: 4096 }));
const mergedHeaders = Type.Record(Type.String(), nullable(Type.String({ maxLength: 4096 })));
const fields = Type.Array(Type.Enum([...additiveFields]), {
  maxItems: additiveFields.length,
  description: "Additive fields of the payload, in this order.",
});

const url = Type.String({
  minLength: 1,
  maxLength: longestUrl,
  description: "http or https. Private addresses only as far as the operator allows.",
});
const filter = Type.String({ description: 'SQL-like, such as `WHERE key REGEXP "^images"`. Absent: every event.' });

/** Members of the body that mean the same when a rule is made and when it is changed. */
const plain = {
  enabled: Type.Optional(Type.Boolean({ default: true, description: "While false, nothing matches." })),
  ack: Type.Optional(
    Type.Enum(["200", "2xx"], { default: "200", description: "Which answers acknowledge: exactly 200, or any 2xx." }),
  ),
  max_retries: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 100,
      default: defaultRetryPolicy.maxRetries,
      description: "Tries after the first.",
    }),
  ),
  timeout_ms: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 60_000,
      default: 10_000,
      description: "For one try, the answer's body included.",
    }),
  ),
  ...paceOptions,
  ...captureOption,
  ...formatOptions,
};

const to = {
  ...destination.schemas.made,
  description: "A destination of the tenant, in the place of `url` and all that is said of a url.",
};

export const newRule = Type.Object(
  {
    url: Type.Optional({
      ...url,
      description: "http or https. Private addresses only as far as the operator allows. Required without `target`.",
    }),
    target: Type.Optional(to),
    filter: Type.Optional(nullable(filter)),
    auth: Type.Optional(nullable(webhookAuth)),
    ...plain,
    backoff: Type.Optional(nullable(backoff)),
    fields: Type.Optional(nullable(fields)),
    headers: Type.Optional(nullable(headerValues)),
  },
  closed,
);

export const changedRule = Type.Object(
  {
    url: Type.Optional(url),
    target: Type.Optional({ ...to, description: "Of a rule that goes to a destination: another one." }),
    filter: Type.Optional(nullable(filter)),
    auth: Type.Optional(nullable(webhookAuth)),
    ...plain,
    backoff: Type.Optional(nullable(backoff)),
    fields: Type.Optional(nullable(fields)),
    headers: Type.Optional(nullable(mergedHeaders)),
  },
  { ...closed, description: "What is absent stays; `null` takes away." },
);

export const shownRule = named(
  "Rule",
  Type.Object({
    id: Type.String(),
    bucket: Type.String(),
    url: Type.String({ description: "Of a destination: as that is now." }),
    destination: nullable(Type.String({ description: "The name of the one that it goes to." })),
    managed_by: nullable(
      Type.Enum(["s3"], {
        description:
          "`s3`: it is what the bucket's S3 notification configuration says, and is changed there. Null: it is changed here.",
      }),
    ),
    filter: nullable(Type.String()),
    auth: nullable(shownWebhookAuth),
    enabled: Type.Boolean(),
    paused: nullable(
      named(
        "RulePause",
        Type.Object({
          reason: Type.Enum(["gone", "filter", "destination"], {
            description:
              "The receiver answered 410; the filter, which an older version accepted, cannot be read any more; or its destination was deleted.",
          }),
          since: instant,
        }),
      ),
    ),
    ack: Type.Enum(["200", "2xx"]),
    max_retries: Type.Integer(),
    timeout_ms: Type.Integer(),
    backoff: shownBackoff,
    ...shownPace,
    ...shownCapture,
    fields: Type.Array(Type.String()),
    ...shownFormat,
    headers: Type.Array(Type.String(), { description: "Names only." }),
    previous_secret_until: nullable({
      ...instant,
      description: "Until when the signing secret before the newest signs too.",
    }),
    owner: Type.String(),
    created_at: instant,
    updated_at: instant,
  }),
);

const signingSecret = Type.String({ description: "`whsec_…`, for verifying `webhook-signature`. Shown only now." });

export const savedRule = named("SavedRule", Type.Object({ ...shownRule.properties, warnings }));
export const madeRule = named(
  "MadeRule",
  Type.Object({
    ...savedRule.properties,
    signing_secret: Type.Optional({
      ...signingSecret,
      description: "`whsec_…`, for verifying `webhook-signature`. Shown only now. Absent where a destination has it.",
    }),
  }),
);
export const rotatedRule = named(
  "RotatedRule",
  Type.Object({
    ...shownRule.properties,
    signing_secret: signingSecret,
    previous_secret_until: instant,
  }),
);

/** A body that was checked has no other members. */
export function readRuleChange(body: Static<typeof changedRule>): RequestedChange {
  const { url, target: to, auth, headers, ack, timeout_ms: timeoutMs, fields, ...others } = readPace(body);
  const { format, compression, handshake, batch, ...rest } = others;
  const { max_retries, backoff, ...options } = rest;
  const target = defined({ url, auth, headers, ack, timeoutMs, fields, format, compression, handshake, batch });
  return {
    ...options,
    ...readRetries({ max_retries, backoff }),
    ...(Object.keys(target).length === 0 ? {} : { target }),
    ...(to === undefined ? {} : { target: { ...readTargetChange(to), ...target } }),
  };
}

/** What is said of a url, and by a destination of its own. */
const ofUrl = Object.values(webhook.members) as readonly (keyof Static<typeof newRule>)[];

/** Of all that happens in the bucket. */
export function readRule(body: Static<typeof newRule>, bucket: string): RequestedSubscription {
  const { target, ...options } = readRuleChange(body);
  const of = { surface: "rules", face: "objects", event: "*", bucket } as const;
  if (body.target === undefined) {
    if (body.url === undefined) throw invalidField("url", "is required, unless target names a destination");
    return { ...options, ...of, target: { ...target, kind: "webhook", url: body.url } };
  }
  const [beside] = ofUrl.filter((name) => body[name] !== undefined);
  if (beside !== undefined) throw invalidField(beside, "goes without target: the destination has it");
  return { ...options, ...of, target: readTarget(body.target) };
}

export function showRule(
  deps: Pick<Context, "vault" | "clock">,
  rule: Subscription,
  bucket: string,
): Static<typeof shownRule> {
  const target = webhookOf(rule.target);
  if (!isRule(rule) || target === undefined) throw new TypeError(`subscription ${rule.uuid} is no rule`);
  const { uuid, filter, enabled, paused, policy, pace, capture, managed, owner, createdMs, updatedMs } = rule;
  const { auth, headers = {}, signing } = openSecrets(deps, target);
  return {
    id: uuid,
    bucket,
    url: target.url,
    destination: rule.target.kind === "destination" ? rule.target.name : null,
    managed_by: managed?.by ?? null,
    filter: filter ?? null,
    auth: showWebhookAuth(auth),
    enabled,
    paused: showPause(paused),
    ack: target.ack,
    max_retries: policy.maxRetries,
    timeout_ms: target.timeoutMs,
    backoff: showBackoff(policy),
    ...showPace(pace),
    ...showCapture(capture),
    fields: [...target.fields],
    ...showFormat(target),
    headers: Object.keys(headers),
    previous_secret_until: shownOptional(previousSecretUntil(signing, deps.clock.now())),
    owner,
    created_at: shownInstant(createdMs),
    updated_at: shownInstant(updatedMs),
  };
}

function showPause(pause: Subscription["paused"]): Static<typeof shownRule>["paused"] {
  if (pause === undefined) return null;
  // The others are for functions and owners.
  const { reason } = pause;
  return {
    reason: reason === "filter" || reason === "destination" ? reason : "gone",
    since: shownInstant(pause.sinceMs),
  };
}
