import { inBatches } from "../domain/batch.ts";
import type { DeliveryRecord, DueDelivery } from "../domain/delivery.ts";
import { asError } from "../errors.ts";
import type { Attempts } from "./attempts.ts";
import type { BacklogNews } from "./backlog.ts";
import { claim, claimAll } from "./claim.ts";
import { DueQueue } from "./due-queue.ts";
import { gatherAnew } from "./gather-anew.ts";
import type { JoinedSettlements } from "./joined-settlements.ts";
import { buriedRecord } from "./judge.ts";
import type { Lane } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import type { OutboundContext } from "./outbound-context.ts";
import type { RecordOutcome } from "./outcome-recorder.ts";
import { TickQueue } from "./tick-queue.ts";

/** Of the deliverer that makes it: no part of any context. */
interface BacklogDeps extends Pick<OutboundContext, "store" | "feed" | "sight" | "meter" | "clock" | "log"> {
  readonly tell: RecordOutcome;
  readonly lanes: Lanes;
  readonly attempts: Attempts;
  readonly outcomes: JoinedSettlements;
  /** A look into the store has ended: slots that were kept for what waits there may be free. */
  readonly served: (lane: Lane) => void;
}

/** A claim that failed is made again after this. */
const againMs = 1_000;

/** Takes what waits in the store as it falls due, lane by lane, whenever the lane says so; and settles what comes of it. */
export class Backlogs {
  readonly #deps: BacklogDeps;
  readonly #due: DueQueue<Lane>;
  readonly #turns = new TickQueue();
  readonly #parts = new TickQueue(1);
  #stopped = false;

  constructor(deps: BacklogDeps) {
    this.#deps = deps;
    this.#due = new DueQueue(deps.clock, (lane) => this.hears(lane, "due"));
  }

  stop(): void {
    this.#stopped = true;
    this.#due.stop();
  }

  /** Something of this lane is due then, and durable. */
  at(lane: Lane, atMs: number): void {
    if (atMs > this.#deps.clock.steady()) this.#due.set(lane, atMs);
    else this.hears(lane, "due");
  }

  /** Thousands of lanes may have to look at once: each does when its turn comes. */
  hears(lane: Lane, news: BacklogNews): void {
    if (lane.hears(news)) this.#turns.later(() => void this.#turn(lane));
  }

  async #turn(lane: Lane): Promise<void> {
    if (this.#stopped) return;
    const { clock, log } = this.#deps;
    const nowMs = clock.steady();
    const turn = lane.turn(nowMs, this.#deps.attempts.capacity.room(nowMs));
    if (turn === "nothing") return;
    if (turn !== "claim") return this.#due.set(lane, turn.laterMs);
    let found: BacklogNews = "short";
    try {
      found = await this.#look(lane);
    } catch (thrown) {
      log.error({ error: asError(thrown).message }, "could not claim what is due; trying again");
      this.#due.set(lane, clock.steady() + againMs);
    }
    this.hears(lane, found);
    this.#deps.served(lane);
  }

  /** What the store has for a lane whose turn it is. */
  async #look(lane: Lane): Promise<BacklogNews> {
    await this.#deps.lanes.read(lane.number);
    if (lane.subscription.deletedMs !== undefined) return this.#bury(lane);
    if (!lane.isSending) return "all";
    if (lane.gathering.isOutdated) await gatherAnew(this.#deps, lane, () => this.#stopped);
    return this.#claim(lane);
  }

  async #claim(lane: Lane): Promise<BacklogNews> {
    const { clock, store } = this.#deps;
    const claimable = (nowMs: number): number => lane.claimable(nowMs, this.#deps.attempts.capacity.room(nowMs));
    const nowMs = clock.steady();
    const most = claimable(nowMs);
    if (most === 0) {
      this.#due.set(lane, lane.startsMs(nowMs));
      return "short";
    }
    const { due, unmatched, unseen, more } = await claim({ ...this.#deps, parts: this.#parts }, lane, { nowMs, most });
    await this.#over(lane, [
      ...unmatched.map((one) => this.buried(lane, one, "not_matched")),
      ...unseen.map((one) => this.buried(lane, one, "not_visible")),
    ]);
    // Nothing would wait for an attempt that begins now.
    if (this.#stopped || !lane.isSending) return "all";
    const begun = await this.#begin(lane, due, claimable);
    if (begun === 0 && due.length > 0) this.#due.set(lane, lane.startsMs(clock.steady()));
    if (more || begun < due.length) return "more";
    const next = await store.deliveries.nextDue(lane.number, nowMs);
    if (next !== undefined) this.#due.set(lane, next);
    return "all";
  }

  /** Attempts what was claimed, as far as there is room: first ones may have begun since. Returns how many that are. */
  async #begin(lane: Lane, due: readonly DueDelivery[], claimable: (nowMs: number) => number): Promise<number> {
    const { clock, attempts } = this.#deps;
    const to = { ended: (record: DeliveryRecord | undefined): void => this.settle(lane, record) };
    const { batch } = lane;
    if (batch === undefined) {
      const now = due.slice(0, claimable(clock.steady()));
      for (const delivery of now) {
        lane.claimed(delivery.event.sequence);
        attempts.begin(lane, delivery, to);
      }
      return now.length;
    }
    let begun = 0;
    for (const together of inBatches(due, batch)) {
      // Each is up to a thousand events that are written and signed.
      await this.#parts.turn();
      if (this.#stopped || !lane.isSending || claimable(clock.steady()) === 0) break;
      const count = attempts.beginBatch(
        lane,
        together.map((one) => ({ due: one, to })),
      );
      for (const { event } of together.slice(0, count)) lane.claimed(event.sequence);
      begun += count;
    }
    return begun;
  }

  /** What still waited for a deleted subscription becomes dead letters, due or not. */
  async #bury(lane: Lane): Promise<BacklogNews> {
    const { all, more } = await claimAll(this.#deps, lane);
    await this.#over(
      lane,
      all.map((one) => this.buried(lane, one, "subscription_deleted")),
    );
    return more ? "more" : "all";
  }

  /** Settles what ended without an attempt, whose end would look for what is due next. */
  async #over(lane: Lane, records: readonly DeliveryRecord[]): Promise<void> {
    if (records.length === 0) return;
    await this.#deps.feed.settle({ records, done: [] });
    this.hears(lane, "due");
  }

  /** The dead letter of one whose subscription is gone, or that it may not or need not get any more. */
  buried(lane: Lane, due: DueDelivery, reason: "subscription_deleted" | "not_visible" | "not_matched"): DeliveryRecord {
    const { meter, tell, clock } = this.#deps;
    meter.dead(reason);
    const { subscription } = lane;
    const record = buriedRecord(subscription, due, { reason, nowMs: clock.steady() });
    return tell({ subscription, event: due.event, record });
  }

  /** The outcome of an attempt at what the store calls waiting; `undefined` when it was cancelled, and waits on. */
  settle(lane: Lane, record: DeliveryRecord | undefined): void {
    if (record === undefined) return;
    const settled = (durable: boolean): void => {
      if (!durable) return;
      lane.settled(record.sequence);
      this.recorded(lane, record);
    };
    this.#deps.outcomes.take({ records: [record], done: [], settled });
  }

  /** A record is durable: what waits can be claimed from now on. A claim may have taken it before this call. */
  recorded(lane: Lane, { dueMs, releasedMs }: DeliveryRecord): void {
    // Its subscription was deleted while it was on its way into the store, where it was not found to be buried.
    if (dueMs !== undefined && lane.subscription.deletedMs !== undefined) this.hears(lane, "due");
    else if (dueMs !== undefined) this.at(lane, dueMs);
    // Who stood behind it is due.
    if (releasedMs !== undefined) this.hears(lane, "due");
    // Its slot is free for what is due already, whenever its own turn comes.
    this.hears(lane, "freed");
    if (this.#deps.lanes.areMany && lane.isIdle && !this.#due.has(lane)) this.#deps.lanes.forget(lane);
  }
}
