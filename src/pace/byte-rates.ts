/** How many bytes may come at once from a payer that has sent nothing for a while, in seconds' worth. */
const burstSeconds = 0.25;
/** Payers that are kept; those that owe nothing are forgotten past it. */
const keptPayers = 1_024;

/**
 * How fast each payer may bring bytes. What was brought is paid for afterwards: {@link spend} tells how long to wait before more is taken.
 * However many connections a payer spreads its bytes over, together they come at this rate.
 */
export class ByteRates {
  readonly #perMs: number;
  readonly #now: () => number;
  /** When the payer will have paid for all that it brought. */
  readonly #paidAtMs = new Map<string, number>();

  /** @param perSecond bytes; 0: without bound. @param now in ms; any clock that does not go back. */
  constructor(perSecond: number, now = (): number => performance.now()) {
    this.#perMs = perSecond === 0 ? Number.POSITIVE_INFINITY : perSecond / 1_000;
    this.#now = now;
  }

  /** `bytes` of `payer` were taken. Returns for how many ms no more of it should be taken. */
  spend(payer: string, bytes: number): number {
    const nowMs = this.#now();
    const paidAtMs = Math.max(this.#paidAtMs.get(payer) ?? 0, nowMs - burstSeconds * 1_000) + bytes / this.#perMs;
    this.#paidAtMs.delete(payer);
    this.#paidAtMs.set(payer, paidAtMs);
    if (this.#paidAtMs.size > keptPayers) this.#forget(nowMs);
    return Math.max(0, paidAtMs - nowMs);
  }

  #forget(nowMs: number): void {
    for (const [payer, paidAtMs] of this.#paidAtMs) {
      if (paidAtMs <= nowMs - burstSeconds * 1_000) this.#paidAtMs.delete(payer);
    }
  }
}
