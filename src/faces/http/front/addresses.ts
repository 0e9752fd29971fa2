import { isIP } from "node:net";
import { CpuBudget } from "../../../pace/cpu-budget.ts";

/** Who is at the other end, as far as an address tells. */
interface Visitor {
  /** Connections that are open. */
  connections: number;
  /** Requests without a known caller that may still be begun now. */
  allowance: number;
  /** For parsing bodies in small chunks. */
  readonly chunks: CpuBudget;
}

interface Kept extends Visitor {
  refilledMs: number;
}

/** An allowance that was not used grows to that of so many seconds. */
const burstSeconds = 2;

/**
 * Of the one thread that all share: a tenth is what bodies in small chunks may take that come from one address. Who streams in chunks of some
 * dozens of bytes sends several megabytes a second in that.
 */
const chunkBudget = { burstMs: 50, perSecondMs: 100 };

/** Counts by address; one that is gone is forgotten as soon as its allowance has grown back. */
export class Addresses {
  readonly #perSecond: number;
  readonly #known = new Map<string, Kept>();

  /** @param perSecond how fast an allowance grows. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Its counts, with the allowance that has grown until now. */
  at(address: string, nowMs: number): Visitor {
    const most = this.#perSecond * burstSeconds;
    let visitor = this.#known.get(address);
    if (visitor === undefined) {
      visitor = { connections: 0, allowance: most, chunks: new CpuBudget(chunkBudget, nowMs), refilledMs: nowMs };
      this.#known.set(address, visitor);
    }
    const grown = (Math.max(0, nowMs - visitor.refilledMs) * this.#perSecond) / 1_000;
    visitor.allowance = Math.min(most, visitor.allowance + grown);
    visitor.refilledMs = nowMs;
    return visitor;
  }

  /** Forgets those that are gone and owe nothing. */
  prune(nowMs: number): void {
    for (const address of this.#known.keys()) {
      const { connections, allowance, chunks } = this.at(address, nowMs);
      const owesNothing = allowance >= this.#perSecond * burstSeconds && chunks.isUnused(nowMs);
      if (connections === 0 && owesNothing) this.#known.delete(address);
    }
  }

  get size(): number {
    return this.#known.size;
  }
}

/** What counts as one address: of IPv6 the network, since the holder of one address there has the other 2^64 too. */
export function networkOf(address: string | undefined): string {
  const text = (address ?? "").replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIP(text) !== 6) return text;
  const [left = "", right] = text.replace(/%.*$/, "").split("::");
  const groups = left === "" ? [] : left.split(":");
  const missing = right === undefined ? 0 : 8 - groups.length - (right === "" ? 0 : right.split(":").length);
  const whole = [...groups, ...Array<string>(missing).fill("0"), ...(right ?? "").split(":")];
  return `${whole
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
