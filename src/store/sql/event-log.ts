import type { Event } from "../../domain/event.ts";
import type { FedEvent } from "../feed.ts";
import { readTogetherBytes } from "../page.ts";
import { dataBytes, eventOfRow, eventsAfter } from "./events-sql.ts";
import { OpenEvents } from "./open-events.ts";
import { integer, type Reads, type Row } from "./step.ts";
import type { LogMarks } from "./wire.ts";

/** What a feed hands out, and up to where that is done. */
export interface EventLog {
  /** Called for every event that this process commits, in the order of commits: spares the way through the store. */
  committed(event: Event, bytes: number): void;
  /** The next events, which are then open; none: there are none now. Called again only when it has resolved. */
  take(max: number): Promise<FedEvent[]>;
  /** What makes an event done that was taken is about to be written; more than once is as good as once. */
  done(sequence: number): void;
  /** That is written. */
  recorded(sequences: readonly number[]): void;
  /** Whether what becomes of this event is this process's to say. */
  holds(sequence: number): boolean;
  /** The oldest of those that are here and not done. */
  oldest(): number | undefined;
  /** To be written with outcomes. */
  marks(): LogMarks;
  /** These are written. */
  marked(watermarks: LogMarks["watermarks"]): void;
}

/** Events kept in memory on their way from the commit to dispatch, and their bytes; a slower dispatch reads them from the store. */
const ringSize = 4_096;
const ringBytes = 8 * 2 ** 20;

const marks = `SELECT coalesce((SELECT value FROM meta WHERE key = 'watermark'), 0) AS watermark,
  coalesce((SELECT max(sequence) FROM event), 0) AS newest`;

/** Where a log begins. */
interface Beginning {
  /** Those that were taken and are not done; its last is where the log goes on. */
  readonly open: OpenEvents;
  /** The last event that is there: up to it, what is taken may have been before. */
  readonly newest: number;
}

/** Where the log of a database goes on whose only writer this process is. */
export async function beginningOf(reads: Reads): Promise<Beginning> {
  const row = (await reads.get(marks)) ?? {};
  return { open: new OpenEvents(integer(row, "watermark")), newest: integer(row, "newest") };
}

/** Reads events of a log, in order: those behind a sequence, up to another. */
type ReadEvents = (after: number, upTo: number, max: number) => Row[] | Promise<Row[]>;

/** Of the whole database. */
export function allEvents(reads: Reads): ReadEvents {
  return (after, _upTo, max) => reads.upTo(readTogetherBytes, eventsAfter, [after, max]);
}

/** Events that one process writes, and nobody else: sequences follow its commits. */
export class OwnLog implements EventLog {
  readonly #read: ReadEvents;
  readonly #open: OpenEvents;
  readonly #oldUntil: number;
  /** Committed by this process and not yet handed out, in order: all there are after `#ringAfter`. */
  #ring: { readonly event: Event; readonly bytes: number }[] = [];
  #ringBytes = 0;
  #ringAfter: number;

  constructor(read: ReadEvents, { open, newest }: Beginning) {
    this.#read = read;
    this.#open = open;
    this.#oldUntil = newest;
    this.#ringAfter = newest;
  }

  committed(event: Event, bytes: number): void {
    if (this.#ring.length >= ringSize || this.#ringBytes >= ringBytes) {
      this.#ringAfter = this.#ring.at(-1)?.event.sequence ?? this.#ringAfter;
      this.#ring = [];
      this.#ringBytes = 0;
    }
    this.#ring.push({ event, bytes });
    this.#ringBytes += bytes;
  }

  async take(max: number): Promise<FedEvent[]> {
    const taken = this.#fromRing(max) ?? (await this.#fromStore(max));
    for (const { event } of taken) this.#open.add(event.sequence);
    return taken;
  }

  done(sequence: number): void {
    this.#open.done(sequence);
  }

  recorded(): void {
    // The watermark is only written with what makes events done.
  }

  holds(): boolean {
    return true;
  }

  oldest(): number | undefined {
    return this.#open.oldest ?? this.#ring.find(({ event }) => event.sequence > this.#open.last)?.event.sequence;
  }

  marks(): LogMarks {
    return { watermarks: [[0, this.#open.watermark]], losses: 0 };
  }

  marked(): void {
    // The next ones are written whatever was.
  }

  /** Everything that was committed is taken and done. */
  get isIdle(): boolean {
    return this.#ring.length === 0 && this.#open.size === 0 && this.#open.last >= this.#ringAfter;
  }

  /** The next events, if the ring holds them all; `undefined`: only the store does. */
  #fromRing(max: number): FedEvent[] | undefined {
    const after = this.#open.last;
    if (after < this.#ringAfter) return undefined;
    const read = this.#ring.findIndex(({ event }) => event.sequence > after);
    if (read < 0) {
      this.#ring = [];
      this.#ringBytes = 0;
      return [];
    }
    let end = read;
    for (let bytes = 0; end < this.#ring.length && end < read + max && bytes < readTogetherBytes; end += 1) {
      bytes += this.#ring[end]?.bytes ?? 0;
    }
    const events = this.#ring.slice(read, end).map(({ event, bytes }) => ({ event, bytes, again: this.#isOld(event) }));
    for (const { bytes } of this.#ring.splice(0, end)) this.#ringBytes -= bytes;
    this.#ringAfter = events.at(-1)?.event.sequence ?? this.#ringAfter;
    return events;
  }

  async #fromStore(max: number): Promise<FedEvent[]> {
    return (await this.#read(this.#open.last, this.#ringAfter, max)).map((row) =>
      fedOf(row, (event) => this.#isOld(event)),
    );
  }

  #isOld({ sequence }: Event): boolean {
    return sequence <= this.#oldUntil;
  }
}

/** As a row of `event` has it. */
export function fedOf(row: Row, isOld: (event: Event) => boolean): FedEvent {
  const event = eventOfRow(row);
  return { event, bytes: dataBytes(row), again: isOld(event) };
}
