import type { Clock } from "../clock.ts";
import type { DeliveryRecord } from "../domain/delivery.ts";
import type { Event, NewEvent } from "../domain/event.ts";
import { deliveryUuid, uuidV7 } from "../domain/ids.ts";
import { subscriptionEvents, tellsOutcome } from "../domain/notifications/names.ts";
import { resourceData } from "../domain/notifications/resource-data.ts";
import type { Subscription } from "../domain/subscription.ts";

/** What came of a delivery: it ended, with this. */
export interface EndedAttempt {
  readonly subscription: Subscription;
  readonly event: Event;
  readonly record: DeliveryRecord;
}

/**
 * `SUCCESS` or `FAILURE` of a subscription. Deliveries of such outcomes have none (`undefined`): they would go round
 * for ever.
 */
export function outcomeEvent(clock: Clock, { subscription, event, record }: EndedAttempt): NewEvent | undefined {
  if (tellsOutcome(event)) return undefined;
  const { uuid, tenant, owner, face } = subscription;
  const nowMs = clock.now();
  const delivered = record.status === "delivered";
  return {
    id: uuidV7({ nowMs, bytes: clock.bytes(10) }),
    tenant,
    resource: uuid,
    names: { notifications: delivered ? subscriptionEvents.success : subscriptionEvents.failure },
    owners: [owner],
    origin: "engine",
    timeMs: nowMs,
    data: resourceData({
      kind: "subscription",
      resource: {
        id: uuid,
        uuid,
        owner,
        event: event.names[face] ?? event.names.notifications ?? "",
        associatedUuid: event.resource,
        delivery: deliveryUuid(record.sequence, uuid),
        attempts: record.attempts,
        responseCode: record.attempt?.status ?? null,
        message: record.attempt?.message ?? null,
        reason: record.reason ?? null,
      },
    }),
  };
}
