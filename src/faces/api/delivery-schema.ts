import { type Static, Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import { deliveryStatuses } from "../../domain/delivery.ts";
import { deliveryUuid, sequenceText } from "../../domain/ids.ts";
import { invalidField } from "../../errors.ts";
import type { DeliveryFilter } from "../../history/deliveries.ts";
import type { Delivery } from "../../store/store.ts";
import { instant, nullable, readInstant, shownInstant, shownOptional } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { attempt, attemptBody } from "./attempt.ts";

/** How deliveries are asked for and shown. */

const text = Type.String({ minLength: 1, maxLength: 256 });

/** What narrows a list, or a redrive, of deliveries. */
export const narrowing = {
  bucket: Type.Optional(text),
  rule: Type.Optional(
    Type.String({ minLength: 1, maxLength: 256, description: "A rule's id, or a subscription's uuid." }),
  ),
  since: Type.Optional(Type.String({ format: "date-time", description: "Events at or after this instant." })),
  until: Type.Optional(Type.String({ format: "date-time", description: "Events before this instant." })),
};

export function readNarrowing(given: {
  readonly bucket?: string;
  readonly rule?: string;
  readonly since?: string;
  readonly until?: string;
}): DeliveryFilter {
  const sinceMs = given.since === undefined ? undefined : readInstant("since", given.since);
  const untilMs = given.until === undefined ? undefined : readInstant("until", given.until);
  if (sinceMs !== undefined && untilMs !== undefined && sinceMs >= untilMs) {
    throw invalidField("until", "must be later than since");
  }
  return defined({ bucket: given.bucket, rule: given.rule, sinceMs, untilMs });
}

export const shownDelivery = named(
  "Delivery",
  Type.Object({
    id: Type.String({ description: "The same on every attempt: the `webhook-id` header." }),
    status: Type.Enum([...deliveryStatuses]),
    rule: Type.String({ description: "Id of the rule, or uuid of the subscription." }),
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
  const { bucket, key } = rest.face === "notifications" && rest.attempts === 0 ? {} : event.data;
  const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
  return {
    id: deliveryUuid(event.sequence, subscription),
    status: rest.status,
    rule: subscription,
    function_id: rest.function ?? null,
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
