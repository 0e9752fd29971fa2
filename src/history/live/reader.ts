import { Readable } from "node:stream";
import type { LivePlace } from "./item.ts";

/** Text of a server-sent event, its data on one line. */
export function frame(event: string, data: unknown, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Something to give, as the stream has it. */
export interface GivenItem {
  readonly text: string;
  /** How far the stream is with it. */
  readonly place: LivePlace;
}

/** What was left out, between what was given before and what comes next. */
interface Gap {
  missed: number;
  /** Whether just so many would have been given; more than that never would. */
  exact: boolean;
  readonly from: LivePlace;
}

/** Characters that wait for a reader that does not keep up; what is more is left out. */
const mostWaiting = 2 * 1024 * 1024;
/** The same while all that wait are more than {@link mostOfAll} together. */
const leastWaiting = 256 * 1024;
const mostOfAll = 32 * 1024 * 1024;

/** Of all readers together. */
interface Backlog {
  characters: number;
}

/** Bytes that the connection takes before it is waited for. */
const atOnceBytes = 64 * 1024;

/**
 * One reader of the stream: gives it items as fast as it takes them, and keeps no more than {@link mostWaiting} characters for it. What does not fit is
 * counted, and the reader gets the number in the place of the items, with the cursor from which they can be loaded.
 *
 *   keeping up ── more waits than is kept ──▶ leaving out ── it has taken all that waited ──▶ gap ──▶ keeping up
 */
export class LiveReader {
  readonly stream: Readable;
  readonly #cursor: (place: LivePlace) => string;
  readonly #backlog: Backlog;
  #place: LivePlace;
  #waiting: string[] = [];
  #waitingLength = 0;
  #gap: Gap | undefined;
  #wantsMore = true;
  #ended = false;
  #onRoom: (() => void) | undefined;

  /** @param cursor the text of a place. */
  constructor(place: LivePlace, cursor: (place: LivePlace) => string, backlog: Backlog = { characters: 0 }) {
    this.#backlog = backlog;
    this.#place = place;
    this.#cursor = cursor;
    this.stream = new Readable({
      highWaterMark: atOnceBytes,
      read: () => {
        this.#wantsMore = true;
        this.flush();
        if (this.#wantsMore) this.#onRoom?.();
      },
    });
    this.stream.once("close", () => {
      this.#ended = true;
      this.#taken();
      this.#onRoom?.();
    });
  }

  /** Up to where everything was given, passed over or counted. */
  get place(): LivePlace {
    return this.#place;
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  /** Text that is about no item. */
  say(text: string): void {
    if (this.#ended) return;
    this.#waiting.push(text);
    this.#waitingLength += text.length;
    this.#backlog.characters += text.length;
  }

  /** What waited does no more. */
  #taken(): string {
    const text = this.#waiting.join("");
    this.#waiting = [];
    this.#backlog.characters -= this.#waitingLength;
    this.#waitingLength = 0;
    return text;
  }

  /** An item; it counts as left out where there is no room for it. */
  give({ text, place }: GivenItem): void {
    if (this.#ended) return;
    if (this.#gap !== undefined || this.#waitingLength + text.length > this.#most()) this.#leaveOut(1, true);
    else this.say(text);
    this.#place = place;
  }

  #most(): number {
    return this.#backlog.characters > mostOfAll ? leastWaiting : mostWaiting;
  }

  /** Everything up to there is done, whether or not anything of it was given. */
  passed(place: LivePlace): void {
    this.#place = place;
  }

  /** Says how far it is, where nothing else does. */
  beat(): void {
    if (this.#ended || this.#gap !== undefined || this.#waiting.length > 0) return;
    this.say(frame("beat", {}, this.#cursor(this.#place)));
    this.flush();
  }

  /** So many were left out up to there; none of them was looked at unless `exact`. */
  leftOut(count: number, place: LivePlace, exact: boolean): void {
    if (count > 0 && !this.#ended) this.#leaveOut(count, exact);
    this.passed(place);
  }

  #leaveOut(count: number, exact: boolean): void {
    this.#gap ??= { missed: 0, exact: true, from: this.#place };
    this.#gap.missed += count;
    this.#gap.exact &&= exact;
  }

  /** Sends what waits, as far as it is taken. */
  flush(): void {
    if (!this.#wantsMore || this.#ended) return;
    if (this.#waiting.length > 0) {
      this.#wantsMore = this.stream.push(this.#taken());
    }
    if (this.#gap === undefined || !this.#wantsMore) return;
    const { from, missed, exact } = this.#gap;
    this.#gap = undefined;
    const [cursor, until] = [this.#cursor(from), this.#cursor(this.#place)];
    this.#wantsMore = this.stream.push(frame("gap", { missed, exact, cursor, until }, until));
  }

  /** Resolves when it has taken what was sent, or has ended. */
  async room(): Promise<void> {
    this.flush();
    if (this.#ended || this.#wantsMore) return;
    await new Promise<void>((resolve) => {
      this.#onRoom = resolve;
    });
    this.#onRoom = undefined;
  }

  /** Sends what fits, says `last`, and ends. */
  end(last: string): void {
    if (this.#ended) return;
    this.flush();
    this.#ended = true;
    this.stream.push(last);
    this.stream.push(null);
  }
}
