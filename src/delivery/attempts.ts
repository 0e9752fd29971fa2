import type { DeliveryRecord, DueDelivery } from "../domain/delivery.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { AttemptResult, PreparedTarget } from "../targets/target.ts";
import { AttemptUnderWay, type BatchUnderWay, deliverableOf } from "./attempt.ts";
import { AttemptCapacity, type RunningAttempt } from "./attempt-capacity.ts";
import type { Attemptable, OutcomeTaker } from "./attemptable.ts";
import type { JoinedSettlements } from "./joined-settlements.ts";
import { judge } from "./judge.ts";
import type { Lane, Room } from "./lane.ts";
import type { OutboundContext } from "./outbound-context.ts";
import type { RecordOutcome } from "./outcome-recorder.ts";
import { TickQueue } from "./tick-queue.ts";

/** Of its deliverer. */
interface AttemptDeps extends Pick<OutboundContext, "clock" | "meter"> {
  readonly tell: RecordOutcome;
  readonly outcomes: JoinedSettlements;
  readonly prepare: (subscription: Subscription) => PreparedTarget;
  /** For how long receivers that are busy and say when to come again use up no tries. */
  readonly patienceMs: number;
  /** The receiver wants no more. */
  readonly gone: (lane: Lane) => void;
  /** One has ended, and the lane knows what that tells of its target; its outcome is told after this. */
  readonly ended: (lane: Lane) => void;
}

/** What an attempt's end is judged by. */
interface EndedAt {
  readonly result: AttemptResult;
  /** Of the subscription, when it began. */
  readonly revision: number;
  readonly nowMs: number;
  readonly random: () => number;
}

/** Makes attempts, and judges what comes of them; {@link AttemptCapacity} bounds them all together. */
export class Attempts {
  readonly #deps: AttemptDeps;
  readonly capacity = new AttemptCapacity();
  readonly #cancelled = new AbortController();
  readonly #endings = new TickQueue(1);
  #whenIdle: (() => void) | undefined;

  constructor(deps: AttemptDeps) {
    this.#deps = deps;
  }

  /** What a lane is told of the room in all. */
  room(nowMs: number): Room {
    if (this.capacity.room(nowMs) === 0) return "none";
    return this.capacity.saturated ? "scarce" : "free";
  }

  /** Takes a slot of the lane. Returns when it began. */
  begin(lane: Lane, due: DueDelivery, to: OutcomeTaker): number {
    const { clock, prepare } = this.#deps;
    const nowMs = clock.steady();
    const running = this.capacity.begin(nowMs, due.bytes);
    lane.begin(nowMs);
    const attempt = new AttemptUnderWay({ lane, due, running, to, ended: this.#ended });
    const target = lane.target(prepare);
    const { signal } = this.#cancelled;
    if (target.begin !== undefined) target.begin(attempt, signal);
    else void target.attempt(attempt, signal).then((result) => this.#ended(attempt, result));
    return nowMs;
  }

  /** Of as many of these, at least one, as go in one request, which takes one slot. Returns how many that are. */
  beginBatch(lane: Lane, members: readonly Attemptable[]): number {
    const [first] = members;
    const target = lane.target(this.#deps.prepare);
    if (first === undefined) return 0;
    if (target.beginBatch === undefined || members.length === 1) {
      this.begin(lane, first.due, first.to);
      return 1;
    }
    const nowMs = this.#deps.clock.steady();
    const { revision } = lane.subscription;
    const under: { way?: BatchUnderWay } = {};
    // Many may be answered in one turn of the loop, and each may be of a thousand events.
    const ended = (result: AttemptResult): void =>
      this.#endings.later(() => {
        if (under.way !== undefined) this.#endedBatch(under.way, result);
      });
    const deliveries = members.map(({ due }) => deliverableOf(lane, due));
    const count = target.beginBatch(deliveries, ended, this.#cancelled.signal);
    const begun = members.slice(0, count);
    const bytes = begun.reduce((sum, { due }) => sum + (due.bytes ?? 0), 0);
    const running = this.capacity.begin(nowMs, bytes, count);
    under.way = { lane, members: begun, running, revision };
    lane.begin(nowMs);
    return count;
  }

  readonly #ended = ({ lane, due, running, revision, to }: AttemptUnderWay, result: AttemptResult): void => {
    const nowMs = this.#over(lane, running, result);
    if (this.#isCancelled(result)) return to.ended(undefined);
    const { clock } = this.#deps;
    const random = (): number => clock.random();
    const record = this.#judged(lane, due, { result, revision, nowMs, random });
    // After the judgement: a target that has just said 410, or could not be reached, gets nothing from its line.
    this.#deps.ended(lane);
    to.ended(record);
  };

  #endedBatch({ lane, members, running, revision }: BatchUnderWay, result: AttemptResult): void {
    const nowMs = this.#over(lane, running, result);
    if (this.#isCancelled(result)) {
      for (const { to } of members) to.ended(undefined);
      return;
    }
    // What failed together is due together.
    const dice = this.#deps.clock.random();
    const random = (): number => dice;
    const records = members.map(({ due }) => this.#judged(lane, due, { result, revision, nowMs, random }));
    this.#deps.ended(lane);
    this.#deps.outcomes.join(() => {
      for (const [index, { to }] of members.entries()) to.ended(records[index]);
    });
  }

  /** The slot is free, and its lane knows what came of it. Returns when. */
  #over(lane: Lane, running: RunningAttempt, result: AttemptResult): number {
    const nowMs = this.#deps.clock.steady();
    this.capacity.end(running);
    lane.end(result, nowMs);
    if (this.capacity.underWay === 0) this.#whenIdle?.();
    return nowMs;
  }

  #isCancelled({ outcome }: AttemptResult): boolean {
    return this.#cancelled.signal.aborted && outcome.kind !== "delivered";
  }

  #judged(lane: Lane, due: DueDelivery, { result, ...at }: EndedAt): DeliveryRecord {
    const { clock, meter, tell, patienceMs, gone } = this.#deps;
    const { outcome } = result;
    meter.attempted(result.durationMs, outcome.kind === "delivered" ? undefined : outcome.reason);
    const { record, pause } = judge(lane.subscription, due, result, { ...at, patienceMs });
    if (record.status === "delivered") meter.delivered(clock.now() - due.event.timeMs);
    if (record.reason !== undefined) meter.dead(record.reason);
    if (pause) gone(lane);
    return tell({ subscription: lane.subscription, event: due.event, record });
  }

  /** Those under way end as they can, or at once when `grace` aborts; resolves when none is left. */
  async stop(grace: AbortSignal): Promise<void> {
    const cancel = (): void => this.#cancelled.abort();
    if (grace.aborted) cancel();
    else grace.addEventListener("abort", cancel, { once: true });
    while (this.capacity.underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
  }
}
