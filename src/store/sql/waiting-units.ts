import { wireBytes } from "./events-sql.ts";
import type { UnitUnderWay } from "./stored-unit.ts";
import type { WireUnit } from "./wire.ts";

/** Units in one group commit at the most: bounds how long a caller waits for others. */
const unitsPerCommit = 512;
/** Events in one group commit have no more data than this, about, unless a single unit has: it is copied into one message. */
const bytesPerCommit = 4 * 2 ** 20;

/** Units that were handed in and not yet sent, in order. */
export class WaitingUnits {
  readonly #overlaps: (unit: WireUnit) => boolean;
  #units: UnitUnderWay[] = [];
  /** How many of them do not overlap. */
  #alone = 0;

  /** @param overlaps as `Writer` has it */
  constructor(overlaps: (unit: WireUnit) => boolean) {
    this.#overlaps = overlaps;
  }

  get size(): number {
    return this.#units.length;
  }

  /** All of them do. */
  get overlap(): boolean {
    return this.#alone === 0;
  }

  add(unit: UnitUnderWay): void {
    this.#units.push(unit);
    if (!this.#overlaps(unit.wire)) this.#alone += 1;
  }

  /** The first, for one commit. */
  take(most: number): UnitUnderWay[] {
    const taken = this.#units.splice(0, this.#together(Math.min(most, unitsPerCommit, this.#units.length)));
    for (const { wire } of taken) if (!this.#overlaps(wire)) this.#alone -= 1;
    return taken;
  }

  takeAll(): UnitUnderWay[] {
    const taken = this.#units;
    this.#units = [];
    this.#alone = 0;
    return taken;
  }

  #together(most: number): number {
    let bytes = 0;
    for (let count = 0; count < most; count += 1) {
      if (bytes >= bytesPerCommit) return count;
      for (const event of this.#units[count]?.wire.events ?? []) bytes += wireBytes(event);
    }
    return most;
  }
}
