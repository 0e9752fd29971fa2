import { type Static, Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import { deliveryStatuses } from "../../domain/delivery.ts";
import { faces } from "../../domain/event.ts";
import { deliveryUuid, parseUuid, sequenceText, type Uuid } from "../../domain/ids.ts";
import { failureReasons } from "../../domain/retry.ts";
import { functionNumberOf, targetFactsOf } from "../../domain/subscription.ts";
import { invalidField } from "../../errors.ts";
import { type DeliveryFilter, unsentSecret } from "../../history/deliveries.ts";
import type { Delivery } from "../../store/store.ts";
import { instant, nullable, shownInstant, shownOptional } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { attempt, attemptBody } from "./attempt.ts";
import { readBetween } from "./between.ts";

/** How deliveries are asked for and shown. */

const text = Type.String({ minLength: 1, maxLength: 256 });

/** What narrows a list, or a redrive, of deliveries. */
export const narrowing = {
  bucket: Type.Optional(text),
  rule: Type.Optional(
    Type.String({ minLength: 1, maxLength: 256, description: "A rule's id, or a subscription's uuid." }),
  ),
  face: Type.Optional(Type.Enum([...faces], { description: "Of the subscription." })),
  event: Type.Optional(
    Type.String({ minLength: 1, maxLength: 256, description: "Name of the event, such as `OBJECT_CREATED_PUT`." }),
  ),
  resource: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: "Uuid of what changed." })),
  key_prefix: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1024, description: "How the object's key begins." }),
  ),
  http_status: Type.Optional(
    Type.String({
      pattern: "^[1-5](xx|[0-9][0-9])$",
      "x-remedy": "must be a status such as 404, or a class of them such as 5xx",
      description: "What the last attempt was answered: `404`, or any of `5xx`.",
    }),
  ),
  reason: Type.Optional(Type.Enum([...failureReasons], { description: "Why it is dead, or its last attempt failed." })),
  target_host: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 260,
      description: "Of the webhook, with its port or without: `hooks.example.com`.",
    }),
  ),
  function: Type.Optional(Type.Integer({ minimum: 1, description: "Id of the function that it goes to." })),
  min_attempts: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1_000_000, description: "Attempts made, at least." }),
  ),
  since: Type.Optional(Type.String({ format: "date-time", description: "Events at or after this instant." })),
  until: Type.Optional(Type.String({ format: "date-time", description: "Events before this instant." })),
};

type Given = { readonly [Name in keyof typeof narrowing]?: Static<(typeof narrowing)[Name]> | undefined };

/** @throws SignalboxError `invalid_request` naming the field. */
export function readNarrowing(given: Given): DeliveryFilter {
  const {
    bucket,
    rule,
    face,
    event,
    key_prefix: keyPrefix,
    reason,
    function: number,
    min_attempts: minAttempts,
  } = given;
  return defined({
    bucket,
    rule,
    face,
    event,
    resource: given.resource === undefined ? undefined : readResource(given.resource),
    keyPrefix,
    httpStatus: given.http_status === undefined ? undefined : statusesIn(given.http_status),
    reason,
    targetHost: given.target_host === undefined ? undefined : readHost(given.target_host),
    function: number,
    minAttempts,
    ...readBetween(given),
  });
}

function readResource(given: string): Uuid {
  const uuid = parseUuid(given);
  if (uuid === undefined) throw invalidField("resource", "must be the uuid of a resource, with its kind at the end");
  return uuid;
}

function statusesIn(given: string): { readonly from: number; readonly to: number } {
  return { from: Number(given.replace("xx", "00")), to: Number(given.replace("xx", "99")) };
}

function readHost(given: string): string {
  const url = `http://${given}/`;
  const host = URL.canParse(url) && !/[/?#@\\]/.test(given) ? new URL(url).host : "";
  if (host === "") throw invalidField("target_host", "must be a host, such as hooks.example.com or 10.0.0.7:8080");
  return host;
}

export const shownDelivery = named(
  "Delivery",
  Type.Object({
    id: Type.String({ description: "The same on every attempt: the `webhook-id` header." }),
    status: Type.Enum([...deliveryStatuses]),
    rule: Type.String({ description: "Id of the rule, or uuid of the subscription." }),
    target: Type.String({
      description: "Where it goes: the host of a webhook, `function 7`, or the domain of a mail's address.",
    }),
    function_id: nullable(Type.Integer({ description: "When it goes to a function." })),
    bucket: nullable(Type.String({ description: "When it is about an object." })),
    event: named(
      "DeliveredEvent",
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        time: instant,
        sequence: Type.String(),
        resource: Type.String({ description: "Uuid of what changed." }),
        key: nullable(Type.String({ description: "When it is about an object." })),
      }),
    ),
    attempt_count: Type.Integer(),
    next_attempt_at: nullable(instant),
    reason: nullable(Type.String({ description: "Why it is a dead letter." })),
    last_attempt: nullable(attempt),
  }),
);

export function showDelivery({ event, subscription, ...rest }: Delivery): Static<typeof shownDelivery> {
  // An owner who lost sight of the resource before anything left here must not learn it from a list.
  const { bucket, key } = rest.face === unsentSecret && rest.attempts === 0 ? {} : event.data;
  const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
  return {
    id: deliveryUuid(event.sequence, subscription),
    status: rest.status,
    rule: subscription,
    target: targetFactsOf(rest.target).logged(rest.target),
    function_id: functionNumberOf(rest.target) ?? null,
    bucket: textOrNull(bucket),
    event: {
      id: event.id,
      name: event.names[rest.face] ?? "",
      time: shownInstant(event.timeMs),
      sequence: sequenceText(event.sequence),
      resource: event.resource,
      key: textOrNull(key),
    },
    attempt_count: rest.attempts,
    // While its rule is paused or disabled the time is unknown.
    next_attempt_at: rest.status === "waiting" ? shownOptional(rest.dueMs) : null,
    reason: rest.reason ?? null,
    last_attempt: rest.last === undefined ? null : attemptBody(rest.last),
  };
}
