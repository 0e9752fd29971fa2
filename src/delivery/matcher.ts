import { type Clock, sleep } from "../clock.ts";
import { SignalboxError } from "../errors.ts";
import type { Sharers } from "../pace/own-share.ts";
import type { Slices } from "../pace/slices.ts";
import type { EventMatch } from "./event-match.ts";
import { FilterCache } from "./filter-cache.ts";
import { MatchAccounting } from "./match-accounting.ts";
import { MatchBudget } from "./match-budget.ts";

/** The tenant's other works are many: try again then. */
const againMs = 100;
/** Someone waits for the answer: so long at the most for the tenant's share of matching. */
const soonMs = 1_000;

/** Whatever wraps each step, for what has to be known should the process die in it. */
type StepWrapper = <T>(step: () => T) => T;
const bare: StepWrapper = (step) => step();

interface MatcherOptions {
  /** That each tenant has for its filters. */
  readonly msPerSecond: number;
  readonly slices: Slices;
  readonly clock: Clock;
  /** Default: this process alone. */
  readonly sharers?: Sharers;
}

/** Asks filters that cost much: in slices of the loop's turns, within the tenant's budget. */
export class Matcher {
  readonly filters: FilterCache;
  readonly budget: MatchBudget;
  /** The figures that owners of filters see. */
  readonly accounting: MatchAccounting;
  readonly #slices: Slices;
  readonly #clock: Clock;

  constructor({ msPerSecond, slices, clock, sharers }: MatcherOptions) {
    this.filters = new FilterCache();
    this.budget = new MatchBudget(clock, msPerSecond, sharers);
    this.accounting = new MatchAccounting(() => clock.steady());
    this.#slices = slices;
    this.#clock = clock;
  }

  /** Counts what the tenant's filters took. */
  charge(tenant: string, ms: number): void {
    this.budget.charge(tenant, ms);
    this.accounting.spent(tenant, ms);
  }

  /** Resolves when all of `match` is known, however long the tenant has to wait; false when `signal` aborted before. */
  async finish(tenant: string, { rest }: EventMatch, signal?: AbortSignal, wrap: StepWrapper = bare): Promise<boolean> {
    const patient = signal ?? new AbortController().signal;
    if (rest === undefined) return true;
    for (;;) {
      await this.#ready(tenant, patient);
      if (patient.aborted) return false;
      if (!this.#slices.hasRoom(tenant)) {
        await sleep(this.#clock, againMs, patient);
        continue;
      }
      try {
        if (await this.#slices.run(tenant, this.#portion(tenant, rest, wrap), patient)) return true;
      } catch (thrown) {
        if (patient.aborted) return false;
        throw thrown;
      }
    }
  }

  /**
   * The same for an operation that waits.
   *
   * @throws SignalboxError `too_many_requests` when the tenant's share is used up for a second.
   */
  async finishSoon(tenant: string, match: EventMatch): Promise<void> {
    if (match.rest === undefined) return;
    const tooLong = new AbortController();
    const cancel = this.#clock.after(soonMs, () => tooLong.abort());
    try {
      if (this.budget.waitMs(tenant) <= soonMs && (await this.finish(tenant, match, tooLong.signal))) return;
    } finally {
      cancel();
    }
    this.accounting.refused(tenant);
    const message =
      "the filters of this tenant's hooks cost more time than it has: make them simpler, or fewer, or try again later; " +
      "GET /api/cloud/usage/ tells which cost most";
    throw new SignalboxError("too_many_requests", message);
  }

  async #ready(tenant: string, signal: AbortSignal): Promise<void> {
    if (this.budget.waitMs(tenant) === 0) return;
    const sinceMs = this.#clock.steady();
    await this.budget.ready(tenant, signal);
    this.accounting.waited(tenant, Math.max(0, this.#clock.steady() - sinceMs));
  }

  /** As long as the budget lasts. True when nothing is left. */
  *#portion(tenant: string, rest: Generator<void, void, void>, wrap: StepWrapper): Generator<void, boolean, void> {
    for (;;) {
      const sinceMs = performance.now();
      const { done } = wrap(() => rest.next());
      this.charge(tenant, performance.now() - sinceMs);
      if (done === true) return true;
      if (this.budget.waitMs(tenant) > 0) return false;
      yield;
    }
  }
}
