import type { DeliveryRecord, DueDelivery } from "../domain/delivery.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { AttemptResult, PreparedTarget } from "../targets/target.ts";
import { AttemptUnderWay, type OutcomeTaker } from "./attempt.ts";
import { AttemptCapacity } from "./attempt-capacity.ts";
import { judge } from "./judge.ts";
import type { Lane, Room } from "./lane.ts";
import type { OutboundContext } from "./outbound-context.ts";
import type { RecordOutcome } from "./outcome-recorder.ts";

/** Of its deliverer. */
interface AttemptDeps extends Pick<OutboundContext, "clock" | "meter"> {
  readonly tell: RecordOutcome;
  readonly prepare: (subscription: Subscription) => PreparedTarget;
  /** For how long receivers that are busy and say when to come again use up no tries. */
  readonly patienceMs: number;
  /** The receiver wants no more. */
  readonly gone: (lane: Lane) => void;
  /** One has ended, and the lane knows what that tells of its target; its outcome is told after this. */
  readonly ended: (lane: Lane) => void;
}

/** Makes attempts, and judges what comes of them; {@link AttemptCapacity} bounds them all together. */
export class Attempts {
  readonly #deps: AttemptDeps;
  readonly capacity = new AttemptCapacity();
  readonly #cancelled = new AbortController();
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

  readonly #ended = (attempt: AttemptUnderWay, result: AttemptResult): void => {
    const { lane, due, running, revision, to } = attempt;
    const { clock, meter } = this.#deps;
    const nowMs = clock.steady();
    this.capacity.end(running);
    lane.end(result, nowMs);
    if (this.capacity.underWay === 0) this.#whenIdle?.();
    if (this.#cancelled.signal.aborted && result.outcome.kind !== "delivered") return to.ended(undefined);
    meter.attempted(result.durationMs, result.outcome.kind === "delivered" ? undefined : result.outcome.reason);
    const record = this.#judged(lane, due, { result, revision, nowMs });
    // After the judgement: a target that has just said 410, or could not be reached, gets nothing from its line.
    this.#deps.ended(lane);
    to.ended(record);
  };

  #judged(
    lane: Lane,
    due: DueDelivery,
    { result, revision, nowMs }: { readonly result: AttemptResult; readonly revision: number; readonly nowMs: number },
  ): DeliveryRecord {
    const { clock, meter, tell, patienceMs, gone } = this.#deps;
    const random = (): number => clock.random();
    const { record, pause } = judge(lane.subscription, due, result, { nowMs, random, patienceMs, revision });
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
