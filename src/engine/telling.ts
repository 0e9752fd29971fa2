import type { Clock } from "../clock.ts";
import type { DeliveryRecord } from "../domain/delivery.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Log } from "../log.ts";
import { logOutcome } from "./log-outcome.ts";
import { type Ended, outcomeEvent } from "./outcome-event.ts";

export interface TellingDeps {
  /** Whether somebody is subscribed to this subscription: only then what came of its deliveries is announced. */
  readonly isWatched: (subscription: Uuid) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Tells what came of an attempt, or of a delivery: the record, with what is announced of it in the same commit. */
export type Tell = (ended: Ended) => DeliveryRecord;

/** In the log what failed, and to who is subscribed to a subscription how its deliveries ended. */
export function telling({ isWatched, clock, log }: TellingDeps): Tell {
  return (ended) => {
    const { subscription, record } = ended;
    logOutcome(log, ended);
    if (record.status === "waiting" || record.attempt === undefined || !isWatched(subscription.uuid)) return record;
    const announced = outcomeEvent(clock, ended);
    return announced === undefined ? record : { ...record, announced };
  };
}
