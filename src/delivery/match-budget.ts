import type { Clock } from "../clock.ts";
import { sleep } from "../clock.ts";
import { alone, ownRate, type Sharers } from "../pace/own-share.ts";

/** A tenant that matched little before may spend this many seconds' worth at once. */
const burstSeconds = 2;
/** Nothing is known of a tenant whose budget is full: it is forgotten then. */
const sweepAtTenants = 10_000;

interface Account {
  /** Milliseconds that may be spent; below zero when what was begun took longer. */
  leftMs: number;
  atMs: number;
}

/**
 * How long the filters of each tenant may be asked: so many milliseconds of each second, and unused ones of the last {@link burstSeconds}
 * seconds. Who has spent all waits for more, alone. Of several nodes each gives its share.
 */
export class MatchBudget {
  readonly #clock: Clock;
  readonly msPerSecond: number;
  readonly #sharers: Sharers;
  readonly #accounts = new Map<string, Account>();

  /** @param msPerSecond of matching that a tenant has in each second. */
  constructor(clock: Clock, msPerSecond: number, sharers: Sharers = alone) {
    this.#clock = clock;
    this.msPerSecond = msPerSecond;
    this.#sharers = sharers;
  }

  get #ownPerSecond(): number {
    return ownRate(this.msPerSecond, this.#sharers);
  }

  /** Counts what was spent. */
  charge(tenant: string, ms: number): void {
    const account = this.#account(tenant);
    account.leftMs -= ms;
  }

  /** Milliseconds until the tenant may go on; 0: now. */
  waitMs(tenant: string): number {
    const known = this.#accounts.get(tenant);
    if (known === undefined) return 0;
    const { leftMs } = this.#account(tenant);
    return leftMs > 0 ? 0 : Math.ceil((1 - leftMs) * (1_000 / this.#ownPerSecond));
  }

  /** Resolves when the tenant may go on, or `signal` aborts. */
  async ready(tenant: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      const waitMs = this.waitMs(tenant);
      if (waitMs === 0 || signal.aborted) return;
      await sleep(this.#clock, waitMs, signal);
    }
  }

  #account(tenant: string): Account {
    const nowMs = this.#clock.steady();
    const mostMs = burstSeconds * this.#ownPerSecond;
    let account = this.#accounts.get(tenant);
    if (account === undefined) {
      if (this.#accounts.size >= sweepAtTenants) this.#sweep(nowMs);
      account = { leftMs: mostMs, atMs: nowMs };
      this.#accounts.set(tenant, account);
    }
    // The clock may be set back.
    const gainedMs = (Math.max(0, nowMs - account.atMs) * this.#ownPerSecond) / 1_000;
    account.leftMs = Math.min(mostMs, account.leftMs + gainedMs);
    account.atMs = nowMs;
    return account;
  }

  #sweep(nowMs: number): void {
    for (const [tenant, { atMs, leftMs }] of this.#accounts) {
      if (leftMs > 0 && nowMs - atMs > burstSeconds * 1_000) this.#accounts.delete(tenant);
    }
  }
}
