import type { Log } from "../log.ts";
import type { DispatchMarks, Mark } from "../store/dispatch-marks.ts";
import type { Store } from "../store/store.ts";

/** An event whose dispatch a process did not survive so often is not tried again. */
const mostDeaths = 2;

/**
 * Events that processes before this one were dispatching when they died. One that may have killed a process is dispatched alone; one whose
 * dispatch, alone, two processes did not survive is set aside as poisoned. A death among others only raises suspicion: a process
 * that is killed from outside under load always dies among others, and none of them is to blame.
 */
export class PoisonSuspects {
  readonly #marks: DispatchMarks;
  /** With the death of the process before this one. */
  readonly #found: readonly Mark[];

  constructor(marks: DispatchMarks) {
    this.#marks = marks;
    this.#found = marks.found.map((mark) => (mark.from === mark.to ? { ...mark, deaths: mark.deaths + 1 } : mark));
  }

  /** Whether it has to be dispatched alone. */
  has(sequence: number): boolean {
    return this.#found.some(({ from, to }) => from <= sequence && sequence <= to);
  }

  /** How many processes died while they dispatched it alone. */
  #deaths(sequence: number): number {
    return this.#found.reduce(
      (most, { from, to, deaths }) => (from === sequence && to === sequence ? Math.max(most, deaths) : most),
      0,
    );
  }

  /** Marks events, not suspects themselves, or one that is, as being dispatched, until the returned function is called. */
  mark(from: number, to: number): () => void {
    return this.#marks.put({ from, to, deaths: from === to ? this.#deaths(from) : 0 });
  }

  /** Sets aside who killed two processes. To be called before anything is dispatched; resolves with their number. */
  async setAside(store: Store, log: Log, nowMs: number): Promise<number> {
    let poisoned = 0;
    for (const { from, to, deaths } of this.#found) {
      if (from !== to || deaths < mostDeaths) continue;
      const event = await store.events.get(from);
      if (event === undefined) continue;
      const { tenant, id, resource } = event;
      await store.commit({
        changes: [{ do: "event.aside", tenant, sequences: [from], state: "poisoned", atMs: nowMs }],
      });
      log.error({ tenant, event: id, resource }, "an event is set aside: its dispatch has killed the process twice");
      poisoned += 1;
    }
    return poisoned;
  }
}

/** Wakes dispatch for an event that was quarantined and has been redriven. */
export class PoisonRedrives {
  #listener: ((tenant: string) => void) | undefined;

  listen(listener: (tenant: string) => void): void {
    this.#listener = listener;
  }

  /** What is redriven before anyone listens is found in the store at the start. */
  redriven(tenant: string): void {
    this.#listener?.(tenant);
  }
}
