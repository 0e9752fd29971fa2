import type { Log } from "../log.ts";
import type { DispatchMarks, Mark } from "../store/dispatch-marks.ts";
import type { Store } from "../store/store.ts";

/** An event whose dispatch a process did not survive so often is not tried again. */
const mostDeaths = 2;

/**
 * Events that processes before this one were dispatching when they died. Who may have killed one is dispatched alone; who killed two is set
 * aside as poisoned.
 */
export class Suspects {
  readonly #marks: DispatchMarks;
  /** By range: how many deaths before this process. */
  readonly #deaths: readonly Mark[];

  constructor(marks: DispatchMarks) {
    this.#marks = marks;
    this.#deaths = marks.found.map((mark) => ({ ...mark, deaths: mark.deaths + 1 }));
  }

  /** Whether it has to be dispatched alone. */
  has(sequence: number): boolean {
    return this.deaths(sequence) > 0;
  }

  deaths(sequence: number): number {
    let most = 0;
    for (const { from, to, deaths } of this.#deaths) {
      if (from <= sequence && sequence <= to) most = Math.max(most, deaths);
    }
    return most;
  }

  /** Marks events, not suspects themselves, or one that is, as being dispatched, until the returned function is called. */
  mark(from: number, to: number): () => void {
    return this.#marks.put({ from, to, deaths: from === to ? this.deaths(from) : 0 });
  }

  /** Sets aside who killed two processes. To be called before anything is dispatched; resolves with their number. */
  async setAside(store: Store, log: Log, nowMs: number): Promise<number> {
    let poisoned = 0;
    for (const { from, to, deaths } of this.#deaths) {
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
