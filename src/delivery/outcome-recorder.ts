import { defined } from "../domain/defined.ts";
import type { DeliveryRecord } from "../domain/delivery.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Ports } from "../ports.ts";
import type { Alerts } from "./alerts.ts";
import { logOutcome } from "./log-outcome.ts";
import { type EndedAttempt, outcomeEvent } from "./outcome-event.ts";

/** To whom it matters how deliveries end. */
interface OutcomeHearers {
  /** Whether others are subscribed to this subscription: only then the outcomes of its deliveries are published. */
  readonly isWatched: (subscription: Uuid) => boolean;
  /** Whether others may have begun to watch one, and this process does not know. */
  readonly mayBeWatched?: boolean;
  readonly alerts?: Pick<Alerts, "ended">;
}

/** Tells what came of an attempt, or of a delivery: the record, with what is announced of it in the same commit. */
export type RecordOutcome = (ended: EndedAttempt) => DeliveryRecord;

/** In the log what failed, to who is subscribed to a subscription how its deliveries ended, and to the tenant's alert target. */
export function outcomeRecorder(
  { clock, log }: Pick<Ports, "clock" | "log">,
  { isWatched, mayBeWatched = false, alerts }: OutcomeHearers,
): RecordOutcome {
  return (ended) => {
    const { subscription, event, record } = ended;
    logOutcome(log, ended);
    const alerted = alerts?.ended(ended) ?? [];
    const isOver = record.status !== "waiting" && record.attempt !== undefined;
    const isAnnounced = isOver && isWatched(subscription.uuid);
    const outcome = isAnnounced ? outcomeEvent(clock, ended) : undefined;
    const unannounced = isOver && !isAnnounced && mayBeWatched ? { subscription, event } : undefined;
    if (outcome === undefined && alerted.length === 0 && unannounced === undefined) return record;
    return {
      ...record,
      ...(outcome === undefined && alerted.length === 0
        ? {}
        : { announced: outcome === undefined ? alerted : [outcome, ...alerted] }),
      ...defined({ unannounced }),
    };
  };
}
