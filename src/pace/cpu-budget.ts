/** Both above 0. */
export interface BudgetLimits {
  readonly burstMs: number;
  readonly perSecondMs: number;
}

/** What a payer's works may cost: `burstMs` at once, and `perSecondMs` of each second after that. */
export class CpuBudget {
  readonly #burstMs: number;
  readonly #perSecondMs: number;
  #spentMs = 0;
  #atMs: number;

  constructor(limits: BudgetLimits, nowMs: number) {
    this.#burstMs = limits.burstMs;
    this.#perSecondMs = limits.perSecondMs;
    this.#atMs = nowMs;
  }

  spend(ms: number, nowMs: number): void {
    this.#settle(nowMs);
    this.#spentMs += ms;
  }

  /** How long until the next work may begin; 0: now. */
  waitMs(nowMs: number): number {
    this.#settle(nowMs);
    const overMs = this.#spentMs - this.#burstMs;
    return overMs <= 0 ? 0 : Math.ceil((overMs / this.#perSecondMs) * 1_000);
  }

  /** Whether nothing is owed any more. */
  isUnused(nowMs: number): boolean {
    this.#settle(nowMs);
    return this.#spentMs === 0;
  }

  #settle(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#spentMs = Math.max(0, this.#spentMs - (passedMs / 1_000) * this.#perSecondMs);
    this.#atMs = nowMs;
  }
}
