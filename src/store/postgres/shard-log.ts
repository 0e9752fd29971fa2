import type { Event } from "../../domain/event.ts";
import { shardCount } from "../cluster.ts";
import type { FedEvent } from "../feed.ts";
import { readTogetherBytes } from "../page.ts";
import { type EventLog, fedOf, OwnLog } from "../sql/event-log.ts";
import { eventColumns } from "../sql/events-sql.ts";
import { OpenEvents } from "../sql/open-events.ts";
import type { Reads, Row } from "../sql/step.ts";
import type { LogMarks } from "../sql/wire.ts";
import { type Shards, shardOf, type Taken, type Watermarks } from "./shards.ts";

/**
 * A row that is written again and again is slow to read behind an old snapshot, and so is not written with each settlement: after a crash a little more
 * is looked at again.
 */
const markEveryMs = 1_000;

/**
 * Of a shard that was lost while some of its events were being dispatched, outcomes may come for so long that are known to make an event done which they do not
 * make so any more: others of it were dropped.
 */
const staleMs = 30_000;

const eventsOf = `SELECT ${eventColumns} FROM event e WHERE e.sequence > ? AND e.sequence <= ?
  AND (e.sequence & ${shardCount - 1}) IN (SELECT CAST(value AS bigint) FROM json_each(?)) ORDER BY e.sequence LIMIT ?`;

/** Events that were there when their shards were taken. */
interface Inherited {
  /** Up to where each is done. */
  readonly watermarks: Map<number, number>;
  /** Up to where it is read. */
  after: number;
  readonly upTo: number;
}

/** The events of the shards that this node holds: those that it found there, and those that it commits itself, to its home. */
export class ShardLog implements EventLog {
  readonly #reads: Reads;
  readonly #shards: Shards;
  readonly #open = new Map<number, OpenEvents>();
  /**
   * Those that are done with what is being written, and open until that is: the watermark is written by itself, too, and a shard of which something is
   * open is not given away.
   */
  readonly #writing = new Set<number>();
  /** When shards were lost of which something was open. */
  readonly #stale = new Map<number, number>();
  #inherited: Inherited[] = [];
  #home: { readonly shard: number; readonly log: OwnLog } | undefined;
  /** Of each shard, as the database has it. */
  readonly #marked = new Map<number, number>();
  #markedMs = 0;
  #turn = 0;

  constructor(reads: Reads, shards: Shards) {
    this.#reads = reads;
    this.#shards = shards;
    shards.listen({ taken: (taken) => this.#take(taken), lost: (lost) => this.#lose(lost) });
  }

  committed(event: Event, bytes: number): void {
    const home = this.#homeLog();
    // Otherwise another has it by now, and finds it.
    if (home !== undefined && shardOf(event.sequence) === home.shard) home.log.committed(event, bytes);
  }

  async take(max: number): Promise<FedEvent[]> {
    const home = this.#homeLog();
    while (this.#inherited.length > 0) {
      const before = home !== undefined && this.#inherited.some(({ watermarks }) => watermarks.has(home.shard));
      this.#turn += 1;
      if (!before && this.#turn % 2 === 0) {
        const own = (await home?.log.take(max)) ?? [];
        if (own.length > 0) return own;
      }
      const found = await this.#takeInherited(max);
      if (found.length > 0) return found;
    }
    return (await home?.log.take(max)) ?? [];
  }

  done(sequence: number): void {
    this.#writing.add(sequence);
  }

  recorded(sequences: readonly number[]): void {
    for (const sequence of sequences) {
      // Otherwise its shard was lost meanwhile, and nothing was written of it.
      if (this.#writing.delete(sequence)) this.#open.get(shardOf(sequence))?.done(sequence);
    }
  }

  holds(sequence: number): boolean {
    return this.#shards.holds(sequence);
  }

  /** Whether an event is done; `undefined`: another node knows. */
  isDone(sequence: number): boolean | undefined {
    const open = this.#open.get(shardOf(sequence));
    return open && sequence <= open.watermark;
  }

  oldest(): number | undefined {
    const taken = [...this.#open.values()].flatMap(({ oldest }) => oldest ?? []);
    const oldest = Math.min(...taken, this.#homeLog()?.log.oldest() ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(oldest) ? oldest : undefined;
  }

  marks(): LogMarks {
    const { losses } = this.#shards;
    const nowMs = performance.now();
    return { losses, watermarks: nowMs - this.#markedMs < markEveryMs ? [] : this.#newsBy(this.#writing) };
  }

  marked(watermarks: Watermarks): void {
    if (watermarks.length === 0) return;
    this.#markedMs = performance.now();
    for (const [shard, sequence] of watermarks) this.#marked.set(shard, sequence);
  }

  /** Watermarks that the database does not have. */
  news(): Watermarks {
    return this.#newsBy(new Set());
  }

  /** As soon as some are done that are open. */
  #newsBy(done: ReadonlySet<number>): Watermarks {
    const found: (readonly [number, number])[] = [];
    for (const [shard, open] of this.#open) {
      const watermark = open.watermarkBy(done);
      if (watermark > (this.#marked.get(shard) ?? 0)) found.push([shard, watermark]);
    }
    return found;
  }

  /** Those that this node must not take again yet. */
  stale(nowMs: number): ReadonlySet<number> {
    for (const [shard, lostMs] of this.#stale) if (nowMs - lostMs >= staleMs) this.#stale.delete(shard);
    return new Set(this.#stale.keys());
  }

  /** Those of which something is handed out and not done. */
  get busy(): ReadonlySet<number> {
    const busy = new Set<number>();
    for (const [shard, open] of this.#open) if (open.size > 0) busy.add(shard);
    const home = this.#homeLog();
    if (home !== undefined && !home.log.isIdle) busy.add(home.shard);
    return busy;
  }

  /** No commit is under way, and `last` is the greatest sequence that there may be: what is idle is done up to there. */
  passed(last: number): void {
    const unread = new Set(this.#inherited.flatMap(({ watermarks }) => [...watermarks.keys()]));
    const { busy } = this;
    for (const [shard, open] of this.#open) if (!busy.has(shard) && !unread.has(shard)) open.passed(last);
  }

  #homeLog(): { readonly shard: number; readonly log: OwnLog } | undefined {
    const { home } = this.#shards;
    if (home === this.#home?.shard) return this.#home;
    const open = home === undefined ? undefined : this.#open.get(home);
    if (home === undefined || open === undefined) {
      this.#home = undefined;
      return undefined;
    }
    const read = (after: number, upTo: number, max: number): Promise<Row[]> => this.#read([home], { after, upTo, max });
    const inherited = this.#inherited.find(({ watermarks }) => watermarks.has(home));
    this.#home = { shard: home, log: new OwnLog(read, { open, newest: inherited?.upTo ?? open.last }) };
    return this.#home;
  }

  async #read(
    shards: readonly number[],
    { after, upTo, max }: { readonly after: number; readonly upTo: number; readonly max: number },
  ): Promise<Row[]> {
    return this.#reads.upTo(readTogetherBytes, eventsOf, [after, upTo, JSON.stringify(shards), max]);
  }

  async #takeInherited(max: number): Promise<FedEvent[]> {
    const [first] = this.#inherited;
    if (first === undefined) return [];
    const { watermarks, upTo } = first;
    const rows = await this.#read([...watermarks.keys()], { after: first.after, upTo, max });
    const found = rows.map((row) => fedOf(row, () => true));
    const last = found.at(-1);
    if (last === undefined) {
      this.#inherited = this.#inherited.filter((one) => one !== first);
      for (const shard of watermarks.keys()) this.#open.get(shard)?.passed(upTo);
      return [];
    }
    first.after = last.event.sequence;
    // It may have been lost while the store was read.
    const fed = found.filter(({ event: { sequence } }) => sequence > (watermarks.get(shardOf(sequence)) ?? sequence));
    for (const { event } of fed) this.#open.get(shardOf(event.sequence))?.add(event.sequence);
    return fed;
  }

  #take({ shards, upTo }: Taken): void {
    const watermarks = new Map(shards.map(({ id, watermark }) => [id, watermark]));
    for (const [shard, watermark] of watermarks) {
      this.#open.set(shard, new OpenEvents(watermark));
      this.#marked.set(shard, watermark);
    }
    this.#inherited.push({ watermarks, upTo, after: Math.min(...watermarks.values()) });
  }

  #lose(lost: readonly number[]): void {
    const { busy } = this;
    for (const sequence of this.#writing) if (lost.includes(shardOf(sequence))) this.#writing.delete(sequence);
    for (const shard of lost) {
      if (busy.has(shard)) this.#stale.set(shard, performance.now());
      this.#open.delete(shard);
      this.#marked.delete(shard);
      if (this.#home?.shard === shard) this.#home = undefined;
      for (const { watermarks } of this.#inherited) watermarks.delete(shard);
    }
    this.#inherited = this.#inherited.filter(({ watermarks }) => watermarks.size > 0);
  }
}
