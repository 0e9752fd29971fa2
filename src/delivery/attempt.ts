import type { DeliveryRecord, DueDelivery } from "../domain/delivery.ts";
import type { Event } from "../domain/event.ts";
import { deliveryUuid } from "../domain/ids.ts";
import type { AttemptResult, ToldDeliverable } from "../targets/target.ts";
import type { RunningAttempt } from "./attempt-capacity.ts";
import type { Lane, Queued } from "./lane.ts";

/** Gets to know what came of a delivery: `undefined` when it was cancelled, and there is nothing to record. */
export interface OutcomeTaker {
  ended(record: DeliveryRecord | undefined): void;
}

/** What it is made of, and who goes on when it has ended. */
interface AttemptParts {
  readonly lane: Lane;
  readonly due: DueDelivery;
  readonly running: RunningAttempt;
  readonly to: OutcomeTaker;
  readonly ended: (attempt: AttemptUnderWay, result: AttemptResult) => void;
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

/** Gets what comes first of each delivery of one event. */
export interface FirstOutcomes {
  /** Now or later; `undefined` as for {@link OutcomeTaker}. {@link FirstDelivery.durable} is to be called when the record is that. */
  ended(record: DeliveryRecord | undefined, first: FirstDelivery): void;
}

interface FirstParts {
  readonly lane: Lane;
  readonly due: DueDelivery;
  readonly bytes: number;
  readonly outcomes: FirstOutcomes;
}

interface FirstSteps {
  readonly attempt: (lane: Lane, due: DueDelivery, to: OutcomeTaker) => void;
  readonly parked: (lane: Lane, due: DueDelivery) => DeliveryRecord | undefined;
  readonly durable: (first: FirstDelivery, record: DeliveryRecord) => void;
}

/** A delivery from the moment its event is handed over until what first came of it is durable. It may stand in line meanwhile. */
export class FirstDelivery implements OutcomeTaker, Queued {
  readonly lane: Lane;
  readonly due: DueDelivery;
  /** Of its event, as its share of what is open. */
  readonly bytes: number;
  sinceMs = 0;
  readonly #steps: FirstSteps;
  readonly #outcomes: FirstOutcomes;

  constructor({ lane, due, bytes, outcomes }: FirstParts, steps: FirstSteps) {
    this.lane = lane;
    this.due = due;
    this.bytes = bytes;
    this.#steps = steps;
    this.#outcomes = outcomes;
  }

  begin(): void {
    this.#steps.attempt(this.lane, this.due, this);
  }

  park(): void {
    this.ended(this.#steps.parked(this.lane, this.due));
  }

  ended(record: DeliveryRecord | undefined): void {
    this.#outcomes.ended(record, this);
  }

  durable(record: DeliveryRecord): void {
    this.#steps.durable(this, record);
  }
}
