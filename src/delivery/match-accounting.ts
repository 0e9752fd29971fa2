/** Figures are of the minute that is running and of the one before it. */
const windowMs = 60_000;
/** Subscriptions of a tenant with figures of their own in a window; what more of them cost is in the sum only. */
const mostApart = 10_000;
/** Nothing of late is known of most tenants: then they are forgotten. */
const sweepAtTenants = 10_000;

/** What the filter of one subscription cost. */
interface FilterCost {
  /** Its number. */
  readonly subscription: number;
  /** Milliseconds of matching. */
  readonly ms: number;
  /** Instructions of its patterns for each character of a text; 0 when it is compiling it that cost. */
  readonly program: number;
}

/** What a tenant's filters cost of late. */
export interface MatchCost {
  readonly sinceMs: number;
  readonly spentMs: number;
  /** Events and operations, all in all, waited for the tenant's share of matching. */
  readonly waitedMs: number;
  /** Operations that were refused because their hooks' filters would have waited too long. */
  readonly refused: number;
  /** Events that wait in memory now. */
  readonly waiting: number;
  /** Of filters that cost more than a plain comparison. */
  readonly filters: readonly FilterCost[];
}

interface Sum {
  ms: number;
  program: number;
}

interface Window {
  spentMs: number;
  waitedMs: number;
  refused: number;
  readonly filters: Map<number, Sum>;
}

interface Account {
  beganMs: number;
  current: Window;
  before: Window;
  waiting: number;
}

const emptyWindow = (): Window => ({ spentMs: 0, waitedMs: 0, refused: 0, filters: new Map() });

/** What matching costs each tenant, for its owner to see: in all, and by subscription. In memory, and of late only. */
export class MatchAccounting {
  readonly #now: () => number;
  readonly #accounts = new Map<string, Account>();

  /** @param now in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  spent(tenant: string, ms: number): void {
    this.#account(tenant).current.spentMs += ms;
  }

  /** Of what was {@link spent}: for the filter of this subscription. */
  spentOn(
    { tenant, program }: { readonly tenant: string; readonly program: number },
    { number, ms }: { readonly number: number; readonly ms: number },
  ): void {
    const { filters } = this.#account(tenant).current;
    const sum = filters.get(number);
    if (sum !== undefined) {
      sum.ms += ms;
      sum.program = Math.max(sum.program, program);
    } else if (filters.size < mostApart) filters.set(number, { ms, program });
  }

  waited(tenant: string, ms: number): void {
    this.#account(tenant).current.waitedMs += ms;
  }

  refused(tenant: string): void {
    this.#account(tenant).current.refused += 1;
  }

  /** So many events more, or fewer, wait in memory. */
  waiting(tenant: string, more: number): void {
    this.#account(tenant).waiting += more;
  }

  of(tenant: string): MatchCost {
    const { beganMs, current, before, waiting } = this.#account(tenant);
    const filters = new Map<number, Sum>();
    for (const [number, sum] of before.filters) filters.set(number, { ...sum });
    for (const [number, { ms, program }] of current.filters) {
      const sum = filters.get(number) ?? { ms: 0, program: 0 };
      const most = Math.max(program, sum.program);
      filters.set(number, { ms: sum.ms + ms, program: most });
    }
    return {
      sinceMs: beganMs - windowMs,
      spentMs: before.spentMs + current.spentMs,
      waitedMs: before.waitedMs + current.waitedMs,
      refused: before.refused + current.refused,
      waiting,
      filters: [...filters].map(([subscription, sum]) => ({ subscription, ...sum })),
    };
  }

  #account(tenant: string): Account {
    const nowMs = this.#now();
    const beganMs = nowMs - (nowMs % windowMs);
    const known = this.#accounts.get(tenant);
    if (known === undefined) {
      if (this.#accounts.size >= sweepAtTenants) this.#sweep(beganMs);
      const account = { beganMs, current: emptyWindow(), before: emptyWindow(), waiting: 0 };
      this.#accounts.set(tenant, account);
      return account;
    }
    if (known.beganMs !== beganMs) {
      // The clock may be set back: then the figures are of whenever it was.
      known.before = beganMs - known.beganMs > windowMs ? emptyWindow() : known.current;
      known.current = emptyWindow();
      known.beganMs = beganMs;
    }
    return known;
  }

  #sweep(beganMs: number): void {
    for (const [tenant, account] of this.#accounts) {
      if (account.waiting === 0 && beganMs - account.beganMs > windowMs) this.#accounts.delete(tenant);
    }
  }
}
