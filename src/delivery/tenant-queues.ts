import type { FedEvent } from "../store/feed.ts";

/** Events of one tenant that wait in memory, and their bytes; what comes on top waits in the store. */
const mostOfTenant = 64;
const mostBytesOfTenant = 1_048_576;
/** Of all tenants. */
const mostInAll = 2_048;
const mostBytesInAll = 33_554_432;

/** Events of one tenant that are dispatched one after the other, because one of them takes long. */
interface Queue {
  readonly waiting: FedEvent[];
  bytes: number;
  /** More wait in the store: what comes now has to wait there, behind them. */
  stored: boolean;
  /** How often it was added so. */
  added: number;
  underWay: boolean;
}

/** What dispatch, which makes it, does for it: no part of any context. */
interface TenantQueueDeps {
  /** Dispatches one. False: it could not be, because the process stops. */
  readonly dispatch: (fed: FedEvent) => Promise<boolean>;
  /** The next ones of a tenant that wait in the store, after a sequence. */
  readonly stored: (tenant: string, after: number, max: number) => Promise<readonly FedEvent[]>;
  /** Called when so many more, or fewer, of a tenant wait in memory. */
  readonly counted?: (tenant: string, more: number) => void;
}

/**
 * Tenants whose events wait for each other apart from those of everybody else. An event whose filters take longer than a moment
 * goes there, and as long as it is there, whatever follows of its tenant: their order stays. A tenant's queue ends with its last event.
 */
export class TenantQueues {
  readonly #deps: TenantQueueDeps;
  readonly #queues = new Map<string, Queue>();
  #inAll = 0;
  #bytesInAll = 0;
  #whenIdle: (() => void) | undefined;

  constructor(deps: TenantQueueDeps) {
    this.#deps = deps;
  }

  has(tenant: string): boolean {
    return this.#queues.has(tenant);
  }

  /** Whether one more event of the tenant may wait in memory. */
  hasRoom(tenant: string): boolean {
    const queue = this.#queues.get(tenant);
    if (this.#inAll >= mostInAll || this.#bytesInAll >= mostBytesInAll) return false;
    if (queue === undefined) return true;
    return !queue.stored && queue.waiting.length < mostOfTenant && queue.bytes < mostBytesOfTenant;
  }

  /** Behind all that wait already. Nothing is begun before {@link go}. */
  add(fed: FedEvent): void {
    const queue = this.#queue(fed.event.tenant);
    queue.waiting.push(fed);
    queue.bytes += fed.bytes;
    this.#inAll += 1;
    this.#bytesInAll += fed.bytes;
    this.#deps.counted?.(fed.event.tenant, 1);
  }

  /** Some of the tenant's events wait in the store. */
  addStored(tenant: string): void {
    const queue = this.#queue(tenant);
    queue.stored = true;
    queue.added += 1;
  }

  /** Begins with those that have not been begun. */
  go(): void {
    for (const [tenant, queue] of this.#queues) {
      if (queue.underWay) continue;
      queue.underWay = true;
      void this.#run(tenant, queue);
    }
  }

  /** Resolves when none is under way; only to be asked for when the process stops. */
  async idle(): Promise<void> {
    while ([...this.#queues.values()].some(({ underWay }) => underWay)) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
  }

  #queue(tenant: string): Queue {
    let queue = this.#queues.get(tenant);
    if (queue === undefined) {
      queue = { waiting: [], bytes: 0, stored: false, added: 0, underWay: false };
      this.#queues.set(tenant, queue);
    }
    return queue;
  }

  async #run(tenant: string, queue: Queue): Promise<void> {
    let goesOn = true;
    while (goesOn) {
      const fed = queue.waiting[0];
      if (fed !== undefined) {
        goesOn = await this.#deps.dispatch(fed);
        queue.waiting.shift();
        queue.bytes -= fed.bytes;
        this.#inAll -= 1;
        this.#bytesInAll -= fed.bytes;
        this.#deps.counted?.(tenant, -1);
      } else if (queue.stored) goesOn = await this.#runStored(tenant, queue);
      else break;
    }
    this.#queues.delete(tenant);
    this.#inAll -= queue.waiting.length;
    this.#bytesInAll -= queue.bytes;
    if (queue.waiting.length > 0) this.#deps.counted?.(tenant, -queue.waiting.length);
    queue.underWay = false;
    this.#whenIdle?.();
  }

  /** All that wait in the store, the oldest first, until there are none. */
  async #runStored(tenant: string, queue: Queue): Promise<boolean> {
    let added: number;
    do {
      ({ added } = queue);
      if (!(await this.#goThrough(tenant))) return false;
      // What was added meanwhile may lie where this has been already.
    } while (queue.added !== added);
    queue.stored = false;
    return true;
  }

  async #goThrough(tenant: string): Promise<boolean> {
    for (let after = 0; ; ) {
      const some = await this.#deps.stored(tenant, after, mostOfTenant);
      if (some.length === 0) return true;
      for (const fed of some) {
        if (!(await this.#deps.dispatch(fed))) return false;
        after = fed.event.sequence;
      }
    }
  }
}
