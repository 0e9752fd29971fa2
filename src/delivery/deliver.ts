import type { DeliveryRecord, DueDelivery } from "../domain/delivery.ts";
import type { Event } from "../domain/event.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { PreparedTarget } from "../targets/target.ts";
import type { OutcomeTaker } from "./attemptable.ts";
import { Attempts } from "./attempts.ts";
import { Backlogs } from "./backlogs.ts";
import { FirstAttempts } from "./first-attempts.ts";
import { FirstDelivery, type FirstOutcomes } from "./first-delivery.ts";
import { JoinedSettlements } from "./joined-settlements.ts";
import { longRecord, parkedRecord } from "./judge.ts";
import { type Lane, onlyInMemoryMs } from "./lane.ts";
import { Lanes } from "./lanes.ts";
import { LineBatches } from "./line-batches.ts";
import { type EventSize, OpenOutcomes } from "./open-outcomes.ts";
import type { OutboundContext } from "./outbound-context.ts";
import type { RecordOutcome } from "./outcome-recorder.ts";
import { pauseGone } from "./pause-gone.ts";
import { Strain } from "./strain.ts";
import { TickQueue } from "./tick-queue.ts";
import { WaitingLanes } from "./waiting-lanes.ts";

/** Parts of the engine that are made for the deliverer, once, and used there alone: so the Context has none of them. */
interface DeliverDeps extends OutboundContext {
  readonly tell: RecordOutcome;
  readonly prepare: (subscription: Subscription) => PreparedTarget;
  /** For how long receivers that are busy and say when to come again use up no tries. Default: a day. */
  readonly bounds?: { readonly patienceHours: number };
}

/** Dispatch that found no room waits for so much of it, or for so long. */
const worthwhileRoom = 64;
const momentMs = 5;
/** So many lanes are woken, or deliveries parked, before others get their turn of the loop. */
const together = 100;
const hourMs = 3_600_000;
/** Who stands in line, or is under way, is looked at so often. */
const sweepMs = 1_000;

/**
 * Makes attempts: first ones as dispatch hands them over, later ones when they fall due in the store. Each subscription has a
 * {@link Lane} of its own that decides what is next; this does it. {@link Attempts} bounds them all together. Nothing here is the only copy of
 * anything: what is lost with the process is in the store as `waiting`, or its event is not yet done.
 */
export class Deliverer {
  readonly #deps: DeliverDeps;
  readonly #lanes: Lanes;
  readonly #attempts: Attempts;
  readonly #opened: OpenOutcomes;
  readonly firstAttempts: FirstAttempts;
  readonly outcomes: JoinedSettlements;
  readonly #backlogs: Backlogs;
  readonly #waitingLanes: WaitingLanes;
  readonly #batches: LineBatches;
  readonly #arrivals = new TickQueue();
  readonly #strain = new Strain();
  /** Lanes for whose line dispatch waits. */
  readonly #crowded = new Set<Lane>();
  /** Lanes whose line is about to be cleared of who does not belong there. */
  readonly #clearing = new Set<Lane>();
  #whenRoom: (() => void) | undefined;
  #sweeps = false;
  #stopping = false;
  /** What first deliveries do, the same for all of them. */
  readonly #steps = {
    attempt: (lane: Lane, due: DueDelivery, to: OutcomeTaker): number => this.#attempts.begin(lane, due, to),
    holds: (sequence: number): boolean => this.#deps.feed.holds(sequence),
    waiting: (first: FirstDelivery, why: "parked" | "long"): DeliveryRecord => this.#waiting(first, why),
    durable: (first: FirstDelivery, record: DeliveryRecord): void => {
      this.#opened.close(first.bytes);
      first.lane.closed(record.sequence);
      this.#tellRoom();
      if (first.isOver) this.#backlogs.recorded(first.lane, record);
    },
    settle: (lane: Lane, record: DeliveryRecord): void => this.#backlogs.settle(lane, record),
  };

  constructor(deps: DeliverDeps) {
    this.#deps = deps;
    const { store, clock, meter, tell, prepare, bounds, sharers } = deps;
    this.#lanes = new Lanes(store, sharers);
    this.firstAttempts = new FirstAttempts(this.#lanes);
    this.outcomes = new JoinedSettlements(deps.feed);
    this.#attempts = new Attempts({
      clock,
      meter,
      tell,
      outcomes: this.outcomes,
      prepare,
      patienceMs: (bounds?.patienceHours ?? 24) * hourMs,
      gone: (lane) => this.#pause(lane),
      ended: (lane) => this.#serve(lane),
    });
    this.#backlogs = new Backlogs({
      ...deps,
      lanes: this.#lanes,
      attempts: this.#attempts,
      outcomes: this.outcomes,
      served: (lane) => this.#serve(lane),
    });
    this.#waitingLanes = new WaitingLanes({ ...deps, lanes: this.#lanes, backlogs: this.#backlogs });
    const moved = (): void => this.#tellRoom();
    this.#batches = new LineBatches({ ...deps, lanes: this.#lanes, attempts: this.#attempts, moved });
    this.#opened = new OpenOutcomes(this.#attempts.capacity, this.#lanes.lines);
  }

  /** Finds out from the store what waited when the last process ended. */
  start(): Promise<void> {
    return this.#waitingLanes.start();
  }

  /** This node has taken over parts of the log: finds out what waits in them. */
  takeOver(): Promise<void> {
    return this.#waitingLanes.takeOver();
  }

  /** Finds what other nodes told of, should that have been lost. */
  look(): Promise<void> {
    return this.#waitingLanes.look();
  }

  /** How many events dispatch may take now; where there is no room it waits until there is some worth coming for, or for a moment. 0 once stopped. */
  async room(signal: AbortSignal): Promise<number> {
    while (!signal.aborted) {
      const room = this.#room();
      if (room > 0) return room;
      for (const lane of this.#crowded) lane.waited();
      await this.#moment(signal);
    }
    return 0;
  }

  #room(): number {
    const nowMs = this.#deps.clock.steady();
    for (const lane of this.#crowded) {
      if (lane.holdsUp(worthwhileRoom, this.#strain.isHigh(nowMs))) return 0;
      this.#crowded.delete(lane);
    }
    return Math.min(this.#attempts.capacity.room(nowMs), this.#opened.room);
  }

  /** Until there is room that is worth coming for, or a moment has passed. */
  async #moment(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        cancel();
        signal.removeEventListener("abort", finish);
        this.#whenRoom = undefined;
        resolve();
      };
      const cancel = this.#deps.clock.after(momentMs, finish);
      this.#whenRoom = finish;
      signal.addEventListener("abort", finish, { once: true });
    });
  }

  #tellRoom(): void {
    if (this.#whenRoom !== undefined && this.#room() >= worthwhileRoom) this.#whenRoom();
  }

  /** Attempts the delivery of an event to a subscription that it has just met, lets it stand in line, or parks it. */
  first(event: Event, subscription: Subscription, size: EventSize, outcomes: FirstOutcomes): void {
    const first = this.#open(event, subscription, size, outcomes);
    const { lane } = first;
    if (subscription.deletedMs !== undefined) first.end(this.#backlogs.buried(lane, first.due, "subscription_deleted"));
    else if (lane.isWell || lane.isOrdered) this.#place(first, first.sinceMs);
    // After what else this turn has to send: opening a connection to who may be ill takes longer than a request.
    else this.#arrivals.later(() => this.#place(first, this.#deps.clock.steady()));
  }

  /** Keeps an event for a subscription whose filter cannot be read, until it can, and is sending. */
  keep(event: Event, subscription: Subscription, outcomes: FirstOutcomes): void {
    const first = this.#open(event, subscription, { bytes: 0, among: 1 }, outcomes);
    first.end({ ...this.#waiting(first, "parked"), unfiltered: true });
  }

  #open(event: Event, subscription: Subscription, { bytes, among }: EventSize, outcomes: FirstOutcomes): FirstDelivery {
    const lane = this.#lanes.of(subscription);
    const sinceMs = this.#deps.clock.steady();
    const share = bytes / among;
    const first = new FirstDelivery({ lane, event, eventBytes: bytes, bytes: share, sinceMs, outcomes }, this.#steps);
    this.#opened.open(share);
    lane.opened(first);
    this.#sweepSoon();
    return first;
  }

  #place(first: FirstDelivery, nowMs: number): void {
    // Its event is not done, and comes again.
    if (this.#stopping) return;
    const { lane } = first;
    const isStrained = this.#strain.isHigh(nowMs);
    const place = lane.place(nowMs, this.#attempts.room(nowMs), isStrained);
    if (place === "attempt") first.begin();
    else if (place === "park") first.park();
    else {
      lane.join(first);
      this.#batches.look(lane);
      if (lane.holdsUp(1, isStrained)) this.#crowded.add(lane);
    }
  }

  #waiting(first: FirstDelivery, why: "parked" | "long"): DeliveryRecord {
    const { lane, event } = first;
    const { subscription } = lane;
    const nowMs = this.#deps.clock.steady();
    if (why === "long") return longRecord(event, subscription, nowMs);
    this.#deps.meter.parked(1);
    return parkedRecord(event, subscription, nowMs, lane.parkedDueMs(first, nowMs));
  }

  /** An attempt or a claim has ended: who stands in line begins, or leaves it. */
  #serve(lane: Lane): void {
    if (this.#stopping) return;
    this.#batches.look(lane);
    for (let first = lane.next(); first !== undefined; first = lane.next()) first.begin();
    if (lane.clears) this.#clearSoon(lane);
    this.#tellRoom();
  }

  /** In a turn of its own, and a part in each: a long line may have to be parked. */
  #clearSoon(lane: Lane): void {
    if (this.#clearing.has(lane)) return;
    this.#clearing.add(lane);
    this.#arrivals.later(() => {
      this.#clearing.delete(lane);
      const nowMs = this.#deps.clock.steady();
      for (let left = together; !this.#stopping; left -= 1) {
        if (left === 0) return this.#clearSoon(lane);
        const first = lane.misplaced(nowMs);
        if (first === undefined) return;
        first.park();
      }
    });
  }

  #sweepSoon(): void {
    if (this.#sweeps) return;
    this.#sweeps = true;
    this.#deps.clock.after(sweepMs, () => void this.#sweep());
  }

  /** Nothing is known in memory only for long. */
  async #sweep(): Promise<void> {
    const nowMs = this.#deps.clock.steady();
    let isOpen = false;
    let looked = 0;
    for (const lane of this.#lanes.all()) {
      if (lane.open.size === 0) continue;
      isOpen = true;
      if (lane.inLine > 0) this.#clearSoon(lane);
      for (const first of lane.open.values()) {
        if (this.#stopping) return;
        if (nowMs - first.sinceMs < onlyInMemoryMs) break;
        first.recordLong(nowMs);
        looked += 1;
        if (looked % together === 0) await new Promise(setImmediate);
      }
    }
    this.#sweeps = false;
    if (isOpen) this.#sweepSoon();
  }

  /** So many lanes are woken before others get their turn of the loop. */
  async due(numbers: readonly number[]): Promise<void> {
    for (const [index, number] of numbers.entries()) {
      if (this.#stopping) return;
      if (index % together === together - 1) await new Promise(setImmediate);
      await this.wake(number);
    }
  }

  /** Something of this subscription may be due now: it was resumed, enabled, deleted, or redriven. */
  async wake(number: number): Promise<void> {
    const wasWell = this.#lanes.get(number)?.isWell === true;
    const lane = await this.#lanes.read(number);
    if (lane === undefined) return;
    lane.stay();
    if (!wasWell) lane.slow();
    this.#serve(lane);
    this.#backlogs.hears(lane, "due");
  }

  /**
   * Begins no more attempts, waits for those under way as long as `grace` is not aborted, then cancels them. What was
   * cancelled is not recorded, so it is made again after the next start.
   */
  async stop(grace: AbortSignal): Promise<void> {
    this.#stopping = true;
    this.#backlogs.stop();
    this.#batches.stop();
    const waiting = this.#waitingLanes.stop();
    const ended = this.#attempts.stop(grace);
    await waiting;
    await ended;
  }

  /** The receiver answered 410: its owner has to say that it is back. */
  #pause(lane: Lane): void {
    if (!lane.leave()) return;
    void pauseGone(this.#deps, lane.subscription).then(async (recorded) => {
      if (recorded) return void (await this.#lanes.read(lane.number));
      lane.stay();
      this.#backlogs.hears(lane, "due");
    });
  }
}
