import { asError } from "../errors.ts";
import type { Attempts } from "./attempts.ts";
import { DueQueue } from "./due-queue.ts";
import type { Lane } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import type { OutboundContext } from "./outbound-context.ts";

/** Of the deliverer that makes it: no part of any context. */
interface LineBatchDeps extends Pick<OutboundContext, "clock" | "log"> {
  readonly attempts: Attempts;
  readonly lanes: Lanes;
  /** A line has moved on. */
  readonly moved: () => void;
}

/** After this others get their turn of the loop: a batch is up to a thousand events that are written and signed. */
const turnMs = 4;
/** When there was no room in all, it is looked for again after this. */
const noRoomMs = 100;

/** Sends what stands in lines and goes together: as soon as it fills a request, or the first of a line has waited as long as it may. */
export class LineBatches {
  readonly #deps: LineBatchDeps;
  readonly #due: DueQueue<Lane>;
  readonly #ready = new Set<Lane>();
  #runs = false;
  #stopped = false;

  constructor(deps: LineBatchDeps) {
    this.#deps = deps;
    this.#due = new DueQueue(deps.clock, (lane) => this.look(lane));
  }

  stop(): void {
    this.#stopped = true;
    this.#due.stop();
  }

  /** One has joined the line, or may leave it: an attempt has ended, or it is time. */
  look(lane: Lane): void {
    const atMs = lane.leavesMs;
    if (this.#stopped || atMs === Number.POSITIVE_INFINITY || this.#ready.has(lane)) return;
    if (atMs > this.#deps.clock.steady()) return this.#due.set(lane, atMs);
    this.#ready.add(lane);
    if (this.#runs) return;
    this.#runs = true;
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    const sinceMs = performance.now();
    for (const lane of this.#ready) {
      if (this.#stopped) return;
      if (performance.now() - sinceMs > turnMs) {
        setImmediate(() => void this.#run());
        return;
      }
      this.#ready.delete(lane);
      // Since the last event its destination may have been given another address, or secret.
      await this.#renew(lane);
      if (this.#stopped) return;
      this.#send(lane);
    }
    this.#runs = false;
  }

  async #renew({ number }: Lane): Promise<void> {
    try {
      await this.#deps.lanes.read(number);
    } catch (thrown) {
      this.#deps.log.error(
        { error: asError(thrown).message },
        "could not read a subscription; its batch goes as known",
      );
    }
  }

  #send(lane: Lane): void {
    const { clock, attempts, moved } = this.#deps;
    const nowMs = clock.steady();
    // Since it was looked at, slots may have been taken, or its target may have turned ill.
    if (lane.leavesMs > nowMs) return this.look(lane);
    const together = lane.leaving(attempts.room(nowMs));
    if (together.length === 0) return this.#due.set(lane, nowMs + noRoomMs);
    lane.left(attempts.beginBatch(lane, together), nowMs);
    this.look(lane);
    moved();
  }
}
