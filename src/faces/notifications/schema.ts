import { Type } from "typebox";
import { defaultRequestedRetries, retryStrategies } from "../../domain/requested-retries.ts";
import { attemptStatuses } from "../../subscriptions/attempts.ts";
import { notificationStatuses } from "../../subscriptions/facts.ts";
import { instant, nullable } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { notificationBatch, requestedBatch } from "./batch.ts";

/** What the notifications face takes and tells. */

const retryStrategy = Type.Enum([...retryStrategies], { default: defaultRequestedRetries.retryStrategy });
const retryLimit = Type.Integer({
  minimum: 0,
  maximum: 1440,
  default: defaultRequestedRetries.retryLimit,
  description: "Tries after the first.",
});
const retryRate = Type.Integer({
  minimum: 0,
  maximum: 86_400,
  default: defaultRequestedRetries.retryRate,
  description: "Seconds between two retries.",
});
const retryDelay = Type.Integer({
  minimum: 0,
  maximum: 86_400,
  default: defaultRequestedRetries.retryDelay,
  description: "Seconds before the first retry, with DELAYED.",
});
const saveOnFailure = Type.Boolean({
  default: defaultRequestedRetries.saveOnFailure,
  description: "Kept and shown as it was given; failed attempts are listed in any case.",
});
const policy = { retryStrategy, retryLimit, retryRate, retryDelay, saveOnFailure };

const requested = {
  url: Type.Optional(
    nullable(
      Type.String({
        maxLength: 1024,
        description:
          "An e-mail address, or an http or https url. Macros (`${EVENT}`) stand for what the event tells. Empty or absent: your own e-mail address, once it is confirmed.",
      }),
    ),
  ),
  event: Type.String({
    minLength: 1,
    maxLength: 65,
    description: "In any case of letters. `*`: every event of the resource, and of what lies in it.",
  }),
  associatedUuid: Type.String({
    minLength: 1,
    maxLength: 64,
    description: "Of a resource that you see. Of admins also `*`.",
  }),
};
const persistent = Type.Optional(
  Type.Boolean({ default: false, description: "Whether it is for more than one event." }),
);
const requestedPolicy = Type.Optional(
  named(
    "NewNotificationPolicy",
    Type.Object({
      retryStrategy: Type.Optional(retryStrategy),
      retryLimit: Type.Optional(retryLimit),
      retryRate: Type.Optional(retryRate),
      retryDelay: Type.Optional(retryDelay),
      saveOnFailure: Type.Optional(saveOnFailure),
    }),
  ),
);

const batch = Type.Optional(nullable(requestedBatch));

export const newNotification = named(
  "NewNotification",
  Type.Object({ ...requested, persistent, policy: requestedPolicy, batch }),
);
export const changedNotification = Type.Object(
  {
    url: requested.url,
    event: Type.Optional(requested.event),
    associatedUuid: Type.Optional(requested.associatedUuid),
    persistent,
    policy: requestedPolicy,
    batch,
  },
  { description: "What is absent stays." },
);
export const firing = Type.Object(
  {
    event: Type.Optional(Type.String({ default: "FORCED_EVENT" })),
    associatedUuid: Type.Optional(requested.associatedUuid),
    message: Type.Optional(Type.String({ maxLength: 65_536 })),
  },
  { description: "Of admins only: what is sent otherwise." },
);

const link = named("Link", Type.Object({ href: Type.String() }));
/** Beside these one by the name of the resource's kind. */
const links = (...names: readonly string[]) =>
  Type.Object(Object.fromEntries(names.map((name) => [name, link])), { additionalProperties: link });

export const shownNotification = named(
  "NotificationSubscription",
  Type.Object({
    id: Type.String(),
    owner: Type.String(),
    url: Type.String({ description: "Without user and password." }),
    associatedUuid: Type.String(),
    event: Type.String(),
    responseCode: nullable(Type.Integer({ description: "Of the last try of the newest attempt." })),
    attempts: Type.Integer({ description: "Tries of the newest attempt." }),
    lastSent: nullable(instant),
    success: Type.Boolean({ description: "Whether the newest attempt was acknowledged." }),
    persistent: Type.Boolean(),
    status: Type.Enum([...notificationStatuses]),
    lastUpdated: instant,
    created: instant,
    policy: Type.Object(policy),
    batch: Type.Optional({ ...notificationBatch, description: "Where several events go in one request." }),
    confirmed: Type.Optional(Type.Boolean({ description: "Of an e-mail address: whether its owner agreed." })),
    confirmation: Type.Optional(
      Type.Object(
        {
          state: Type.Enum(["waiting", "asked", "refused"]),
          message: Type.String(),
          asked: Type.Union([Type.String(), Type.Null()]),
          next: Type.Union([Type.String(), Type.Null()]),
        },
        { description: "While its owner has not agreed: how far the question to them has come, and why it waits." },
      ),
    ),
    signingSecret: Type.Optional(
      Type.String({ description: "`whsec_…`, for verifying `webhook-signature`. Shown only now." }),
    ),
    warnings: Type.Optional(
      Type.Array(Type.String(), { description: "What is doubtful about what was asked for. Shown only now." }),
    ),
    _links: links("self", "attempts", "owner"),
  }),
);

export const listedSubscription = named(
  "ListedNotification",
  Type.Object({
    id: Type.String(),
    url: Type.String(),
    associatedUuid: Type.String(),
    event: Type.String(),
    _links: links("self", "profile"),
  }),
);

export const shownAttempt = named(
  "NotificationAttempt",
  Type.Object({
    id: Type.String({ description: "The same on every try: the `webhook-id` header." }),
    url: Type.String({ description: "With what its macros stood for, once it was sent." }),
    event: Type.String(),
    associatedUuid: Type.String({ description: "Of the resource that changed." }),
    notificationId: Type.String(),
    status: Type.Enum([...attemptStatuses]),
    attempts: Type.Integer({ description: "Tries so far." }),
    created: instant,
    nextAttempt: nullable(instant),
    startTime: nullable(instant),
    endTime: nullable(instant),
    response: Type.Object({
      code: nullable(Type.Integer({ description: "HTTP status, or SMTP's, when there was an answer." })),
      message: nullable(Type.String({ description: "The first 2 KiB at most of the answer, or what went wrong." })),
    }),
    _links: links("self", "notification", "profile"),
  }),
);

export const shownEvents = Type.Array(
  Type.Object({
    resource: Type.String({ description: "Name of the kind." }),
    code: Type.String({ description: "What uuids of the kind end in." }),
    events: Type.Array(Type.String(), { description: "That may be subscribed to at such a resource." }),
    raised: Type.Array(
      Type.Object({
        event: Type.String(),
        by: Type.Enum(["signalbox", "host"], { description: "`host`: the program that Signalbox runs in." }),
        of: Type.Optional(
          Type.String({ description: "Kind of the resource that it happens to, where that lies in the one watched." }),
        ),
        when: Type.Optional(Type.String({ description: "When Signalbox raises it." })),
      }),
    ),
    open: Type.Boolean({ description: "Whether there may be others, too." }),
  }),
);
