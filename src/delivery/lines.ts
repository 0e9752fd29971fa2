import type { FedEvent } from "../store/feed.ts";

/** Events of one tenant that wait in memory, and their bytes; what comes on top waits in the store. */
const mostOfTenant = 64;
const mostBytesOfTenant = 1_048_576;
/** Of all tenants. */
const mostInAll = 2_048;
const mostBytesInAll = 33_554_432;

/** Events of one tenant that are dispatched one after the other, because one of them takes long. */
interface Line {
  readonly waiting: FedEvent[];
  bytes: number;
  /** More wait in the store: what comes now has to wait there, behind them. */
  stored: boolean;
  /** How often it was told so. */
  told: number;
  underWay: boolean;
}

export interface LineDeps {
  /** Dispatches one. False: it could not be, because the process stops. */
  readonly dispatch: (fed: FedEvent) => Promise<boolean>;
  /** The next ones of a tenant that wait in the store, after a sequence. */
  readonly stored: (tenant: string, after: number, max: number) => Promise<readonly FedEvent[]>;
  /** Told that so many more, or fewer, of a tenant wait in memory. */
  readonly counted?: (tenant: string, more: number) => void;
}

/**
 * Tenants whose events wait for each other apart from those of everybody else. An event whose filters take longer than a moment
 * goes there, and as long as it is there, whatever follows of its tenant: their order stays. A tenant's line ends with its last event.
 */
export class TenantQueues {
  readonly #deps: LineDeps;
  readonly #lines = new Map<string, Line>();
  #inAll = 0;
  #bytesInAll = 0;
  #whenIdle: (() => void) | undefined;

  constructor(deps: LineDeps) {
    this.#deps = deps;
  }

  has(tenant: string): boolean {
    return this.#lines.has(tenant);
  }

  /** Whether one more event of the tenant may wait in memory. */
  hasRoom(tenant: string): boolean {
    const line = this.#lines.get(tenant);
    if (this.#inAll >= mostInAll || this.#bytesInAll >= mostBytesInAll) return false;
    if (line === undefined) return true;
    return !line.stored && line.waiting.length < mostOfTenant && line.bytes < mostBytesOfTenant;
  }

  /** Behind all that wait already. Nothing is begun before {@link go}. */
  add(fed: FedEvent): void {
    const line = this.#line(fed.event.tenant);
    line.waiting.push(fed);
    line.bytes += fed.bytes;
    this.#inAll += 1;
    this.#bytesInAll += fed.bytes;
    this.#deps.counted?.(fed.event.tenant, 1);
  }

  /** Some of the tenant's events wait in the store. */
  addStored(tenant: string): void {
    const line = this.#line(tenant);
    line.stored = true;
    line.told += 1;
  }

  /** Begins with those that have not been begun. */
  go(): void {
    for (const [tenant, line] of this.#lines) {
      if (line.underWay) continue;
      line.underWay = true;
      void this.#run(tenant, line);
    }
  }

  /** Resolves when none is under way; only to be asked for when the process stops. */
  async idle(): Promise<void> {
    while ([...this.#lines.values()].some(({ underWay }) => underWay)) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
  }

  #line(tenant: string): Line {
    let line = this.#lines.get(tenant);
    if (line === undefined) {
      line = { waiting: [], bytes: 0, stored: false, told: 0, underWay: false };
      this.#lines.set(tenant, line);
    }
    return line;
  }

  async #run(tenant: string, line: Line): Promise<void> {
    let goesOn = true;
    while (goesOn) {
      const fed = line.waiting[0];
      if (fed !== undefined) {
        goesOn = await this.#deps.dispatch(fed);
        line.waiting.shift();
        line.bytes -= fed.bytes;
        this.#inAll -= 1;
        this.#bytesInAll -= fed.bytes;
        this.#deps.counted?.(tenant, -1);
      } else if (line.stored) goesOn = await this.#runStored(tenant, line);
      else break;
    }
    this.#lines.delete(tenant);
    this.#inAll -= line.waiting.length;
    this.#bytesInAll -= line.bytes;
    if (line.waiting.length > 0) this.#deps.counted?.(tenant, -line.waiting.length);
    line.underWay = false;
    this.#whenIdle?.();
  }

  /** All that wait in the store, the oldest first, until there are none. */
  async #runStored(tenant: string, line: Line): Promise<boolean> {
    for (let after = 0; ; ) {
      const { told } = line;
      const some = await this.#deps.stored(tenant, after, mostOfTenant);
      for (const fed of some) {
        if (!(await this.#deps.dispatch(fed))) return false;
        after = fed.event.sequence;
      }
      // Told meanwhile: that one may have missed it.
      if (some.length > 0 || line.told !== told) continue;
      line.stored = false;
      return true;
    }
  }
}
