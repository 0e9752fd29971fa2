import type { Event, Face } from "../domain/event.ts";
import type { stillLooking } from "../domain/filter/index.ts";
import { filterable, matchesScope } from "./event-scopes.ts";
import type { FilterCache } from "./filter-cache.ts";
import type { MatchCandidate, MatchCandidates } from "./match-candidates.ts";
import type { PastSubscription } from "./tenant-indexes.ts";

interface Pasts {
  readonly pasts: readonly PastSubscription[];
  readonly event: Event;
  /** The face that counts; `undefined`: all. */
  readonly only: Face | undefined;
  readonly filters: FilterCache;
}

/** Those that have changed since stand behind the others. */
const lastRank = Number.MAX_SAFE_INTEGER;

/** Subscriptions that meet an event as they are, and those that have changed since, as they were. */
export class PastCandidates implements MatchCandidates {
  readonly #now: MatchCandidates;
  readonly #pasts: Pasts;
  #at = 0;
  #asks = false;

  constructor(now: MatchCandidates, pasts: Pasts) {
    this.#now = now;
    this.#pasts = pasts;
  }

  get asks(): boolean {
    return this.#asks || this.#now.asks;
  }

  next(): MatchCandidate | typeof stillLooking | undefined {
    const candidate = this.#now.next();
    if (candidate !== undefined) return candidate;
    const { pasts } = this.#pasts;
    for (let past = pasts[this.#at]; past !== undefined; past = pasts[this.#at]) {
      this.#at += 1;
      const then = this.#candidate(past);
      if (then !== undefined) return then;
    }
    return undefined;
  }

  use(): void {
    this.#now.use();
  }

  done(): void {
    this.#now.done();
  }

  #candidate({ version, now }: PastSubscription): MatchCandidate | undefined {
    const { event, only, filters } = this.#pasts;
    const { face, filter: text } = version;
    if (only !== undefined && face !== only) return undefined;
    if (!matchesScope(event, version, now)) return undefined;
    const filter = text === undefined ? undefined : filters.get({ tenant: event.tenant, face }, text);
    this.#asks ||= filter !== undefined;
    return { number: now.number, rank: lastRank, subscription: now, read: filterable[face].read(event), filter };
  }
}
