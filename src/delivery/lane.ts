import { slotsPerTarget } from "../domain/pace.ts";
import { askedWaitMs } from "../domain/retry.ts";
import { isSending, type Subscription } from "../domain/subscription.ts";
import type { AttemptResult, PreparedTarget } from "../targets/target.ts";
import { RatePacer } from "./rate-pacer.ts";

/** First attempts that may stand in line for a slot of one target. */
const queueLength = 256;
/** They may stand in line for so long, going by how long attempts take; and what has waited for this long is parked. */
export const queueMs = 100;

const unreachable: ReadonlySet<string> = new Set(["timeout", "connection", "dns", "tls"]);

/** A first attempt that stands in line. */
export interface Queued {
  readonly sinceMs: number;
  /** A slot is free: attempt it. */
  begin(): void;
  /** It will not be soon: put it into the store. */
  park(): void;
}

/**
 * One subscription's way out: its slots, and what the engine knows of what waits for them.
 *
 * A first attempt takes a free slot. If there is none, it stands in line, but only behind a target that answers within
 * milliseconds and only for a moment; otherwise it is parked in the store, and claimed when slots come free. As long as something
 * older waits there, half of the slots are kept for it. The number of slots follows the target's health: each time-out, broken connection and
 * 429 halves it, each acknowledgement adds one, so a target that hangs soon holds a single connection, and nothing stands in line for it.
 * A target that asks for patience gets nothing for that long. What has waited for long, whatever for, begins with one slot: its target is
 * not met by as many as it can just bear.
 */
export class Lane {
  readonly number: number;
  #subscription: Subscription;
  #prepared: { readonly revision: number; readonly target: PreparedTarget } | undefined;
  /** Sequences of events from the start of an attempt until its outcome is durable: the store still calls them waiting. */
  readonly busy = new Set<number>();
  #running = 0;
  /** Slots there are while all is well. */
  #most: number;
  #slots: number;
  #pacer: RatePacer | undefined;
  /** The target asked for nothing to be sent before. */
  #patientUntilMs = 0;
  /** How long acknowledged attempts take, of late. */
  #usualMs = 0;
  #queue: Queued[] = [];
  /** First attempts that have been handed over and are about to begin, or to be put off. */
  arriving = 0;
  /** Parked deliveries of which the store has not yet confirmed that they are durable, and so claimable. */
  unsettled = 0;
  /** Something that is due waits in the store. */
  behind = false;
  claiming = false;
  /** Its next claim is about to begin. */
  inLine = false;
  /** The last attempt that ended was acknowledged. */
  trusted = false;
  /** Something became due or durable that a claim under way may not see. */
  lookAgain = false;
  /** When to look next for what is due; the earliest of the wake-ups that are set for this lane. */
  wakeMs: number | undefined;
  /** This process has just paused the subscription; the store has not confirmed it yet. */
  pausing = false;

  constructor(subscription: Subscription) {
    this.number = subscription.number;
    this.#subscription = subscription;
    this.#most = subscription.pace?.maxConcurrency ?? slotsPerTarget;
    this.#slots = this.#most;
    this.#pacer = pacerOf(subscription);
  }

  get subscription(): Subscription {
    return this.#subscription;
  }

  /** Takes note of a newer state. */
  update(subscription: Subscription): void {
    if (subscription.revision > this.#subscription.revision) {
      const { pace } = this.#subscription;
      this.#subscription = subscription;
      this.pausing = false;
      // The change may have made it another target, or mended it.
      this.#patientUntilMs = 0;
      if (JSON.stringify(pace) !== JSON.stringify(subscription.pace)) this.#repace();
    }
  }

  #repace(): void {
    const most = this.#subscription.pace?.maxConcurrency ?? slotsPerTarget;
    this.#slots = this.#slots === this.#most ? most : Math.min(this.#slots, most);
    this.#most = most;
    this.#pacer = pacerOf(this.#subscription);
  }

  target(prepare: (subscription: Subscription) => PreparedTarget): PreparedTarget {
    if (this.#prepared?.revision !== this.#subscription.revision) {
      this.#prepared = { revision: this.#subscription.revision, target: prepare(this.#subscription) };
    }
    return this.#prepared.target;
  }

  get sending(): boolean {
    return !this.pausing && isSending(this.#subscription);
  }

  get free(): number {
    return Math.max(0, this.#slots - this.#running);
  }

  /** Slots that are free, as far as the pacer allows it. */
  freeAt(nowMs: number): number {
    if (nowMs < this.#patientUntilMs) return 0;
    return this.#pacer === undefined ? this.free : Math.min(this.free, this.#pacer.free(nowMs));
  }

  /** Whether none may begin now, whatever slots are free. */
  mustWait(nowMs: number): boolean {
    return nowMs < this.#patientUntilMs || this.#pacer?.free(nowMs) === 0;
  }

  /** When one that must wait may begin; 0 where nothing bounds that. */
  get startsMs(): number {
    return this.#pacer === undefined ? this.#patientUntilMs : Math.max(this.#patientUntilMs, this.#pacer.nextMs);
  }

  /** One at a time of each line. */
  get ordered(): boolean {
    return this.#subscription.pace?.ordered === true;
  }

  /** Attempts under way. */
  get running(): number {
    return this.#running;
  }

  begin(sequence: number, nowMs: number): void {
    this.busy.add(sequence);
    this.#running += 1;
    this.#pacer?.begin(nowMs);
  }

  end(): void {
    this.#running -= 1;
  }

  /** Enough slots are free to make a look into the store worthwhile. */
  get worthClaiming(): boolean {
    return this.free >= Math.max(1, this.#slots >> 2);
  }

  /** Slots that first attempts may take: half of them as long as older deliveries wait in the store. */
  get #slotsForFirst(): number {
    return this.behind ? this.#slots >> 1 : this.#slots;
  }

  get takesFirst(): boolean {
    return this.#running < this.#slotsForFirst && this.#queue.length === 0;
  }

  /** A slot will be free in a moment, and few are before it. */
  get queues(): boolean {
    if (this.#slots < this.#most || this.#pacer !== undefined || this.#queue.length >= queueLength) return false;
    return (this.#usualMs * (this.#queue.length + 1)) / this.#slotsForFirst <= queueMs / 2;
  }

  get queued(): number {
    return this.#queue.length;
  }

  enqueue(queued: Queued): void {
    this.#queue.push(queued);
  }

  /** Gives free slots to who stands in line. */
  admit(): void {
    while (this.#running < this.#slotsForFirst && this.#queue.length > 0) this.#queue.shift()?.begin();
  }

  /** Parks who has stood in line since `sinceMs` or longer. */
  parkSince(sinceMs: number): void {
    const late = this.#queue.findIndex((queued) => queued.sinceMs > sinceMs);
    for (const queued of this.#queue.splice(0, late < 0 ? this.#queue.length : late)) queued.park();
  }

  /** Nothing is under way or known to wait: the lane may be forgotten. */
  get idle(): boolean {
    const nothingUnderWay = this.busy.size === 0 && this.arriving === 0 && this.#queue.length === 0 && !this.claiming;
    return nothingUnderWay && this.unsettled === 0 && !this.behind && !this.inLine && this.wakeMs === undefined;
  }

  /** What an attempt's end tells of the target. */
  note({ outcome, durationMs }: Pick<AttemptResult, "outcome" | "durationMs">, nowMs: number): void {
    this.trusted = outcome.kind === "delivered";
    if (outcome.kind === "delivered") return this.#acknowledged(durationMs);
    const busy = outcome.kind === "failed" && outcome.busy === true;
    if (!busy && !unreachable.has(outcome.reason)) return;
    this.#slots = Math.max(1, this.#slots >> 1);
    if (busy && outcome.retryAfterMs !== undefined) {
      this.#patientUntilMs = Math.max(this.#patientUntilMs, nowMs + askedWaitMs(outcome.retryAfterMs));
      // For what piles up until then.
      this.beginSlowly();
    }
    this.parkSince(Number.POSITIVE_INFINITY);
  }

  #acknowledged(durationMs: number): void {
    if (this.#slots < this.#most) this.#slots += 1;
    this.#usualMs += (durationMs - this.#usualMs) / 8;
  }

  /** A backlog is about to go out. */
  beginSlowly(): void {
    this.#slots = 1;
  }
}

function pacerOf({ pace }: Subscription): RatePacer | undefined {
  return pace?.maxPerSecond === undefined ? undefined : new RatePacer(pace.maxPerSecond);
}
