import type { Batch } from "../domain/batch.ts";
import { webhookOf } from "../domain/destination.ts";
import { isSending, type Subscription } from "../domain/subscription.ts";
import type { Sharers } from "../pace/own-share.ts";
import type { AttemptResult, PreparedTarget } from "../targets/target.ts";
import type { First } from "./attemptable.ts";
import { type Backlog, type BacklogNews, nextBacklog } from "./backlog.ts";
import { Gathering, leavesMs } from "./gathering.ts";
import { Line, type LineRoom } from "./line.ts";
import { Slots } from "./slots.ts";

/**
 * For so long a first delivery may be known in memory only: it holds the feed's watermark, and is made again after a crash. Then who stands in line
 * is parked, and who is under way is recorded as waiting.
 */
export const onlyInMemoryMs = 5_000;
/** A delivery does not join a line in which it would stand for longer than this, going by how long attempts take. */
const expectedMs = onlyInMemoryMs / 2;
/**
 * A line that has taken its share is joined all the same, and dispatch waits for it, if its target takes one in so many milliseconds: that is no longer
 * than parking one and claiming it takes. Not if dispatch has waited for so many moments and no attempt has ended: it does not wait for a target
 * that stopped answering. While this thread has its hands full, all attempts take longer, and so would parking.
 */
const flowingMs = 0.2;
const flowingStrainedMs = 0.8;
const stalledMoments = 20;

/** Whether attempts may begin, of all lanes together. `scarce`: so many hang that no lane may have more than one. */
export type Room = "free" | "scarce" | "none";

/** What becomes of a first delivery that has been handed over. */
type FirstStep = "attempt" | "line" | "park";

/** What a lane makes of its turn to look into the store: it does so now, or then, or when slots come free. */
type Turn = "claim" | { readonly laterMs: number } | "nothing";

/** A claim without room, of all lanes together, is made again after this. */
const noRoomMs = 100;

/**
 * One subscription's way out. It decides, and does nothing: who holds it makes the attempts, writes, looks into the store, and knows the time.
 *
 * A first delivery has its place by the first row that fits:
 *
 * | it comes                                                                                           | place   |
 * | -------------------------------------------------------------------------------------------------- | ------- |
 * | for an ordered subscription: its line is in the store                                              | park    |
 * | while nothing is sent: paused, disabled, or its target has just said that it is gone                | park    |
 * | before the owner's rate, or the target's wish, allows another                                      | park    |
 * | with a free slot, an empty line, and room in all, unless several go together                       | attempt |
 * | to a sound target that will soon have a slot, with room in the line or a line that flows           | line    |
 * | otherwise                                                                                          | park    |
 *
 * Half of the slots are free for what waits in the store only, as long as something that waits there is due. What stands in line begins in its
 * order as slots come free, before all that come later. It is parked when it has stood for long, and when the target turns ill, asks for patience, or is sent
 * nothing any more.
 *
 * Where several go together, they leave the line as soon as they fill a request, or when the first has waited as long as it may; who is
 * parked is due when that is.
 *
 * What waits in the store is {@link Backlog}, what the target can take is {@link Slots}.
 */
export class Lane {
  readonly number: number;
  #subscription: Subscription;
  #prepared: { readonly revision: number; readonly target: PreparedTarget } | undefined;
  readonly #slots: Slots;
  readonly #line: Line<First>;
  #backlog: Backlog = "clear";
  readonly gathering = new Gathering();
  /** Moments since the last attempt ended, while dispatch waited for the line. */
  #waited = 0;
  readonly #open = new Map<number, First>();
  readonly #busy = new Set<number>();

  constructor(subscription: Subscription, room: LineRoom, sharers?: Sharers) {
    this.number = subscription.number;
    this.#subscription = subscription;
    this.#slots = new Slots(subscription, sharers);
    this.#line = new Line(room);
  }

  get subscription(): Subscription {
    return this.#subscription;
  }

  /** Takes note of a newer state. */
  update(subscription: Subscription): void {
    if (subscription.revision <= this.#subscription.revision) return;
    const { batch } = this;
    this.#subscription = subscription;
    this.gathering.renew(batch, this.batch);
    this.#slots.renew(subscription.pace);
  }

  target(prepare: (subscription: Subscription) => PreparedTarget): PreparedTarget {
    if (this.#prepared?.revision !== this.#subscription.revision) {
      this.#prepared = { revision: this.#subscription.revision, target: prepare(this.#subscription) };
    }
    return this.#prepared.target;
  }

  get isSending(): boolean {
    return this.#slots.health.kind !== "gone" && isSending(this.#subscription);
  }

  /** Several go in one request. Who has one event has nothing to wait for. */
  get batch(): Batch | undefined {
    const { target, once } = this.#subscription;
    return once === true ? undefined : webhookOf(target)?.batch;
  }

  /** One at a time of each line, all of which stand in the store. */
  get isOrdered(): boolean {
    return this.#subscription.pace?.ordered === true;
  }

  /** It sends, and its target is known to take what is sent, as of the last attempt. */
  get isWell(): boolean {
    return this.#slots.health.kind === "well" && this.isSending;
  }

  /** Nothing is under way or known to wait: the lane may be forgotten. */
  get isIdle(): boolean {
    const nothingUnderWay = this.#open.size === 0 && this.#busy.size === 0 && this.#slots.running === 0;
    return nothingUnderWay && this.#backlog === "clear";
  }

  /** What is known to wait begins with one: its target is not met by as many as it can just bear. */
  slow(): void {
    this.#slots.slow();
  }

  /** The target said that it is gone. False: nothing is sent already. */
  leave(): boolean {
    if (!this.isSending) return false;
    this.#slots.leave();
    return true;
  }

  /** It is not gone, after all. */
  stay(): void {
    this.#slots.stay();
  }

  /** First deliveries that are open, by sequence, in the order in which they were handed over. */
  get open(): ReadonlyMap<number, First> {
    return this.#open;
  }

  opened(first: First): void {
    this.#open.set(first.event.sequence, first);
  }

  closed(sequence: number): void {
    this.#open.delete(sequence);
  }

  /** Sequences of what is under way, or has ended and is not yet durable, and what the store still calls waiting. */
  get busy(): ReadonlySet<number> {
    return this.#busy;
  }

  /** The store calls it waiting, and it is under way. */
  claimed(sequence: number): void {
    this.#busy.add(sequence);
  }

  /** What came of it is durable. */
  settled(sequence: number): void {
    this.#busy.delete(sequence);
  }

  /** Slots that first attempts may take. */
  get #slotsForFirst(): number {
    return this.#backlog === "clear" ? this.#slots.count : this.#slots.count >> 1;
  }

  get #mayStand(): boolean {
    return this.#slots.isSound && !this.#slots.isPaced && this.#slotsForFirst > 0 && this.isSending;
  }

  place(nowMs: number, room: Room, isStrained = false): FirstStep {
    const slots = this.#slots;
    if (this.isOrdered || !this.isSending || slots.mustWait(nowMs)) return "park";
    const together = this.batch?.maxEvents;
    if (together === undefined) {
      const begins = this.#mayBegin(room);
      if (begins && this.#line.length === 0 && slots.running < this.#slotsForFirst) return "attempt";
      // Without one under way there is no end at which the next begins.
      if (slots.running === 0) return "park";
    }
    if (!this.#mayStand) return "park";
    const atOnce = this.#slotsForFirst * (together ?? 1);
    if (((slots.usualMs ?? 0) * (this.#line.length + 1)) / atOnce > expectedMs) return "park";
    return this.#line.left > 0 || this.#flows(isStrained) ? "line" : "park";
  }

  #mayBegin(room: Room): boolean {
    return room === "free" || (room === "scarce" && this.#slots.running === 0);
  }

  #flows(isStrained: boolean): boolean {
    const { usualMs } = this.#slots;
    const atOnce = this.#slotsForFirst * (this.batch?.maxEvents ?? 1);
    const mostMs = (isStrained ? flowingStrainedMs : flowingMs) * atOnce;
    return usualMs !== undefined && usualMs <= mostMs && this.#waited < stalledMoments;
  }

  /** Whether dispatch has to wait until the line has room for so many more. */
  holdsUp(more: number, isStrained = false): boolean {
    return this.#line.left < more && this.#line.length > 0 && this.#mayStand && this.#flows(isStrained);
  }

  /** Dispatch has waited for a moment. Moments are counted, not timed: none passes while this process does something else. */
  waited(): void {
    this.#waited += 1;
  }

  join(first: First): void {
    this.#line.join(first);
  }

  get inLine(): number {
    return this.#line.length;
  }

  /** Whether the line is to be emptied: none may stand in it now. */
  get clears(): boolean {
    return this.#line.length > 0 && !this.#mayStand;
  }

  /** Who stands in line and is to begin now. */
  next(): First | undefined {
    if (this.#line.length === 0 || !this.#mayStand || this.batch !== undefined) return undefined;
    return this.#slots.running < this.#slotsForFirst ? this.#line.shift() : undefined;
  }

  /** When those in line are to leave together, 0: now. Infinity: not before one joins, or an attempt ends. */
  get leavesMs(): number {
    const { batch } = this;
    const mayLeave = this.#mayStand && this.#slots.running < this.#slotsForFirst;
    return batch === undefined || !mayLeave ? Number.POSITIVE_INFINITY : leavesMs(this.#line, batch);
  }

  /** Those that leave now, if they fit in one request; none as long as there is no room in all. */
  leaving(room: Room): readonly First[] {
    return this.#mayBegin(room) ? this.#line.beginning(this.batch?.maxEvents ?? 1) : [];
  }

  /** So many have left. */
  left(count: number, nowMs: number): void {
    for (let left = count; left > 0; left -= 1) this.#line.shift()?.began(nowMs);
  }

  /** When one that is parked now is due. */
  parkedDueMs(first: Pick<First, "sinceMs" | "eventBytes">, nowMs: number): number {
    return this.batch === undefined ? nowMs : this.gathering.dueMs(this.batch, first, nowMs);
  }

  /** Who stands in line, and is to be parked. */
  misplaced(nowMs: number): First | undefined {
    const { first } = this.#line;
    if (first === undefined) return undefined;
    return !this.#mayStand || nowMs - first.sinceMs >= onlyInMemoryMs ? this.#line.shift() : undefined;
  }

  begin(nowMs: number): void {
    this.#slots.begin(nowMs);
  }

  end(result: Pick<AttemptResult, "outcome" | "durationMs">, nowMs: number): void {
    this.#waited = 0;
    this.#slots.end(result, nowMs);
    const { revision, target } = this.#prepared ?? {};
    const perSecond = revision === this.#subscription.revision ? target?.perSecond : undefined;
    if (perSecond !== undefined) this.#slots.allow(perSecond, nowMs);
  }

  get backlog(): Backlog {
    return this.#backlog;
  }

  /** Whether the lane is to take a turn now. */
  hears(news: BacklogNews): boolean {
    const before = this.#backlog;
    this.#backlog = nextBacklog(before, news);
    return before !== "asked" && this.#backlog === "asked";
  }

  /** Its turn has come. A look into the store is worthwhile with some slots free; the end of an attempt asks again. */
  turn(nowMs: number, inAll: number): Turn {
    const slots = this.#slots;
    if (this.#backlog !== "asked") return "nothing";
    const isWorthwhile = slots.free >= Math.max(1, slots.count >> 2);
    const turn = isWorthwhile ? this.#delayed(nowMs, inAll) : "nothing";
    if (turn === "claim") this.gathering.looked();
    this.hears(turn === "claim" ? "begun" : "short");
    return turn;
  }

  #delayed(nowMs: number, inAll: number): Turn {
    if (this.#slots.mustWait(nowMs)) return { laterMs: this.#slots.startsMs };
    return inAll === 0 ? { laterMs: nowMs + noRoomMs } : "claim";
  }

  /** How many attempts may begin with what is claimed; what keeps them all waiting is over at {@link Lane.startsMs}. */
  claimable(nowMs: number, inAll: number): number {
    return Math.min(this.#slots.freeAt(nowMs), inAll);
  }

  /** When a claim may find room that found none. */
  startsMs(nowMs: number): number {
    return Math.max(this.#slots.startsMs, nowMs + noRoomMs);
  }
}
