import type { DeliveryRecord, DueDelivery } from "../domain/delivery.ts";
import type { Event } from "../domain/event.ts";
import type { First, OutcomeTaker } from "./attemptable.ts";
import { type Lane, onlyInMemoryMs } from "./lane.ts";

/** Gets what comes first of each delivery of one event. */
export interface FirstOutcomes {
  /** Now or later; `undefined` as for {@link OutcomeTaker}. {@link FirstDelivery.durable} is to be called when the record is that. */
  ended(record: DeliveryRecord | undefined, first: FirstDelivery): void;
}

interface FirstParts {
  readonly lane: Lane;
  readonly event: Event;
  /** Of the event. */
  readonly eventBytes: number;
  /** The delivery's share of them. */
  readonly bytes: number;
  readonly sinceMs: number;
  readonly outcomes: FirstOutcomes;
}

/** What its deliverer does for all of them. */
interface FirstSteps {
  readonly holds: (sequence: number) => boolean;
  /** The lane's slot is taken; tells when it began. */
  readonly attempt: (lane: Lane, due: DueDelivery, to: OutcomeTaker) => number;
  /** The record of one that is put off. */
  readonly waiting: (first: FirstDelivery, why: "parked" | "long") => DeliveryRecord;
  /** What came first of it is durable. */
  readonly durable: (first: FirstDelivery, record: DeliveryRecord) => void;
  /** What came of its attempt, when the store calls it waiting already. */
  readonly settle: (lane: Lane, record: DeliveryRecord) => void;
}

/**
 * A delivery from the moment its event is handed over until what first came of it is durable.
 *
 *   open ──begins──▶ under way ──ended──▶ over
 *    │                   │
 *    └─park─▶ over       └──after some seconds──▶ recording ──durable──▶ recorded ──ended──▶ over
 *
 * One whose attempt takes long is recorded as waiting, so that its event is done and the feed's watermark moves on; after a crash it is found among
 * what waits, and attempted again. An outcome that comes while that is on its way to the disk stays back until it is there: in one commit it
 * would be uncertain which of the two rows is the last.
 */
export class FirstDelivery implements First, OutcomeTaker {
  readonly lane: Lane;
  readonly due: DueDelivery;
  readonly bytes: number;
  readonly eventBytes: number;
  readonly sinceMs: number;
  readonly #steps: FirstSteps;
  readonly #outcomes: FirstOutcomes;
  #state: "open" | "under way" | "recording" | "recorded" | "over" = "open";
  #beganMs = 0;
  /** Came while it was being recorded as waiting. */
  #outcome: DeliveryRecord | undefined;

  constructor({ lane, event, eventBytes, bytes, sinceMs, outcomes }: FirstParts, steps: FirstSteps) {
    this.lane = lane;
    this.due = { event, attempts: 0, tries: 0, bytes: eventBytes, isNew: true };
    this.bytes = bytes;
    this.eventBytes = eventBytes;
    this.sinceMs = sinceMs;
    this.#steps = steps;
    this.#outcomes = outcomes;
  }

  get event(): Event {
    return this.due.event;
  }

  begin(): void {
    // Another node sends it, so what is recorded here comes to nothing.
    if (!this.#steps.holds(this.event.sequence)) return this.park();
    this.#state = "under way";
    this.#beganMs = this.#steps.attempt(this.lane, this.due, this);
  }

  began(nowMs: number): void {
    this.#state = "under way";
    this.#beganMs = nowMs;
  }

  get to(): OutcomeTaker {
    return this;
  }

  park(): void {
    this.end(this.#steps.waiting(this, "parked"));
  }

  /** Without an attempt. */
  end(record: DeliveryRecord): void {
    this.#state = "over";
    this.#outcomes.ended(record, this);
  }

  recordLong(nowMs: number): void {
    if (this.#state !== "under way" || nowMs - this.#beganMs < onlyInMemoryMs) return;
    this.#state = "recording";
    this.lane.claimed(this.event.sequence);
    this.#outcomes.ended(this.#steps.waiting(this, "long"), this);
  }

  ended(record: DeliveryRecord | undefined): void {
    if (this.#state === "recording") this.#outcome = record;
    else if (this.#state === "recorded") this.#settle(record);
    else {
      this.#state = "over";
      this.#outcomes.ended(record, this);
    }
  }

  durable(record: DeliveryRecord): void {
    const wasRecording = this.#state === "recording";
    if (wasRecording) this.#state = "recorded";
    this.#steps.durable(this, record);
    if (wasRecording) this.#settle(this.#outcome);
  }

  /** Whether it is not the record of an attempt that goes on. */
  get isOver(): boolean {
    return this.#state === "over";
  }

  #settle(record: DeliveryRecord | undefined): void {
    if (record === undefined) return;
    this.#state = "over";
    // It was recorded as waiting.
    const { isNew: _, ...known } = record;
    this.#steps.settle(this.lane, known);
  }
}
