import type { DeliveryRecord } from "../domain/delivery.ts";
import type { Feed, ToldSettlement } from "../store/feed.ts";

/** Outcomes on their way to the feed. Those of one request are one settlement: one message to the writer, and durable together. */
export class JoinedSettlements {
  readonly #feed: Pick<Feed, "take">;
  #joining: ToldSettlement[] | undefined;

  constructor(feed: Pick<Feed, "take">) {
    this.#feed = feed;
  }

  take(settlement: ToldSettlement): void {
    if (this.#joining === undefined) this.#feed.take(settlement);
    else this.#joining.push(settlement);
  }

  /** What `run` has taken is one. */
  join(run: () => void): void {
    const joined: ToldSettlement[] = [];
    this.#joining = joined;
    try {
      run();
    } finally {
      this.#joining = undefined;
      if (joined.length > 0) this.#feed.take(new Joined(joined));
    }
  }
}

class Joined implements ToldSettlement {
  readonly records: readonly DeliveryRecord[];
  readonly done: readonly number[];
  readonly #parts: readonly ToldSettlement[];

  constructor(parts: readonly ToldSettlement[]) {
    this.records = parts.flatMap(({ records }) => records);
    this.done = parts.flatMap(({ done }) => done);
    this.#parts = parts;
  }

  settled(durable: boolean): void {
    for (const part of this.#parts) part.settled(durable);
  }
}
