import type { DeliveryRecord, DueDelivery } from "../domain/delivery.ts";
import { asError } from "../errors.ts";
import { readTogetherBytes } from "../store/page.ts";
import type { OutcomeTaker } from "./attempt.ts";
import { DueQueue } from "./due-queue.ts";
import { filterable, storedFilter } from "./event-scopes.ts";
import type { Lane } from "./lane.ts";
import type { OutboundContext } from "./outbound-context.ts";
import { TickQueue } from "./tick-queue.ts";

/** What the deliverer that makes it does with what is claimed: no part of any context. */
interface ClaimDeps extends Pick<OutboundContext, "store" | "feed" | "clock" | "log"> {
  /** Brings a lane's subscription up to what the store has now. */
  readonly refresh: (lane: Lane) => Promise<void>;
  readonly attempt: (lane: Lane, due: DueDelivery, to: OutcomeTaker) => void;
  /** The dead letter of a subscription that is gone. */
  readonly bury: (lane: Lane, due: DueDelivery) => DeliveryRecord;
  /** The dead letter of a resource that the subscriber does not see any more. */
  readonly unseen: (lane: Lane, due: DueDelivery) => DeliveryRecord;
  /** The dead letter of an event that was kept, and is not wanted. */
  readonly unmatched: (lane: Lane, due: DueDelivery) => DeliveryRecord;
  readonly maySee: (lane: Lane, due: DueDelivery) => Promise<boolean>;
  /** Called when a record is durable. */
  readonly recorded: (lane: Lane, record: DeliveryRecord) => void;
  /** How many more attempts may begin. */
  readonly room: () => number;
}

/** A claim that failed, or found no room, is made again after this. */
const againMs = 1_000;
const noRoomMs = 100;
/** Dead letters of a deleted subscription that are recorded at once. */
const buried = 256;

/** Takes deliveries that are due from the store into free slots, lane by lane. */
export class Claims {
  readonly #deps: ClaimDeps;
  readonly #due: DueQueue<Lane>;
  readonly #ticks = new TickQueue();
  #stopped = false;

  constructor(deps: ClaimDeps) {
    this.#deps = deps;
    this.#due = new DueQueue(deps.clock, (lane) => this.now(lane));
  }

  stop(): void {
    this.#stopped = true;
    this.#due.stop();
  }

  /** Something of this lane is due then. */
  at(lane: Lane, atMs: number): void {
    if (atMs > this.#deps.clock.steady()) this.#due.set(lane, atMs);
    else this.now(lane);
  }

  /** Something of this lane is due, and durable. */
  now(lane: Lane): void {
    lane.behind = true;
    lane.lookAgain = true;
    this.soon(lane);
  }

  /** Looks when its turn comes: thousands of lanes may have to at once. */
  soon(lane: Lane): void {
    if (lane.inLine) return;
    lane.inLine = true;
    this.#ticks.later(() => {
      lane.inLine = false;
      void this.#next(lane);
    });
  }

  /** Claims if there are free slots; otherwise the end of an attempt asks again. One claim of a lane at a time. */
  async #next(lane: Lane): Promise<void> {
    if (lane.claiming || this.#stopped || !lane.worthClaiming) return;
    if (lane.mustWait(this.#deps.clock.steady())) return this.#due.set(lane, lane.startsMs);
    if (this.#deps.room() === 0) return this.#due.set(lane, this.#deps.clock.steady() + noRoomMs);
    lane.claiming = true;
    // What becomes due or durable while the store is being asked may be missing from its answer.
    lane.lookAgain = false;
    try {
      await this.#deps.refresh(lane);
      if (lane.subscription.deletedMs !== undefined) await this.#bury(lane);
      else if (lane.sending) await this.#take(lane);
      else lane.behind = false;
    } catch (thrown) {
      this.#deps.log.error({ error: asError(thrown).message }, "could not claim what is due; trying again");
      this.#due.set(lane, this.#deps.clock.steady() + againMs);
    } finally {
      lane.claiming = false;
    }
    lane.admit();
    if (lane.lookAgain) this.now(lane);
  }

  async #take(lane: Lane): Promise<void> {
    const { clock, store, attempt } = this.#deps;
    const nowMs = clock.steady();
    const room = Math.min(lane.freeAt(nowMs), this.#deps.room());
    if (room === 0) return this.#due.set(lane, Math.max(lane.startsMs, nowMs + noRoomMs));
    // Those under way still wait as far as the store knows, and may end while it is asked: hence the copy.
    const busy = new Set(lane.busy);
    const ready = await store.deliveries.due(lane.number, nowMs, room + busy.size + 1, busy);
    // Nothing would wait for an attempt that begins now.
    if (this.#stopped) return;
    lane.behind = ready.length > room || endedEarly(ready);
    const claimed = await this.#matched(lane, ready.slice(0, room));
    const seen = lane.subscription.face === "notifications" ? await this.#seen(lane, claimed) : claimed;
    if (this.#stopped) return;
    const to = { ended: (record: DeliveryRecord | undefined) => void this.#settle(lane, record) };
    for (const delivery of seen) attempt(lane, delivery, to);
    if (lane.behind) return;
    const next = await store.deliveries.nextDue(lane.number, nowMs);
    if (next !== undefined) this.#due.set(lane, next);
  }

  /** Of those that were kept while the filter could not be read, those that it matches now; while it cannot, they stay where they are. */
  async #matched(lane: Lane, claimed: readonly DueDelivery[]): Promise<readonly DueDelivery[]> {
    if (!claimed.some((delivery) => delivery.unfiltered === true)) return claimed;
    const filter = storedFilter(lane.subscription);
    if (filter === undefined) return claimed.filter((delivery) => delivery.unfiltered !== true);
    const matches = ({ event }: DueDelivery): boolean => filter.matches(filterable[lane.subscription.face].read(event));
    const wanted: DueDelivery[] = [];
    const unwanted: DeliveryRecord[] = [];
    for (const delivery of claimed) {
      if (delivery.unfiltered !== true || matches(delivery)) wanted.push(delivery);
      else unwanted.push(this.#deps.unmatched(lane, delivery));
      // Rare, and each may take milliseconds.
      if (delivery.unfiltered === true) await new Promise(setImmediate);
    }
    if (unwanted.length > 0) await this.#over(lane, unwanted);
    return wanted;
  }

  /** Sight may have been lost since they were put off. What is not seen any more is settled here. */
  async #seen(lane: Lane, claimed: readonly DueDelivery[]): Promise<readonly DueDelivery[]> {
    const { maySee, unseen } = this.#deps;
    const seen: DueDelivery[] = [];
    const lost: DeliveryRecord[] = [];
    for (const delivery of claimed) {
      if (await maySee(lane, delivery)) seen.push(delivery);
      else lost.push(unseen(lane, delivery));
    }
    if (lost.length > 0) await this.#over(lane, lost);
    return seen;
  }

  /** Settles what ended without an attempt, whose end would look for what is due next. */
  async #over(lane: Lane, records: readonly DeliveryRecord[]): Promise<void> {
    await this.#deps.feed.settle({ records, done: [] });
    lane.lookAgain = true;
  }

  async #settle(lane: Lane, record: DeliveryRecord | undefined): Promise<void> {
    if (record === undefined) return;
    await this.#deps.feed.settle({ records: [record], done: [] });
    this.#deps.recorded(lane, record);
  }

  /** What still waited for a deleted subscription becomes dead letters, due or not. */
  async #bury(lane: Lane): Promise<void> {
    const { store, feed, bury } = this.#deps;
    const busy = new Set(lane.busy);
    const due = await store.deliveries.due(lane.number, Number.MAX_SAFE_INTEGER, buried + busy.size, busy);
    const records = due.map((delivery) => bury(lane, delivery));
    if (records.length > 0) await feed.settle({ records, done: [] });
    lane.behind = records.length >= buried || endedEarly(due);
    lane.lookAgain ||= lane.behind;
  }
}

/** The store gave no more, since there was so much data: more may be due. */
function endedEarly(due: readonly DueDelivery[]): boolean {
  return due.reduce((sum, { bytes = 0 }) => sum + bytes, 0) >= readTogetherBytes;
}
