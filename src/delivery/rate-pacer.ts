/** Those that would begin within this begin together: as often as this, a timer and a look into the store are worth it. */
const togetherMs = 50;
/** What begins evenly does not arrive evenly: so much more lies between two, that a receiver who counts finds none too many. */
const room = 1.05;

/**
 * Lets so many begin in a second, evenly: what has waited for hours goes no faster than what has not. More than twenty in a second go a few
 * at a time, since no timer rings for each of a thousand.
 */
export class RatePacer {
  readonly #everyMs: number;
  readonly #slackMs: number;
  /** When the next would begin if all were as even as could be. */
  #evenMs: number;

  /** @param perSecond more than 0 @param nextMs when the first may begin, as even as could be */
  constructor(perSecond: number, nextMs = 0) {
    this.#evenMs = nextMs;
    this.#everyMs = (1_000 * room) / perSecond;
    this.#slackMs = Math.max(0, togetherMs - this.#everyMs);
  }

  /** From when on as many may begin as ever. */
  get nextMs(): number {
    return Math.ceil(this.#evenMs);
  }

  /** How many may begin now. */
  free(nowMs: number): number {
    const earlyMs = Math.max(0, this.#evenMs - nowMs);
    return earlyMs > this.#slackMs ? 0 : 1 + Math.floor((this.#slackMs - earlyMs) / this.#everyMs);
  }

  begin(nowMs: number): void {
    this.#evenMs = Math.max(this.#evenMs, nowMs) + this.#everyMs;
  }
}
