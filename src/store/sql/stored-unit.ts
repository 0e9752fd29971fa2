import type { Event } from "../../domain/event.ts";
import { quotaExceeded } from "../../domain/quotas.ts";
import { locksOfUnit } from "../locks.ts";
import type { Commit, Unit } from "../unit.ts";
import { wireBytes, wireEvent } from "./events-sql.ts";
import { unitSteps } from "./units.ts";
import type { Placed, UnitResult, WireError, WireUnit } from "./wire.ts";

/** A unit that waits for its commit, and is told what became of it, in the order of commits: there are too many for more promises than callers'. */
export interface UnitUnderWay {
  readonly wire: WireUnit;
  ended(result: Exclude<UnitResult, WireError>): void;
  failed(error: Error): void;
}

interface Caller {
  /** Gets its events, in the order of commits, before the caller is answered. */
  readonly heard: { committed(event: Event, bytes: number): void };
  readonly resolve: (commit: Commit) => void;
  readonly reject: (error: Error) => void;
  /** Others write at the same time. */
  readonly hasRivals?: boolean;
}

/** A caller's unit on its way into the store: there is one for each event that is published, so it is all that is made for it. */
export class StoredUnit implements UnitUnderWay {
  readonly wire: WireUnit;
  readonly #unit: Unit;
  readonly #caller: Caller;

  constructor(unit: Unit, caller: Caller) {
    this.#unit = unit;
    this.#caller = caller;
    const wire = { ...unitSteps(unit), events: (unit.events ?? []).map(wireEvent) };
    this.wire = caller.hasRivals === true ? { ...wire, locks: locksOfUnit(unit) } : wire;
  }

  ended(result: Exclude<UnitResult, WireError>): void {
    const { resolve, reject } = this.#caller;
    if (result.kind === "exceeded") return reject(quotaExceeded(result.exceeded));
    if (result.kind === "committed") {
      this.#tell(result);
      return resolve({ kind: "committed", sequences: result.sequences });
    }
    const condition = this.#unit.conditions?.[result.check];
    if (condition === undefined) return reject(new RangeError(`check ${result.check} belongs to no condition`));
    resolve({ kind: "refused", condition });
  }

  failed(error: Error): void {
    this.#caller.reject(error);
  }

  #tell({ sequences, revisions }: Placed): void {
    for (const [index, event] of (this.#unit.events ?? []).entries()) {
      const wired = this.wire.events[index];
      const bytes = wired === undefined ? 0 : wireBytes(wired);
      this.#caller.heard.committed(
        { ...event, sequence: sequences[index] ?? 0, revision: revisions[index] ?? 0 },
        bytes,
      );
    }
  }
}
