import { slotsPerTarget } from "../domain/pace.ts";
import type { Subscription } from "../domain/subscription.ts";
import { alone, ownShare, type Sharers } from "../pace/own-share.ts";
import type { AttemptResult } from "../targets/target.ts";
import { RatePacer } from "./rate-pacer.ts";
import { gone, healthAfter, isUnreachable, type TargetHealth, unproven } from "./target-health.ts";

/**
 * How much of a shorter and of a longer duration goes into the usual one. A longer one says little of a target: while this process collects garbage or
 * commits, all that are under way take longer. Of a target that has become slow, all of them do.
 */
const ofShorter = 1 / 64;
const ofLonger = 1 / 1_024;

/**
 * How many attempts a target takes at once, going by its health, and how many its owner, and it, allow in a second. All nodes that there are share them
 * out, at least one to each, and anew whenever there are more or fewer.
 */
export class Slots {
  readonly #sharers: Sharers;
  /** As many as there were when what follows was shared out. */
  #shared: number;
  /** There are so many of this node while all is well. */
  #most: number;
  #inAll: number;
  #count: number;
  #running = 0;
  #pacer: RatePacer | undefined;
  /** In a second, by the owner and by the target. */
  #own: number;
  #allowed = Number.POSITIVE_INFINITY;
  #pace: string;
  #health: TargetHealth = unproven;
  #usualMs: number | undefined;

  constructor({ pace }: Pick<Subscription, "pace">, sharers: Sharers = alone) {
    this.#sharers = sharers;
    this.#shared = sharers.size;
    this.#inAll = pace?.maxConcurrency ?? slotsPerTarget;
    this.#most = ownShare(this.#inAll, sharers);
    this.#count = this.#most;
    this.#own = pace?.maxPerSecond ?? Number.POSITIVE_INFINITY;
    this.#pacer = this.#newPacer();
    this.#pace = JSON.stringify(pace);
  }

  get health(): TargetHealth {
    return this.#health;
  }

  /** As it is now: more attempts may be under way when it has just shrunk. */
  get count(): number {
    if (this.#sharers.size !== this.#shared) this.#shareOut();
    return this.#count;
  }

  get running(): number {
    return this.#running;
  }

  get free(): number {
    return Math.max(0, this.count - this.#running);
  }

  /** How long an attempt that is acknowledged takes, as a rule; `undefined` as long as none was. */
  get usualMs(): number | undefined {
    return this.#usualMs;
  }

  /** At least half of them are there, of a target that can be reached. */
  get isSound(): boolean {
    const { kind } = this.#health;
    return (kind === "unproven" || kind === "well" || kind === "failing") && this.#count * 2 >= this.#most;
  }

  /** Whether it is said how many may begin in a second. */
  get isPaced(): boolean {
    return this.#pacer !== undefined;
  }

  /** Those that are free, as far as the rate and the target's wish allow. */
  freeAt(nowMs: number): number {
    if (nowMs < this.#patientMs) return 0;
    return this.#pacer === undefined ? this.free : Math.min(this.free, this.#pacer.free(nowMs));
  }

  /** Whether none may begin now, whatever slots are free. */
  mustWait(nowMs: number): boolean {
    return nowMs < this.#patientMs || this.#pacer?.free(nowMs) === 0;
  }

  /** When one that must wait may begin; 0 where nothing bounds that. */
  get startsMs(): number {
    return Math.max(this.#patientMs, this.#pacer?.nextMs ?? 0);
  }

  get #patientMs(): number {
    return this.#health.kind === "patient" ? this.#health.untilMs : 0;
  }

  begin(nowMs: number): void {
    this.#running += 1;
    this.#pacer?.begin(nowMs);
  }

  /** An attempt has ended: what that tells of the target. */
  end({ outcome, durationMs }: Pick<AttemptResult, "outcome" | "durationMs">, nowMs: number): void {
    this.#running -= 1;
    this.#health = healthAfter(this.#health, outcome, nowMs);
    if (outcome.kind === "delivered") {
      if (this.#count < this.#most) this.#count += 1;
      this.#usualMs = usualAfter(this.#usualMs, durationMs);
    } else if (outcome.kind === "failed" && outcome.busy === true && outcome.retryAfterMs !== undefined) {
      // For what piles up until then.
      this.slow();
    } else if ((outcome.kind === "failed" && outcome.busy === true) || isUnreachable(outcome)) {
      this.#count = Math.max(1, this.#count >> 1);
    }
  }

  /** So many may begin in a second, says the target, to which one has just been sent. */
  allow(perSecond: number, nowMs: number): void {
    if (perSecond === this.#allowed) return;
    const before = this.#perSecond;
    this.#allowed = perSecond;
    if (this.#perSecond === before) return;
    this.#pacer = this.#newPacer();
    this.#pacer?.begin(nowMs);
  }

  /** Of this node. */
  get #perSecond(): number {
    return Math.min(this.#own, this.#allowed) / this.#shared;
  }

  #newPacer(nextMs?: number): RatePacer | undefined {
    const perSecond = this.#perSecond;
    return Number.isFinite(perSecond) ? new RatePacer(perSecond, nextMs) : undefined;
  }

  #shareOut(): void {
    this.#shared = this.#sharers.size;
    this.#bound(this.#inAll);
    this.#pacer = this.#newPacer(this.#pacer?.nextMs);
  }

  /** So many slots in all while all is well. */
  #bound(inAll: number): void {
    const most = ownShare(inAll, this.#sharers);
    this.#count = this.#count === this.#most ? most : Math.min(this.#count, most);
    this.#inAll = inAll;
    this.#most = most;
  }

  /** A backlog is about to go out. */
  slow(): void {
    this.#count = 1;
  }

  /** It said that it is gone. */
  leave(): void {
    this.#health = gone;
  }

  stay(): void {
    if (this.#health.kind === "gone") this.#health = unproven;
  }

  /** Its owner has changed it: it may be another target by now. */
  renew(pace: Subscription["pace"]): void {
    if (this.#health.kind === "patient" || this.#health.kind === "gone") this.#health = unproven;
    const text = JSON.stringify(pace);
    const wasAllowed = this.#allowed;
    this.#allowed = Number.POSITIVE_INFINITY;
    if (text === this.#pace && wasAllowed === this.#allowed) return;
    this.#pace = text;
    this.#bound(pace?.maxConcurrency ?? slotsPerTarget);
    this.#own = pace?.maxPerSecond ?? Number.POSITIVE_INFINITY;
    this.#pacer = this.#newPacer();
  }
}

function usualAfter(usualMs: number | undefined, durationMs: number): number {
  if (usualMs === undefined) return durationMs;
  return usualMs + (durationMs - usualMs) * (durationMs < usualMs ? ofShorter : ofLonger);
}
