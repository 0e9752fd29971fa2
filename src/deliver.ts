import { Alarm } from "./alarm.ts";
import type { Clock } from "./clock.ts";
import type { DeliveryRecord, DueDelivery } from "./domain/delivery.ts";
import type { Event } from "./domain/event.ts";
import { deliveryUuid } from "./domain/ids.ts";
import type { Subscription } from "./domain/subscription.ts";
import { asError } from "./errors.ts";
import { deletedRecord, judge } from "./judge.ts";
import { Lane, slotsPerTarget } from "./lane.ts";
import type { Log } from "./log.ts";
import type { Meter } from "./meter.ts";
import type { Publish } from "./publish.ts";
import type { Feed } from "./store/feed.ts";
import type { Store } from "./store/store.ts";
import type { AttemptResult, PreparedTarget } from "./targets/target.ts";
import { Traffic } from "./traffic.ts";

export interface DeliverDeps {
  readonly store: Store;
  readonly feed: Feed;
  readonly publish: Publish;
  readonly prepare: (subscription: Subscription) => PreparedTarget;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly log: Log;
}

/** What {@link Deliverer.first} gives: the outcome, now or later, and whom to tell when it is durable. */
export interface FirstOutcome {
  /** `undefined`: cancelled, nothing to record. */
  readonly record: DeliveryRecord | Promise<DeliveryRecord | undefined>;
  readonly durable: (record: DeliveryRecord) => void;
}

/** A claim looks at the store again after this, should it have failed. */
const againMs = 1_000;
/** Dead letters of a deleted subscription that are recorded at once. */
const deletedBatch = 256;
/** How far dispatch may lag behind the commits before it no longer waits for a slot. */
const patienceMs = 50;
const momentMs = 5;
/** Idle lanes are forgotten beyond this many. */
const keptLanes = 10_000;
const unreachable = new Set(["timeout", "connection", "dns", "tls"]);

/**
 * Makes attempts: first ones as dispatch hands them over, later ones when they fall due in the store. Each subscription has a
 * {@link Lane} of its own; {@link Traffic} bounds them all together. Nothing here is the only copy of anything: what is lost
 * with the process is in the store as `waiting`, or its event is not yet done.
 */
export class Deliverer {
  readonly #deps: DeliverDeps;
  readonly #lanes = new Map<number, Lane>();
  readonly #traffic = new Traffic();
  readonly #alarm: Alarm<Lane>;
  readonly #stopped = new AbortController();
  #whenRoom: (() => void) | undefined;
  #whenIdle: (() => void) | undefined;
  #stopping = false;
  /** Where the last event went, and how old it was then. */
  #lastUsed: Lane | undefined;
  #lastLagMs = 0;

  constructor(deps: DeliverDeps) {
    this.#deps = deps;
    this.#alarm = new Alarm(deps.clock, (lane) => {
      lane.behind = true;
      void this.#claim(lane);
    });
  }

  /** Finds out from the store what waited when the last process ended. */
  async start(): Promise<void> {
    for (const { subscription, dueMs } of await this.#deps.store.deliveries.waiting()) {
      const lane = await this.#laneOf(subscription);
      if (lane !== undefined) this.#wakeAt(lane, dueMs);
    }
  }

  /**
   * How many events dispatch may take now. Waits while there is no room at all, and a moment while the target that the last
   * event went to is only just full: an event left in the store for that moment costs less than one that is taken and parked.
   * Once events are older than that moment, nobody waits for anybody. 0 once stopped.
   */
  async room(signal: AbortSignal): Promise<number> {
    const untilMs = this.#deps.clock.now() + patienceMs;
    while (!signal.aborted) {
      const nowMs = this.#deps.clock.now();
      const room = this.#traffic.room(nowMs);
      const last = this.#lastUsed;
      if (room > 0 && (last === undefined || (last.takesFirst && last.worthClaiming))) {
        return Math.min(room, last?.free ?? slotsPerTarget);
      }
      const soon = last !== undefined && last.usualWaitMs + this.#lastLagMs <= patienceMs;
      if (room > 0 && !(soon && nowMs < untilMs)) return room;
      await this.#moment(signal);
    }
    return 0;
  }

  /** Until an attempt has ended, or a few milliseconds have passed. */
  async #moment(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#deps.clock.after(momentMs, resolve);
      this.#whenRoom = () => {
        cancel();
        resolve();
      };
      signal.addEventListener("abort", this.#whenRoom, { once: true });
    });
    if (this.#whenRoom !== undefined) signal.removeEventListener("abort", this.#whenRoom);
    this.#whenRoom = undefined;
  }

  /** Attempts the delivery of an event to a subscription that it has just met, or parks it. */
  first(event: Event, subscription: Subscription): FirstOutcome {
    const lane = this.#lane(subscription);
    this.#lastUsed = lane;
    this.#lastLagMs = this.#deps.clock.now() - event.timeMs;
    if (subscription.deletedMs !== undefined)
      return { record: this.#deleted(lane, { event, attempts: 0, tries: 0 }), durable: nobodyWaits };
    if (lane.sending && lane.takesFirst && this.#mayBegin(lane)) {
      return {
        record: this.#attempt(lane, { event, attempts: 0, tries: 0 }),
        durable: (record) => this.#recorded(lane, record),
      };
    }
    lane.unsettled += 1;
    lane.parked += 1;
    this.#deps.meter.parked(1);
    return {
      record: {
        sequence: event.sequence,
        subscription: lane.number,
        tenant: event.tenant,
        status: "waiting",
        attempts: 0,
        tries: 0,
        dueMs: this.#deps.clock.now(),
      },
      durable: (record) => {
        lane.unsettled -= 1;
        this.#recorded(lane, record);
      },
    };
  }

  /** Something of this subscription may be due now: it was resumed, enabled, deleted, or redriven. */
  async wake(number: number): Promise<void> {
    const lane = await this.#laneOf(number);
    if (lane === undefined) return;
    lane.held = false;
    lane.behind = true;
    await this.#claim(lane);
  }

  /**
   * Begins no more attempts, waits for those under way as long as `grace` is not aborted, then cancels them. What was
   * cancelled is not recorded, so it is made again after the next start.
   */
  async stop(grace: AbortSignal): Promise<void> {
    this.#stopping = true;
    this.#alarm.stop();
    const cancel = (): void => this.#stopped.abort();
    if (grace.aborted) cancel();
    else grace.addEventListener("abort", cancel, { once: true });
    while (this.#traffic.underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
  }

  #mayBegin(lane: Lane): boolean {
    if (this.#stopping || this.#traffic.room(this.#deps.clock.now()) === 0) return false;
    return !this.#traffic.crowded || lane.running === 0;
  }

  #lane(subscription: Subscription): Lane {
    let lane = this.#lanes.get(subscription.number);
    if (lane === undefined) {
      lane = new Lane(subscription);
      this.#lanes.set(subscription.number, lane);
    } else {
      lane.update(subscription);
    }
    return lane;
  }

  /** The lane with its subscription as the store has it now. */
  async #laneOf(number: number): Promise<Lane | undefined> {
    const subscription = await this.#deps.store.subscriptions.byNumber(number);
    return subscription === undefined ? undefined : this.#lane(subscription);
  }

  async #attempt(lane: Lane, due: DueDelivery): Promise<DeliveryRecord | undefined> {
    const { clock, meter, prepare } = this.#deps;
    const { event } = due;
    const trip = this.#traffic.begin(clock.now());
    lane.begin(event.sequence);
    const uuid = deliveryUuid(event.sequence, lane.subscription.uuid);
    const result = await lane.target(prepare).attempt({ uuid, event }, this.#stopped.signal);
    this.#traffic.end(trip);
    lane.end();
    this.#whenRoom?.();
    if (this.#traffic.underWay === 0) this.#whenIdle?.();
    if (this.#stopped.signal.aborted && result.outcome.kind !== "delivered") return undefined;
    meter.attempted(result.durationMs, result.outcome.kind === "delivered" ? undefined : result.outcome.reason);
    return this.#judge(lane, due, result);
  }

  #judge(lane: Lane, due: DueDelivery, result: AttemptResult): DeliveryRecord {
    const { clock, meter } = this.#deps;
    const { outcome } = result;
    if (outcome.kind === "delivered") lane.healthy(result.durationMs);
    else if (unreachable.has(outcome.reason)) lane.unreachable();
    const nowMs = clock.now();
    const { record, pause } = judge(lane.subscription, due, result, { nowMs, random: () => clock.random() });
    if (record.status === "delivered") meter.delivered(nowMs - due.event.timeMs);
    if (record.reason !== undefined) meter.dead(record.reason);
    if (pause) this.#pause(lane);
    return record;
  }

  #deleted(lane: Lane, due: DueDelivery): DeliveryRecord {
    this.#deps.meter.dead("subscription_deleted");
    return deletedRecord(lane.subscription, due);
  }

  /** The receiver answered 410: its owner has to say that it is back. */
  #pause(lane: Lane): void {
    if (lane.held || !lane.sending) return;
    lane.held = true;
    const { clock, log, publish } = this.#deps;
    const { uuid, revision } = lane.subscription;
    const atMs = clock.now();
    log.warn({ subscription: uuid }, "the receiver answered 410 Gone: the subscription is paused");
    void publish({
      conditions: [{ if: "subscription.revision", uuid, revision }],
      changes: [{ do: "subscription.change", uuid, patch: { paused: { reason: "gone", sinceMs: atMs } }, atMs }],
    })
      .then(() => this.#laneOf(lane.number))
      .catch((thrown: unknown) => {
        lane.held = false;
        log.error({ subscription: uuid, error: asError(thrown).message }, "could not pause the subscription");
      });
  }

  /** A record is durable: what waits can be claimed from now on. */
  #recorded(lane: Lane, record: DeliveryRecord): void {
    lane.busy.delete(record.sequence);
    if (record.dueMs !== undefined) this.#wakeAt(lane, record.dueMs);
    else if (lane.behind) void this.#claim(lane);
    this.#forget(lane);
  }

  /** Lanes are kept for what they know of their targets, but not without end. */
  #forget(lane: Lane): void {
    if (lane.idle && this.#lanes.size > keptLanes) this.#lanes.delete(lane.number);
  }

  #wakeAt(lane: Lane, atMs: number): void {
    if (atMs > this.#deps.clock.now()) {
      this.#alarm.set(lane, atMs);
      return;
    }
    lane.behind = true;
    void this.#claim(lane);
  }

  /** Takes what is due from the store into free slots. One claim of a lane at a time; each end of an attempt asks again. */
  async #claim(lane: Lane): Promise<void> {
    if (lane.claiming || this.#stopping || !lane.worthClaiming) return;
    lane.claiming = true;
    try {
      const fresh = await this.#laneOf(lane.number);
      if (fresh?.subscription.deletedMs !== undefined) await this.#bury(lane);
      else if (lane.sending) await this.#take(lane);
      else lane.behind = false;
    } catch (thrown) {
      this.#deps.log.error({ error: asError(thrown).message }, "could not claim what is due; trying again");
      this.#wakeAt(lane, this.#deps.clock.now() + againMs);
    } finally {
      lane.claiming = false;
    }
    this.#forget(lane);
  }

  async #take(lane: Lane): Promise<void> {
    const { clock, store } = this.#deps;
    const nowMs = clock.now();
    const room = Math.min(lane.free, this.#traffic.room(nowMs));
    if (room === 0) return this.#wakeAt(lane, nowMs + 100);
    // Those under way still wait as far as the store knows, and may end while it is asked: hence the copy.
    const busy = new Set(lane.busy);
    const due = await store.deliveries.due(lane.number, nowMs, room + busy.size + 1);
    const ready = due.filter(({ event }) => !busy.has(event.sequence));
    const taken = ready.slice(0, room);
    lane.behind = ready.length > room;
    lane.parked = lane.behind ? Math.max(0, lane.parked - taken.length) : lane.unsettled;
    for (const delivery of taken) this.#again(lane, this.#attempt(lane, delivery));
    if (lane.behind) return;
    const next = await store.deliveries.nextDue(lane.number, nowMs);
    if (next !== undefined) this.#wakeAt(lane, next);
  }

  /** What still waited for a deleted subscription becomes dead letters, due or not. */
  async #bury(lane: Lane): Promise<void> {
    const busy = new Set(lane.busy);
    const due = await this.#deps.store.deliveries.due(lane.number, Number.MAX_SAFE_INTEGER, deletedBatch);
    const rest = due.filter(({ event }) => !busy.has(event.sequence));
    const records = rest.map((delivery) => this.#deleted(lane, delivery));
    if (records.length > 0) await this.#deps.feed.settle({ records, done: [] });
    lane.behind = due.length === deletedBatch;
    if (lane.behind) this.#wakeAt(lane, this.#deps.clock.now() + 1);
  }

  #again(lane: Lane, attempt: Promise<DeliveryRecord | undefined>): void {
    void attempt.then(async (record) => {
      if (record === undefined) return;
      await this.#deps.feed.settle({ records: [record], done: [] });
      this.#recorded(lane, record);
    });
  }
}

function nobodyWaits(): void {
  // Nobody waits for this outcome.
}
