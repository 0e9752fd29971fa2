import type { AttemptCapacity } from "./attempt-capacity.ts";
import type { LineRoom } from "./line.ts";

/** First outcomes that are on their way to or from an attempt, or to the store, and the bytes of their events: dispatch waits for more. */
const most = 1_024;
const mostBytes = 16 * 2 ** 20;

/** About what an event's data takes in memory, and how many subscriptions it goes to. */
export interface EventSize {
  readonly bytes: number;
  readonly among: number;
}

/**
 * First outcomes from their dispatch until they are durable. What is under way at a target is bounded by {@link AttemptCapacity}, what stands in
 * line by {@link LineRoom}; neither is counted here, so that targets that hang, or have much to do, hold up no other.
 */
export class OpenOutcomes {
  readonly #capacity: AttemptCapacity;
  readonly #lines: LineRoom;
  #count = 0;
  #bytes = 0;

  constructor(capacity: AttemptCapacity, lines: LineRoom) {
    this.#capacity = capacity;
    this.#lines = lines;
  }

  open(bytes: number): void {
    this.#count += 1;
    this.#bytes += bytes;
  }

  close(bytes: number): void {
    this.#count -= 1;
    this.#bytes -= bytes;
  }

  /** How many more may be opened. */
  get room(): number {
    if (this.#bytes - this.#capacity.bytesUnderWay - this.#lines.bytes >= mostBytes) return 0;
    return Math.max(0, most + this.#capacity.eventsUnderWay + this.#lines.count - this.#count);
  }
}
