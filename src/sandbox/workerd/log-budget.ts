import type { Clock } from "../../clock.ts";
import type { SandboxLimits } from "../sandbox.ts";

/** Of one call, whatever its tenant logged before. */
const leastBytes = 1_024;
/** Budgets are looked through for full ones, which need not be kept, at so many. */
const sweepAt = 1_000;

type Limits = Pick<SandboxLimits, "logBytes" | "logBurstBytes" | "logBytesPerSecond">;

/**
 * How much the calls of a tenant may log: each line is kept on disk, by a writer that all tenants share. Calls under way at once
 * may each take what is left, so a tenant can overdraw its budget once; it then waits for that to be paid off.
 */
export class LogBudget {
  readonly #limits: Limits;
  readonly #clock: Clock;
  /** Bytes used of the burst, as of then. */
  readonly #used = new Map<string, { readonly bytes: number; readonly atMs: number }>();

  constructor(limits: Limits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Bytes that a call which begins now may log. */
  left(tenant: string): number {
    const { logBytes, logBurstBytes } = this.#limits;
    return Math.min(logBytes, Math.max(leastBytes, logBurstBytes - this.#usedBy(tenant)));
  }

  spend(tenant: string, bytes: number): void {
    if (bytes === 0) return;
    if (this.#used.size >= sweepAt && !this.#used.has(tenant)) this.#sweep();
    this.#used.set(tenant, { bytes: this.#usedBy(tenant) + bytes, atMs: this.#clock.steady() });
  }

  #usedBy(tenant: string): number {
    const used = this.#used.get(tenant);
    if (used === undefined) return 0;
    const passedMs = Math.max(0, this.#clock.steady() - used.atMs);
    return Math.max(0, used.bytes - (passedMs * this.#limits.logBytesPerSecond) / 1_000);
  }

  #sweep(): void {
    for (const tenant of this.#used.keys()) if (this.#usedBy(tenant) === 0) this.#used.delete(tenant);
  }
}
