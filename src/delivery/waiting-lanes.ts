import { asError } from "../errors.ts";
import type { Backlogs } from "./backlogs.ts";
import { boundWaits } from "./bound-waits.ts";
import type { Lane } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import type { OutboundContext } from "./outbound-context.ts";

interface WaitingDeps extends Pick<OutboundContext, "store" | "clock" | "log"> {
  readonly lanes: Lanes;
  readonly backlogs: Backlogs;
}

/** So many lanes are looked at before others get their turn of the loop. */
const together = 100;

/**
 * Finds out from the store for which lanes something waits: at the start, when this node has taken over parts of the log, and from time to time, as what
 * other nodes told of it may have been lost.
 */
export class WaitingLanes {
  readonly #deps: WaitingDeps;
  #bounding: Promise<void> | undefined;
  #stopped = false;

  constructor(deps: WaitingDeps) {
    this.#deps = deps;
  }

  /** What waited when the last process ended begins slowly: the health of its targets is not known. */
  async start(): Promise<void> {
    await this.#each((lane, dueMs) => {
      lane.slow();
      this.#deps.backlogs.at(lane, dueMs);
    });
    this.#bound();
  }

  async takeOver(): Promise<void> {
    await this.#each((lane, dueMs) => this.#deps.backlogs.at(lane, dueMs)).catch((thrown: unknown) =>
      this.#notSeen(thrown),
    );
    await this.#bounding;
    this.#bound();
  }

  /** Lanes of which something is due, as far as they know of nothing. */
  async look(): Promise<void> {
    const { clock, lanes, backlogs } = this.#deps;
    const nowMs = clock.steady();
    await this.#eachNumber(async (number, dueMs) => {
      if (dueMs > nowMs || (lanes.get(number)?.backlog ?? "clear") !== "clear") return;
      const lane = await lanes.read(number);
      if (lane !== undefined) backlogs.at(lane, dueMs);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#bounding;
  }

  /** Nothing waits for longer than its policy has it by now. */
  #bound(): void {
    this.#bounding = this.#each(async (lane) => {
      if (await boundWaits(this.#deps, lane.subscription, () => this.#stopped)) this.#deps.backlogs.hears(lane, "due");
    }).catch((thrown: unknown) => this.#notSeen(thrown));
  }

  #notSeen(thrown: unknown): void {
    this.#deps.log.error({ error: asError(thrown).message }, "could not look at what waits; it is sent when it is due");
  }

  async #each(visit: (lane: Lane, dueMs: number) => void | Promise<void>): Promise<void> {
    await this.#eachNumber(async (number, dueMs) => {
      const lane = await this.#deps.lanes.read(number);
      if (lane !== undefined) await visit(lane, dueMs);
    });
  }

  async #eachNumber(visit: (subscription: number, dueMs: number) => Promise<void>): Promise<void> {
    for (let after = 0; !this.#stopped; ) {
      const page = await this.#deps.store.deliveries.waiting({ after, max: together });
      for (const { subscription, dueMs } of page) await visit(subscription, dueMs);
      if (page.length < together) return;
      after = page.at(-1)?.subscription ?? after;
      await new Promise(setImmediate);
    }
  }
}
