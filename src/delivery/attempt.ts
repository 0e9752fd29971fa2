import type { DueDelivery } from "../domain/delivery.ts";
import type { Event } from "../domain/event.ts";
import { deliveryUuid } from "../domain/ids.ts";
import type { AttemptResult, Deliverable, ToldDeliverable } from "../targets/target.ts";
import type { RunningAttempt } from "./attempt-capacity.ts";
import type { Attemptable, OutcomeTaker } from "./attemptable.ts";
import type { Lane } from "./lane.ts";

/** An attempt under way of several in one request. */
export interface BatchUnderWay {
  readonly lane: Lane;
  readonly members: readonly Attemptable[];
  readonly running: RunningAttempt;
  /** Of the subscription, when it began. */
  readonly revision: number;
}

/** What it is made of, and who goes on when it has ended. */
interface AttemptParts {
  readonly lane: Lane;
  readonly due: DueDelivery;
  readonly running: RunningAttempt;
  readonly to: OutcomeTaker;
  readonly ended: (attempt: AttemptUnderWay, result: AttemptResult) => void;
}

/** What its target is given of one that is due. */
export function deliverableOf({ subscription }: Lane, { event, attempts }: DueDelivery): Deliverable {
  return { uuid: deliveryUuid(event.sequence, subscription.uuid), event, attempt: attempts + 1 };
}

/** An attempt under way: what its target is given, and told the result of. */
export class AttemptUnderWay implements ToldDeliverable {
  readonly uuid: string;
  readonly event: Event;
  readonly attempt: number;
  readonly lane: Lane;
  readonly due: DueDelivery;
  readonly running: RunningAttempt;
  /** Of the subscription, when it began. */
  readonly revision: number;
  readonly to: OutcomeTaker;
  readonly #ended: AttemptParts["ended"];

  constructor({ lane, due, running, to, ended }: AttemptParts) {
    const { uuid, revision } = lane.subscription;
    this.uuid = deliveryUuid(due.event.sequence, uuid);
    this.event = due.event;
    this.attempt = due.attempts + 1;
    this.lane = lane;
    this.due = due;
    this.running = running;
    this.revision = revision;
    this.to = to;
    this.#ended = ended;
  }

  attempted(result: AttemptResult): void {
    this.#ended(this, result);
  }
}
