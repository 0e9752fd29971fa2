import { type Static, Type } from "typebox";
import type { Context } from "../../../context.ts";
import { defined } from "../../../domain/defined.ts";
import type { Destination } from "../../../domain/destination.ts";
import { defaultRetryPolicy } from "../../../domain/retry.ts";
import type {
  RequestedDestination,
  RequestedDestinationChange,
} from "../../../subscriptions/destinations/destinations.ts";
import { maxDestinationTags } from "../../../subscriptions/destinations/tags.ts";
import {
  changedDestinationWebhook,
  newDestinationWebhook,
  shownDestinationWebhook,
  showWebhook,
} from "../../../subscriptions/destinations/webhook.ts";
import { destinationArn } from "../../../subscriptions/s3-configuration/arn.ts";
import { previousSecretUntil } from "../../../subscriptions/signing.ts";
import { readTarget, readTargetChange, type TargetInput } from "../../../subscriptions/target-kinds/target-kinds.ts";
import { openSecrets } from "../../../subscriptions/target-kinds/webhook.ts";
import { backoffOf, readRetries, showBackoff, shownBackoff } from "../../http/backoff.ts";
import { instant, nullable, shownInstant, shownOptional } from "../../http/fields.ts";
import { named } from "../../http/named.ts";

/** How destinations are written and shown. Secrets go in and never come out. */

const closed = { additionalProperties: false };

const retries = Type.Integer({
  minimum: 0,
  maximum: 100,
  description: "Tries after the first, of subscriptions that say nothing of their own. Absent: as each face has it.",
});
const backoff = named("NewBackoff", backoffOf(defaultRetryPolicy));
const alerts = Type.Optional(
  Type.Boolean({ default: true, description: "Whether what goes wrong there raises the tenant's alerts." }),
);

/** Its bounds are those of the verb, which names them. */
const tagText = Type.String({ maxLength: 2_048 });
const tags = {
  maxProperties: maxDestinationTags,
  description:
    "For tools: up to 50, with keys of up to 128 characters and values of up to 256. `push-endpoint` always says the url.",
};

export const newDestination = Type.Object(
  {
    name: Type.String({ description: "1 to 100 letters, digits, - and _. It stays." }),
    target: newDestinationWebhook,
    max_retries: Type.Optional(retries),
    backoff: Type.Optional(nullable(backoff)),
    alerts,
    tags: Type.Optional(Type.Record(Type.String(), tagText, tags)),
  },
  closed,
);

export const changedDestination = Type.Object(
  {
    target: Type.Optional(named("DestinationTargetChange", changedDestinationWebhook)),
    max_retries: Type.Optional(
      nullable({ ...retries, description: "`null`: retries are as each face has them, `backoff` too." }),
    ),
    backoff: Type.Optional(nullable(backoff)),
    alerts,
    tags: Type.Optional(nullable(Type.Record(Type.String(), nullable(tagText), tags))),
  },
  { ...closed, description: "What is absent stays; `null` takes away." },
);

export const shownDestination = named(
  "Destination",
  Type.Object({
    name: Type.String(),
    arn: Type.String({ description: "What it is called in a bucket's S3 notification configuration." }),
    target: named("ShownDestinationTarget", shownDestinationWebhook),
    max_retries: nullable(Type.Integer({ description: "`null`: as each face has it." })),
    backoff: nullable(shownBackoff),
    alerts: Type.Boolean(),
    tags: Type.Record(Type.String(), Type.String(), { description: "For tools." }),
    previous_secret_until: nullable({
      ...instant,
      description: "Until when the signing secret before the newest signs too.",
    }),
    created_at: instant,
    updated_at: instant,
  }),
);

const signingSecret = Type.String({
  description: "`whsec_…`, for verifying `webhook-signature` of everything that goes there. Shown only now.",
});
export const madeDestination = named(
  "MadeDestination",
  Type.Object({ ...shownDestination.properties, signing_secret: signingSecret }),
);
export const rotatedDestination = named(
  "RotatedDestination",
  Type.Object({ ...shownDestination.properties, signing_secret: signingSecret, previous_secret_until: instant }),
);

/** A body that was checked has no other members. */
export function readDestination({
  name,
  target,
  alerts,
  tags,
  ...rest
}: Static<typeof newDestination>): RequestedDestination {
  const { maxRetries, backoff } = readRetries(rest);
  return { name, target: webhookIn(readTarget(target)), ...defined({ alerts, tags, maxRetries, backoff }) };
}

export function readDestinationChange({
  target,
  alerts,
  max_retries,
  tags,
  backoff: said,
}: Static<typeof changedDestination>): RequestedDestinationChange {
  const { backoff } = readRetries({ backoff: said });
  const { kind: _, ...change } = target === undefined ? { kind: undefined } : readTargetChange(target);
  return {
    ...(target === undefined ? {} : { target: change }),
    ...defined({ alerts, tags, backoff, maxRetries: max_retries }),
  };
}

function webhookIn(input: TargetInput): RequestedDestination["target"] {
  if (input.kind !== "webhook") throw new TypeError(`a destination of type ${input.kind} passed its schema`);
  return input;
}

export function showDestination(
  { vault, clock }: Pick<Context, "vault" | "clock">,
  destination: Destination,
): Static<typeof shownDestination> {
  const { name, tenant, webhook, policy, alerts, tags = {}, createdMs, updatedMs } = destination;
  const { signing } = openSecrets({ vault }, webhook);
  return {
    name,
    arn: destinationArn(tenant, name),
    target: showWebhook({ vault }, destination),
    max_retries: policy?.maxRetries ?? null,
    backoff: policy === undefined ? null : showBackoff(policy),
    alerts,
    tags: { ...tags },
    previous_secret_until: shownOptional(previousSecretUntil(signing, clock.now())),
    created_at: shownInstant(createdMs),
    updated_at: shownInstant(updatedMs),
  };
}
