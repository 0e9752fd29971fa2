import { SignalboxError } from "../errors.ts";

interface Bounds {
  /** How many may fail within {@link withinMs}, those under way counted too. */
  readonly most: number;
  readonly withinMs: number;
  /** In ms; any clock that does not go back. */
  readonly now: () => number;
}

/** One that is under way. Unless it succeeded it counts until its time is over. */
interface Try {
  succeeded(): void;
}

/** Beyond this the key that was heard of first is forgotten: so much memory, and no more. */
const mostKeys = 10_000;

/** How often something may fail for each key, such as logins from an address. What succeeds does not count. */
export class Tries {
  readonly #bounds: Bounds;
  /** When those that count began, the oldest first. */
  readonly #begun = new Map<string, number[]>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /**
   * @param what as a sentence goes on behind "10 ".
   * @throws SignalboxError `too_many_requests` with when to try again.
   */
  begin(key: string, what: string): Try {
    const { most, withinMs, now } = this.#bounds;
    const nowMs = now();
    const recent = (this.#begun.get(key) ?? []).filter((atMs) => atMs > nowMs - withinMs);
    const [oldest = nowMs] = recent;
    if (recent.length >= most) {
      const waitS = Math.ceil((oldest + withinMs - nowMs) / 1_000);
      throw new SignalboxError("too_many_requests", `${most} ${what}: try again in ${waitS} s`);
    }
    recent.push(nowMs);
    // Behind the others, so that the first is always the one that was heard of longest ago.
    this.#begun.delete(key);
    this.#begun.set(key, recent);
    for (const [first] of this.#begun) {
      if (this.#begun.size <= mostKeys) break;
      this.#begun.delete(first);
    }
    return { succeeded: () => this.#giveBack(key, nowMs) };
  }

  #giveBack(key: string, atMs: number): void {
    const begun = this.#begun.get(key);
    const at = begun?.indexOf(atMs) ?? -1;
    if (begun === undefined || at < 0) return;
    begun.splice(at, 1);
    if (begun.length === 0) this.#begun.delete(key);
  }
}
