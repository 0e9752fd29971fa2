/** How many mails one address may get. Time comes from the clock that is handed in. */
import type { Clock } from "../clock.ts";
import type { CountedMails } from "../store/mailboxes.ts";
import { mailboxOf } from "./address.ts";

export interface AddressLimit {
  /** 0: one more may be sent now, and is counted. Otherwise it waits for so many milliseconds, and then asks again. */
  take(address: string): number | Promise<number>;
  /** What {@link take} allowed was not sent after all. */
  giveBack(address: string): void | Promise<void>;
}

interface Allowance {
  /** At once, after a quiet time. 1–100,000, default 30. */
  readonly burst?: number;
  /** From then on. 1–1,000,000, default 60. */
  readonly perHour?: number;
}

interface AddressLimitOptions extends Allowance {
  readonly clock: Pick<Clock, "steady">;
  /** Of how many addresses it keeps count; those that were quiet for longest are forgotten. Default 100,000. */
  readonly maxAddresses?: number;
}

const hourMs = 3_600_000;
const usualBurst = 30;
const usualPerHour = 60;
/** No mail is put off for longer than this in one go: a caller that waits in vain asks again. */
const longestWaitMs = hourMs;

interface Bucket {
  tokens: number;
  atMs: number;
  /** Until when the tokens to come are promised to who already waits. */
  promisedMs: number;
}

/**
 * A token bucket for each mailbox ({@link mailboxOf}): who may choose how an address is written must not thereby get past the limit. Each
 * of many who wait gets a time of its own, so they do not all come back for the next token.
 */
export function addressLimit(options: AddressLimitOptions): Buckets {
  return new Buckets(options);
}

/** The same for all nodes that send, counted where all of them look, and by the clock of that. */
export function sharedAddressLimit(
  mails: CountedMails,
  { burst = usualBurst, perHour = usualPerHour }: Allowance = {},
): AddressLimit {
  const allowance = { burst, everyMs: hourMs / perHour, longestWaitMs };
  return {
    take: (address) => mails.take(mailboxOf(address), allowance),
    giveBack: (address) => mails.giveBack(mailboxOf(address), allowance),
  };
}

class Buckets implements AddressLimit {
  readonly #clock: Pick<Clock, "steady">;
  readonly #burst: number;
  readonly #everyMs: number;
  readonly #maxAddresses: number;
  /** Those asked for last come last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor({ clock, burst = usualBurst, perHour = usualPerHour, maxAddresses = 100_000 }: AddressLimitOptions) {
    this.#clock = clock;
    this.#burst = burst;
    this.#everyMs = hourMs / perHour;
    this.#maxAddresses = maxAddresses;
  }

  take(address: string): number {
    const nowMs = this.#clock.steady();
    const bucket = this.#bucket(mailboxOf(address), nowMs);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    const nextMs = nowMs + (1 - bucket.tokens) * this.#everyMs;
    const latestMs = nowMs + longestWaitMs;
    bucket.promisedMs = Math.min(latestMs, Math.max(nextMs, bucket.promisedMs + this.#everyMs));
    return Math.max(1, Math.ceil(bucket.promisedMs - nowMs));
  }

  giveBack(address: string): void {
    const bucket = this.#buckets.get(mailboxOf(address));
    if (bucket !== undefined) bucket.tokens = Math.min(this.#burst, bucket.tokens + 1);
  }

  /** As it is now, and put last. */
  #bucket(mailbox: string, nowMs: number): Bucket {
    const bucket = this.#buckets.get(mailbox) ?? { tokens: this.#burst, atMs: nowMs, promisedMs: 0 };
    // A clock that was set back gives nothing and takes nothing.
    const passedMs = Math.max(0, nowMs - bucket.atMs);
    bucket.tokens = Math.min(this.#burst, bucket.tokens + passedMs / this.#everyMs);
    bucket.atMs = nowMs;
    this.#buckets.delete(mailbox);
    this.#buckets.set(mailbox, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > this.#maxAddresses && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket;
  }
}
