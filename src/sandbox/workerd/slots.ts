import type { Clock } from "../../clock.ts";

export interface SlotLimits {
  /** At once. */
  readonly concurrency: number;
  /** Those with a slot beyond the limit included; they do not wait. */
  readonly most: number;
  /** How many may wait. */
  readonly queue: number;
}

interface SlotRequest {
  readonly signal: AbortSignal;
  /** It is taken whatever the limit, up to {@link SlotLimits.most}. */
  readonly beyond: boolean;
  /** How long it may wait. */
  readonly waitMs: number;
}

export type Slot = "taken" | "full" | "waited" | "stopped";

/** So many at once; the others wait in the order in which they came. */
export class TenantSlots {
  readonly #limits: SlotLimits;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  constructor(limits: SlotLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get unused(): boolean {
    return this.#taken === 0 && this.#waiting.size === 0;
  }

  /** What is `taken` must be {@link release}d. */
  take({ signal, beyond, waitMs }: SlotRequest): Promise<Slot> {
    const { concurrency, most, queue } = this.#limits;
    if (this.#taken < (beyond ? most : concurrency)) {
      this.#taken += 1;
      return Promise.resolve("taken");
    }
    if (beyond || this.#waiting.size >= queue) return Promise.resolve("full");
    return new Promise((resolve) => {
      const leave = (slot: Slot): void => {
        this.#waiting.delete(enter);
        cancel();
        signal.removeEventListener("abort", stop);
        resolve(slot);
      };
      const enter = (): void => {
        this.#taken += 1;
        leave("taken");
      };
      const stop = (): void => leave("stopped");
      const cancel = this.#clock.after(waitMs, () => leave("waited"));
      signal.addEventListener("abort", stop, { once: true });
      this.#waiting.add(enter);
    });
  }

  release(): void {
    this.#taken -= 1;
    const [next] = this.#waiting;
    if (this.#taken < this.#limits.concurrency) next?.();
  }
}

/** One {@link TenantSlots} for each key, for as long as it is used. */
export class SlotsByKey {
  readonly #clock: Clock;
  readonly #all = new Map<string, TenantSlots>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `limits` are those of the key. */
  get(key: string, limits: SlotLimits): TenantSlots {
    let slots = this.#all.get(key);
    if (slots === undefined) {
      slots = new TenantSlots(limits, this.#clock);
      this.#all.set(key, slots);
    }
    return slots;
  }

  forgetUnused(key: string): void {
    if (this.#all.get(key)?.unused === true) this.#all.delete(key);
  }
}
