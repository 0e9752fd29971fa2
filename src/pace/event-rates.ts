import { type QuotaState, tooManyEvents } from "../domain/quotas.ts";
import { alone, ownRate, type Sharers } from "./own-share.ts";

/** How many seconds' worth of events may come at once. */
const burstSeconds = 2;

interface Account {
  /** Below nought when one request made many events: what follows waits for that. */
  tokens: number;
  atMs: number;
  /** Events in the second `second`, and in the one before it. */
  second: number;
  count: number;
  before: number;
}

class Admission implements Disposable {
  #giveBack: (() => void) | undefined;

  constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  [Symbol.dispose](): void {
    const giveBack = this.#giveBack;
    this.#giveBack = undefined;
    giveBack?.();
  }
}

/**
 * How many events a second each tenant makes, and whether it may make more now: a bucket of tokens for each, in memory. A request that is
 * going to make an event takes a token before anything is done for it ({@link admit}), so that what is refused costs nothing; what is
 * committed is counted in one place for all ways ({@link took}), and the token is given back then. Of several nodes each gives its share.
 */
export class EventRates {
  readonly #perSecond: number;
  readonly #limits: Map<string, number>;
  readonly #now: () => number;
  readonly #sharers: Sharers;
  readonly #accounts = new Map<string, Account>();

  /** @param limits of single tenants; the others have `perSecond`. @param now in ms; any clock that does not go back. */
  constructor(
    perSecond: number,
    limits: ReadonlyMap<string, number>,
    {
      now = () => performance.now(),
      sharers = alone,
    }: { readonly now?: () => number; readonly sharers?: Sharers } = {},
  ) {
    this.#perSecond = perSecond;
    this.#limits = new Map(limits);
    this.#now = now;
    this.#sharers = sharers;
  }

  limitOf(tenant: string): number {
    return this.#limits.get(tenant) ?? this.#perSecond;
  }

  #ownLimitOf(tenant: string): number {
    return ownRate(this.limitOf(tenant), this.#sharers);
  }

  /** All that single tenants have, as they were set elsewhere. */
  setLimits(limits: ReadonlyMap<string, number>): void {
    const known = this.#limits;
    for (const tenant of known.keys()) if (!limits.has(tenant)) this.setLimit(tenant, null);
    for (const [tenant, limit] of limits) if (known.get(tenant) !== limit) this.setLimit(tenant, limit);
  }

  /** From now on; `null`: that of all. */
  setLimit(tenant: string, limit: number | null): void {
    const account = this.#account(tenant);
    if (limit === null) this.#limits.delete(tenant);
    else this.#limits.set(tenant, limit);
    // Neither what was saved up at a higher rate nor what is owed from a lower one holds on.
    account.tokens = this.#ownLimitOf(tenant) * burstSeconds;
  }

  /** Before a request is looked at any further. @throws SignalboxError `too_many_requests` when {@link admit} would. */
  judge(tenant: string): void {
    this.#judged(tenant);
  }

  /** @returns what the tenant has, if that is enough for one. */
  #judged(tenant: string): Account {
    const account = this.#account(tenant);
    if (account.tokens >= 1) return account;
    const own = this.#ownLimitOf(tenant);
    const limit = this.limitOf(tenant);
    const retryAfterMs = own === 0 ? 1_000 : Math.ceil(((1 - account.tokens) / own) * 1_000);
    throw tooManyEvents(tenant, { limit, used: this.#used(account), retryAfterMs });
  }

  /**
   * Takes the token of an event that is about to be made. Disposed of once the event is made, or is not going to be.
   *
   * @throws SignalboxError `too_many_requests`, with when to try again.
   */
  admit(tenant: string): Disposable {
    const account = this.#judged(tenant);
    account.tokens -= 1;
    // What has grown meanwhile is added when it is next asked for, to the same end.
    return new Admission(() => {
      account.tokens = Math.min(account.tokens + 1, this.#ownLimitOf(tenant) * burstSeconds);
    });
  }

  /** So many events were committed. */
  took(tenant: string, events: number): void {
    const account = this.#account(tenant);
    account.tokens -= events;
    account.count += events;
  }

  /** `used`: in about the last second, by as many nodes as there are if each does as much as this one. */
  state(tenant: string): Pick<QuotaState, "limit" | "used"> {
    return { limit: this.limitOf(tenant), used: this.#used(this.#account(tenant)) };
  }

  /** The window of a second slides over the two that are counted. */
  #used({ count, before }: Account): number {
    return Math.round((count + before * (1 - (this.#now() % 1_000) / 1_000)) * this.#sharers.size);
  }

  #account(tenant: string): Account {
    const nowMs = this.#now();
    const second = Math.floor(nowMs / 1_000);
    const limit = this.#ownLimitOf(tenant);
    let account = this.#accounts.get(tenant);
    if (account === undefined) {
      account = { tokens: limit * burstSeconds, atMs: nowMs, second, count: 0, before: 0 };
      this.#accounts.set(tenant, account);
    }
    const grown = (Math.max(0, nowMs - account.atMs) / 1_000) * limit;
    account.tokens = Math.min(account.tokens + grown, limit * burstSeconds);
    account.atMs = nowMs;
    if (second !== account.second) {
      account.before = second === account.second + 1 ? account.count : 0;
      account.count = 0;
      account.second = second;
    }
    return account;
  }
}
