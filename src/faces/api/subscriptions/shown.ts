import { type Static, Type } from "typebox";
import type { Context } from "../../../context.ts";
import { faces } from "../../../domain/event.ts";
import { anyResource } from "../../../domain/ids.ts";
import { retryStrategies } from "../../../domain/requested-retries.ts";
import type { Subscription } from "../../../domain/subscription.ts";
import { addresseeOf, pauseReasons, targetFactsOf } from "../../../domain/subscription.ts";
import type { Store } from "../../../store/store.ts";
import { type Asked, askedOf } from "../../../subscriptions/asked.ts";
import { previousSecretUntil } from "../../../subscriptions/signing.ts";
import { statusOf, subscriptionStatuses } from "../../../subscriptions/status.ts";
import { shownTargetSchema, showTarget } from "../../../subscriptions/target-kinds/target-kinds.ts";
import { openSecrets } from "../../../subscriptions/target-kinds/webhook.ts";
import { showBackoff, shownBackoff } from "../../http/backoff.ts";
import { showCapture, shownCapture } from "../../http/capture.ts";
import { instant, nullable, shownInstant, shownOptional } from "../../http/fields.ts";
import { warnings } from "../../http/filter-warnings.ts";
import { named } from "../../http/named.ts";
import { shownPace, showPace } from "../../http/pace.ts";

/** How subscriptions of every face are shown. Secrets are not. */

const shownTarget = named("ShownTarget", shownTargetSchema);

const shownPolicy = named(
  "NotificationPolicy",
  Type.Object({
    retryStrategy: Type.Enum([...retryStrategies]),
    retryLimit: Type.Integer(),
    retryRate: Type.Integer(),
    retryDelay: Type.Integer(),
    saveOnFailure: Type.Boolean(),
  }),
);

export const shownSubscription = named(
  "Subscription",
  Type.Object({
    id: Type.String(),
    face: Type.Enum([...faces]),
    event: Type.String(),
    resource: Type.String({ description: "Uuid of what it is about, or `*`." }),
    bucket: nullable(Type.String({ description: "Its name, on the objects face." })),
    app: nullable(Type.String({ description: "Its slug, on the lifecycle face." })),
    filter: nullable(Type.String()),
    target: shownTarget,
    persistent: Type.Boolean(),
    enabled: Type.Boolean(),
    status: Type.Enum([...subscriptionStatuses], {
      description:
        "`inactive`: disabled, or what it was about is gone. `unconfirmed`: the owner of the address has not agreed yet. `complete`, `failed`: what came of the one event of a subscription that is not persistent.",
    }),
    confirmed: nullable(Type.Boolean({ description: "Of e-mail: whether the owner of the address agreed." })),
    confirmation: nullable(
      named(
        "Confirmation",
        Type.Object(
          {
            state: Type.Enum(["waiting", "asked", "refused"]),
            message: Type.String(),
            asked_at: nullable(instant),
            next_at: nullable({
              ...instant,
              description: "When it goes at the latest, if nothing else keeps it back.",
            }),
          },
          {
            description:
              "While the owner of the address has not agreed: how far the question to them has come. An address is asked once a week at the most, by all tenants together, until it answers.",
          },
        ),
      ),
    ),
    paused: nullable(
      named(
        "SubscriptionPause",
        Type.Object({
          reason: Type.Enum([...pauseReasons], {
            description:
              "It answered 410; the function is disabled; its owner was ended, or has a role now that may not have it: who resumes it then becomes its owner; the filter, which an older version accepted, cannot be read any more; or its destination was deleted: name another one as its target.",
          }),
          since: instant,
        }),
      ),
    ),
    max_retries: nullable(Type.Integer({ description: "Of PRE events, which are not tried again: null." })),
    backoff: nullable(shownBackoff),
    ...shownPace,
    ...shownCapture,
    policy: nullable({ ...shownPolicy, description: "On the notifications face." }),
    previous_secret_until: nullable({
      ...instant,
      description: "Of webhooks: until when the signing secret before the newest signs too.",
    }),
    owner: Type.String(),
    created_at: instant,
    updated_at: instant,
  }),
);

const signingSecret = Type.String({ description: "`whsec_…`, for verifying `webhook-signature`. Shown only now." });

export const savedSubscription = named("SavedSubscription", Type.Object({ ...shownSubscription.properties, warnings }));
export const madeSubscription = named(
  "MadeSubscription",
  Type.Object({
    ...savedSubscription.properties,
    signing_secret: Type.Optional({ ...signingSecret, description: "Of webhooks: `whsec_…`. Shown only now." }),
  }),
);
export const rotatedSubscription = named(
  "RotatedSubscription",
  Type.Object({
    ...shownSubscription.properties,
    signing_secret: signingSecret,
    previous_secret_until: instant,
  }),
);

type Shown = Static<typeof shownSubscription>;

export async function showSubscription(
  { store, vault, clock }: Pick<Context, "store" | "vault" | "clock">,
  subscription: Subscription,
): Promise<Shown> {
  const { uuid, face, event, scope, filter, target, once, enabled, unconfirmed, paused } = subscription;
  const { policy, pace, capture, retry, owner, createdMs, updatedMs } = subscription;
  const nowMs = clock.now();
  const isHook = targetFactsOf(target).isHook(target);
  return {
    id: uuid,
    face,
    event,
    resource: scope,
    ...(await namesOf(store, subscription)),
    filter: filter ?? null,
    target: showTarget({ vault }, target),
    persistent: once === undefined,
    enabled,
    status: statusOf(subscription),
    confirmed: addresseeOf(target) === undefined ? null : unconfirmed === undefined,
    confirmation: showAsked(await askedOf(store, subscription, nowMs)),
    paused: paused === undefined ? null : { reason: paused.reason, since: shownInstant(paused.sinceMs) },
    max_retries: isHook ? null : policy.maxRetries,
    backoff: isHook ? null : showBackoff(policy),
    ...showPace(pace),
    ...showCapture(capture),
    policy: retry === undefined ? null : { ...retry },
    previous_secret_until: shownOptional(
      target.kind === "webhook" ? previousSecretUntil(openSecrets({ vault }, target).signing, nowMs) : undefined,
    ),
    owner,
    created_at: shownInstant(createdMs),
    updated_at: shownInstant(updatedMs),
  };
}

function showAsked(asked: Asked | undefined): Shown["confirmation"] {
  if (asked === undefined) return null;
  const { state, message, askedMs, nextMs } = asked;
  return { state, message, asked_at: shownOptional(askedMs), next_at: shownOptional(nextMs) };
}

async function namesOf(store: Store, { face, scope }: Subscription): Promise<Pick<Shown, "bucket" | "app">> {
  const isOne = scope !== anyResource;
  const bucket = isOne && face === "objects" ? await store.objects.bucketByUuid(scope) : undefined;
  const app = isOne && face === "lifecycle" ? await store.apps.appByUuid(scope) : undefined;
  return { bucket: bucket?.name ?? null, app: app?.slug ?? null };
}
