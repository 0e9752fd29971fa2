import type { Clock } from "../../clock.ts";

/**
 * What is had from elsewhere, kept, and had anew: again in the background when it is ten minutes old, and asked for at most once a minute,
 * whatever comes. While the place does not answer, what is known goes on for a day.
 */

const refreshMs = 10 * 60_000;
const retryMs = 60_000;
const longestStaleMs = 24 * 3_600_000;

export class Refreshed {
  readonly #clock: Pick<Clock, "steady">;
  readonly #fetch: () => Promise<boolean>;
  /** When it was had last, and when that was tried last. */
  #fetchedMs = Number.NEGATIVE_INFINITY;
  #triedMs = Number.NEGATIVE_INFINITY;
  #underWay: Promise<void> | undefined;

  /** @param fetch has it, and says whether that succeeded; never throws. */
  constructor(clock: Pick<Clock, "steady">, fetch: () => Promise<boolean>) {
    this.#clock = clock;
    this.#fetch = fetch;
  }

  /** Whether there is none that may be used. One that grows old is fetched meanwhile. */
  isTooOld(): boolean {
    const ageMs = this.#clock.steady() - this.#fetchedMs;
    if (ageMs >= refreshMs) void this.refresh();
    return ageMs >= longestStaleMs;
  }

  /** Resolves at once when it was tried within the last minute. */
  async refresh(): Promise<void> {
    const nowMs = this.#clock.steady();
    if (this.#underWay === undefined && nowMs - this.#triedMs >= retryMs) {
      this.#triedMs = nowMs;
      this.#underWay = this.#fetch()
        .then((isHad) => {
          if (isHad) this.#fetchedMs = this.#clock.steady();
        })
        .finally(() => {
          this.#underWay = undefined;
        });
    }
    await this.#underWay;
  }
}
