import type { DeliveryRecord, DueDelivery } from "../domain/delivery.ts";
import type { Event } from "../domain/event.ts";
import type { Subscription } from "../domain/subscription.ts";
import { asError } from "../errors.ts";
import type { AttemptResult, PreparedTarget } from "../targets/target.ts";
import { AttemptUnderWay, FirstDelivery, type FirstOutcomes, type OutcomeTaker } from "./attempt.ts";
import { AttemptCapacity } from "./attempt-capacity.ts";
import { boundWaits } from "./bound-waits.ts";
import { Claims } from "./claim.ts";
import { buriedRecord, judge, parkedRecord } from "./judge.ts";
import { type Lane, queueMs } from "./lane.ts";
import { Lanes } from "./lanes.ts";
import { type EventSize, OpenOutcomes } from "./open-outcomes.ts";
import type { OutboundContext } from "./outbound-context.ts";
import type { RecordOutcome } from "./outcome-recorder.ts";
import { pauseGone } from "./pause-gone.ts";
import { TickQueue } from "./tick-queue.ts";

/** Parts of the engine that are made for the deliverer, once, and used there alone: so the Context has none of them. */
interface DeliverDeps extends OutboundContext {
  readonly tell: RecordOutcome;
  readonly prepare: (subscription: Subscription) => PreparedTarget;
  /** For how long receivers that are busy and say when to come again use up no tries. Default: a day. */
  readonly bounds?: { readonly patienceHours: number };
}

const momentMs = 5;
const wokenTogether = 100;
const hourMs = 3_600_000;

/**
 * Makes attempts: first ones as dispatch hands them over, later ones when they fall due in the store. Each subscription has a
 * {@link Lane} of its own; {@link AttemptCapacity} bounds them all together. Nothing here is the only copy of anything: what is lost
 * with the process is in the store as `waiting`, or its event is not yet done.
 */
export class Deliverer {
  readonly #deps: DeliverDeps;
  readonly #lanes: Lanes;
  readonly #capacity = new AttemptCapacity();
  readonly #opened = new OpenOutcomes(this.#capacity);
  /** What first deliveries do, the same for all of them. */
  readonly #steps = {
    attempt: (lane: Lane, due: DueDelivery, to: OutcomeTaker): void => this.#attempt(lane, due, to),
    parked: (lane: Lane, due: DueDelivery): DeliveryRecord | undefined =>
      this.#stopping ? undefined : this.#park(lane, due),
    durable: ({ lane, bytes }: FirstDelivery, record: DeliveryRecord): void => {
      this.#opened.close(bytes);
      this.#whenRoom?.();
      this.#recorded(lane, record);
    },
  };
  readonly #claims: Claims;
  readonly #arrivals = new TickQueue();
  readonly #stopped = new AbortController();
  #whenRoom: (() => void) | undefined;
  #whenIdle: (() => void) | undefined;
  #bounding: Promise<void> | undefined;
  #stopping = false;

  constructor(deps: DeliverDeps) {
    this.#deps = deps;
    const { store, feed, clock, log } = deps;
    this.#lanes = new Lanes(store);
    this.#claims = new Claims({
      store,
      feed,
      clock,
      log,
      refresh: async (lane) => void (await this.#lanes.read(lane.number)),
      attempt: (lane, due, to) => this.#attempt(lane, due, to),
      bury: (lane, due) => this.#buried(lane, due, "subscription_deleted"),
      unseen: (lane, due) => this.#buried(lane, due, "not_visible"),
      unmatched: (lane, due) => this.#buried(lane, due, "not_matched"),
      maySee: async (lane, { event }) => (await deps.sight.among(event, [lane.subscription])).length > 0,
      recorded: (lane, record) => this.#recorded(lane, record),
      room: () => this.#capacity.room(clock.steady()),
    });
  }

  /** Finds out from the store what waited when the last process ended. It begins slowly: the health of its targets is not known. */
  async start(): Promise<void> {
    await this.#eachWaiting((lane, dueMs) => {
      lane.beginSlowly();
      this.#claims.at(lane, dueMs);
    });
    this.#bounding = this.#eachWaiting(async (lane) => {
      if (await boundWaits(this.#deps, lane.subscription, () => this.#stopping)) this.#claims.now(lane);
    }).catch((thrown: unknown) => {
      this.#deps.log.error(
        { error: asError(thrown).message },
        "could not look at what waits; it is sent when it is due",
      );
    });
  }

  async #eachWaiting(visit: (lane: Lane, dueMs: number) => void | Promise<void>): Promise<void> {
    for (let after = 0; !this.#stopping; ) {
      const page = await this.#deps.store.deliveries.waiting({ after, max: wokenTogether });
      for (const { subscription, dueMs } of page) {
        const lane = await this.#lanes.read(subscription);
        if (lane !== undefined) await visit(lane, dueMs);
      }
      if (page.length < wokenTogether) return;
      after = page.at(-1)?.subscription ?? after;
      await new Promise(setImmediate);
    }
  }

  /** How many events dispatch may take now; waits while there is no room at all. 0 once stopped. */
  async room(signal: AbortSignal): Promise<number> {
    while (!signal.aborted) {
      const room = Math.min(this.#capacity.room(this.#deps.clock.steady()), this.#opened.room);
      if (room > 0) return room;
      await this.#moment(signal);
    }
    return 0;
  }

  /** Until an attempt has ended, or a moment has passed. */
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

  /** Attempts the delivery of an event to a subscription that it has just met, lets it stand in line, or parks it. */
  first(event: Event, subscription: Subscription, { bytes, among }: EventSize, outcomes: FirstOutcomes): void {
    const first = this.#open(event, subscription, { bytes, among }, outcomes);
    const { lane, due } = first;
    if (subscription.deletedMs !== undefined) first.ended(this.#buried(lane, due, "subscription_deleted"));
    else if (lane.ordered) first.ended(this.#park(lane, due));
    else if (lane.trusted) this.#begin(first);
    else this.#beginLater(first);
  }

  /** Keeps an event for a subscription whose filter cannot be read, until it can, and is sending. */
  keep(event: Event, subscription: Subscription, outcomes: FirstOutcomes): void {
    const first = this.#open(event, subscription, { bytes: 0, among: 1 }, outcomes);
    first.ended({ ...this.#park(first.lane, first.due), unfiltered: true });
  }

  #open(event: Event, subscription: Subscription, { bytes, among }: EventSize, outcomes: FirstOutcomes): FirstDelivery {
    const lane = this.#lanes.of(subscription);
    const due = { event, attempts: 0, tries: 0, bytes };
    const share = bytes / among;
    this.#opened.open(share);
    return new FirstDelivery({ lane, due, bytes: share, outcomes }, this.#steps);
  }

  #begin(first: FirstDelivery): void {
    const { lane, due } = first;
    const waits = lane.startsMs > 0 && lane.mustWait(this.#deps.clock.steady());
    const mayBegin = lane.sending && this.#mayBegin(lane) && !waits;
    if (mayBegin && lane.takesFirst) first.begin();
    else if (mayBegin && lane.queues) this.#enqueue(first);
    else first.ended(this.#park(lane, due));
  }

  /** After what else this turn has to send: opening a connection to who may be ill takes longer than a request. */
  #beginLater(first: FirstDelivery): void {
    first.lane.arriving += 1;
    this.#arrivals.later(() => {
      first.lane.arriving -= 1;
      if (this.#stopping) first.ended(undefined);
      else this.#begin(first);
    });
  }

  #enqueue(first: FirstDelivery): void {
    const { clock } = this.#deps;
    const { lane } = first;
    // One timer for all who stand in line: it goes on as long as there are any.
    if (lane.queued === 0) clock.after(queueMs, () => this.#clearQueue(lane));
    first.sinceMs = clock.steady();
    lane.enqueue(first);
  }

  #clearQueue(lane: Lane): void {
    lane.parkSince(this.#deps.clock.steady() - queueMs);
    if (lane.queued > 0) this.#deps.clock.after(queueMs, () => this.#clearQueue(lane));
  }

  #park(lane: Lane, { event }: Pick<DueDelivery, "event">): DeliveryRecord {
    lane.unsettled += 1;
    this.#deps.meter.parked(1);
    return parkedRecord(event, lane.subscription, this.#deps.clock.steady());
  }

  /** So many lanes are woken before others get their turn of the loop. */
  async due(numbers: readonly number[]): Promise<void> {
    for (const [index, number] of numbers.entries()) {
      if (this.#stopping) return;
      if (index % wokenTogether === wokenTogether - 1) await new Promise(setImmediate);
      await this.wake(number);
    }
  }

  /** Something of this subscription may be due now: it was resumed, enabled, deleted, or redriven. */
  async wake(number: number): Promise<void> {
    const isWell = this.#lanes.isWell(number);
    const lane = await this.#lanes.read(number);
    if (lane === undefined) return;
    lane.pausing = false;
    if (!isWell) lane.beginSlowly();
    if (!lane.sending) lane.parkSince(Number.POSITIVE_INFINITY);
    this.#claims.now(lane);
  }

  /**
   * Begins no more attempts, waits for those under way as long as `grace` is not aborted, then cancels them. What was
   * cancelled is not recorded, so it is made again after the next start.
   */
  async stop(grace: AbortSignal): Promise<void> {
    this.#stopping = true;
    this.#claims.stop();
    for (const lane of this.#lanes.all()) lane.parkSince(Number.POSITIVE_INFINITY);
    const cancel = (): void => this.#stopped.abort();
    if (grace.aborted) cancel();
    else grace.addEventListener("abort", cancel, { once: true });
    await this.#bounding;
    while (this.#capacity.underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
  }

  #mayBegin(lane: Lane): boolean {
    if (this.#stopping || this.#capacity.room(this.#deps.clock.steady()) === 0) return false;
    return !this.#capacity.saturated || lane.running === 0;
  }

  #attempt(lane: Lane, due: DueDelivery, to: OutcomeTaker): void {
    const { clock, prepare } = this.#deps;
    const nowMs = clock.steady();
    const running = this.#capacity.begin(nowMs, due.bytes);
    lane.begin(due.event.sequence, nowMs);
    const attempt = new AttemptUnderWay({ lane, due, running, to, ended: this.#ended });
    const target = lane.target(prepare);
    const { signal } = this.#stopped;
    if (target.begin !== undefined) target.begin(attempt, signal);
    else void target.attempt(attempt, signal).then((result) => this.#ended(attempt, result));
  }

  readonly #ended = (attempt: AttemptUnderWay, result: AttemptResult): void => {
    const { lane, due, running, revision, to } = attempt;
    this.#capacity.end(running);
    lane.end();
    this.#whenRoom?.();
    if (this.#capacity.underWay === 0) this.#whenIdle?.();
    if (this.#stopped.signal.aborted && result.outcome.kind !== "delivered") return to.ended(undefined);
    const { meter } = this.#deps;
    meter.attempted(result.durationMs, result.outcome.kind === "delivered" ? undefined : result.outcome.reason);
    const record = this.#judge(lane, due, result, revision);
    // After the judgement: a target that has just said 410, or could not be reached, gets nothing from the queue.
    lane.admit();
    to.ended(record);
  };

  #judge(lane: Lane, due: DueDelivery, result: AttemptResult, revision: number): DeliveryRecord {
    const { clock, meter, tell, bounds } = this.#deps;
    const patienceMs = (bounds?.patienceHours ?? 24) * hourMs;
    const nowMs = clock.steady();
    lane.note(result, nowMs);
    const random = (): number => clock.random();
    const { record, pause } = judge(lane.subscription, due, result, { nowMs, random, patienceMs, revision });
    if (record.status === "delivered") meter.delivered(clock.now() - due.event.timeMs);
    if (record.reason !== undefined) meter.dead(record.reason);
    if (pause) this.#pause(lane);
    return tell({ subscription: lane.subscription, event: due.event, record });
  }

  #buried(
    lane: Lane,
    due: DueDelivery,
    reason: "subscription_deleted" | "not_visible" | "not_matched",
  ): DeliveryRecord {
    const { meter, tell, clock } = this.#deps;
    meter.dead(reason);
    const { subscription } = lane;
    const record = buriedRecord(subscription, due, { reason, nowMs: clock.steady() });
    return tell({ subscription, event: due.event, record });
  }

  /** The receiver answered 410: its owner has to say that it is back. */
  #pause(lane: Lane): void {
    if (lane.pausing || !lane.sending) return;
    lane.pausing = true;
    lane.parkSince(Number.POSITIVE_INFINITY);
    void pauseGone(this.#deps, lane.subscription).then(async (recorded) => {
      if (recorded) await this.#lanes.read(lane.number);
      else lane.pausing = false;
    });
  }

  /** A record is durable: what waits can be claimed from now on. */
  #recorded(lane: Lane, record: DeliveryRecord): void {
    // A parked one was never under way; but since it is durable, a claim may have taken it before this call.
    if (record.parked === true) lane.unsettled -= 1;
    else lane.busy.delete(record.sequence);
    // Its subscription was deleted while it was on its way into the store, where it was not found to be buried.
    if (record.dueMs !== undefined && lane.subscription.deletedMs !== undefined) this.#claims.now(lane);
    else if (record.dueMs !== undefined) this.#claims.at(lane, record.dueMs);
    // Who stood behind it is due.
    if (record.releasedMs !== undefined) this.#claims.now(lane);
    // Its slot is free for what is due already, whenever its own turn comes.
    if (lane.behind) this.#claims.soon(lane);
    this.#lanes.leave(lane);
  }
}
