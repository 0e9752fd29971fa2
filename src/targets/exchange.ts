/** One request and its answer. It is all that is made for a request: it waits for a connection, reads the answer, and falls due. */
import type { Clock } from "../clock.ts";
import type { FailureReason } from "../domain/retry.ts";
import { asError } from "../errors.ts";
import { type AnswerHead, headersOf } from "./answer-head.ts";
import type { Connection, Holder, Opening, Origin } from "./connection.ts";
import type { Connections } from "./connections.ts";
import { Deadlines, type Timed } from "./deadlines.ts";
import { answerFailure, closedWhileIdle, EgressFailure } from "./failure.ts";
import { retryAfterMs } from "./retry-after.ts";

/** A request as it is to who makes it. */
export interface Posting {
  /** To the last byte of the answer: DNS, connecting, TLS, sending and reading. */
  readonly timeoutMs: number;
  /** Of the steady clock: from when on that counts. */
  readonly beganMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Of the answer's body, how much is kept at most, and how much read. Absent: 2 KiB are kept, and 64 KiB read. */
  readonly mostAnswerBytes?: number;
  /** Called once, and not before the call that sends it has returned. */
  answered(answer: EgressAnswer): void;
}

/** What was seen on the wire, answered or not. */
export interface Seen {
  /** The head of the answer as it came, for {@link headersOf}. */
  readonly head?: string | undefined;
  /** Of the steady clock, when the head of the answer was there. */
  readonly answeredMs?: number | undefined;
  /** Absent as long as there was no connection. */
  readonly opening?: Opening | undefined;
  /** The connection had answered before. */
  readonly reused: boolean;
}

export type EgressAnswer =
  | {
      readonly kind: "answer";
      /** 200–599; also 3xx, which are never followed. */
      readonly status: number;
      /** `Retry-After`, from now on. */
      readonly retryAfterMs?: number;
      /** The first of the body, as text: 2 KiB at most, or {@link Posting.mostAnswerBytes}. */
      readonly snippet: string;
      readonly seen?: Seen;
    }
  | {
      readonly kind: "failed";
      /**
       * `timeout`, `connection`, `dns`, `tls`, `egress_refused`, `invalid_response`; `internal` when `signal` aborted, the
       * egress was closed, or the request was one that cannot be sent.
       */
      readonly reason: FailureReason;
      readonly message: string;
      /** Absent when nothing was begun. */
      readonly seen?: Seen;
    };

/** Of an answer's body, in bytes: what is kept, and what is read at most so that the connection can be used again. */
const answerLimits = { kept: 2_048, read: 65_536 };

interface ExchangeDeps {
  readonly connections: Connections;
  readonly clock: Clock;
  readonly origin: Origin;
  /** Of many together. Default: its own. */
  readonly deadlines?: Deadlines<Exchange>;
}

export class Exchange implements Holder, Timed {
  readonly posting: Posting;
  readonly timeoutMs: number;
  readonly dueMs: number;
  readonly #deps: ExchangeDeps;
  readonly #deadlines: Deadlines<Exchange>;
  readonly #bytes: Buffer;
  /** Absent as long as it waits for one. */
  #connection: Connection | undefined;
  #beginning = true;
  #settled = false;
  #again = false;
  #head: AnswerHead | undefined;
  #answeredMs = 0;
  /** Of the body, what came so far and is kept, unless it came at once. */
  #kept: Buffer[] | undefined;
  #text = "";
  #read = 0;

  /** @param bytes head and body of the request, as they go on the wire. */
  constructor(posting: Posting, bytes: Buffer, deps: ExchangeDeps) {
    this.posting = posting;
    this.timeoutMs = posting.timeoutMs;
    this.dueMs = posting.beganMs + posting.timeoutMs;
    this.#bytes = bytes;
    this.#deps = deps;
    this.#deadlines = deps.deadlines ?? new Deadlines(deps.clock);
    this.#deadlines.add(this);
    deps.connections.take(deps.origin, this);
    this.#beginning = false;
  }

  given(connection: Connection): void {
    this.#connection = connection;
    try {
      connection.send(this.#bytes);
    } catch (thrown) {
      this.broken(asError(thrown));
    }
  }

  head(head: AnswerHead): void {
    this.#head = head;
    this.#answeredMs = this.#deps.clock.steady();
  }

  body(bytes: Buffer, from: number, to: number, whole: boolean): void {
    const before = this.#read;
    this.#read += to - from;
    const { kept, read } = this.#limits();
    if (whole && this.#read <= kept) this.#text = text(bytes.toString("utf8", from, to));
    else if (before < kept) {
      const part = bytes.subarray(from, Math.min(to, from + kept - before));
      // A copy: what was given is written to again.
      (this.#kept ??= []).push(Buffer.from(part));
    }
    if (this.#read > read) this.#end(this.#answer(), false);
  }

  #limits(): typeof answerLimits {
    const most = this.posting.mostAnswerBytes;
    return most === undefined ? answerLimits : { kept: most, read: most };
  }

  complete(reusable: boolean): void {
    if (!this.#settled) this.#end(this.#answer(), reusable);
  }

  invalid(failure: EgressFailure): void {
    this.broken(failure);
  }

  lost(error: Error): void {
    const old = this.#connection;
    if (this.#settled || old === undefined) return;
    // The server closed a kept connection before the request, or while it was on its way: it was not seen, or that cannot be known.
    const isUnseen = !old.sent || (!this.#again && !old.heard && closedWhileIdle(error));
    if (old.served === 0 || !isUnseen) return this.broken(error);
    this.#again ||= old.sent;
    this.#deps.connections.replace(old, this);
  }

  /** The caller cancelled it. */
  cancel(): void {
    this.broken(new EgressFailure("internal", "stopped before the answer was complete"));
  }

  tooLate(): void {
    const sent = this.#connection?.sent === true;
    const what = this.#head !== undefined ? "answer not complete" : sent ? "no answer" : "no connection";
    this.broken(new EgressFailure("timeout", `${what} within ${this.timeoutMs} ms`));
  }

  /** Ends it as failed, and its connection with it. */
  broken(error: Error): void {
    if (this.#settled) return;
    const { reason, message } = answerFailure(error);
    this.#end({ kind: "failed", reason, message, seen: this.#seen() }, false);
  }

  #end(answer: EgressAnswer, reusable: boolean): void {
    this.#settled = true;
    this.#deadlines.delete(this);
    const { connections, origin } = this.#deps;
    const connection = this.#connection;
    // Before anything that comes of the answer, which may want the connection.
    if (connection === undefined) connections.leave(origin, this);
    else if (reusable) connections.release(connection, this.#head?.keepAliveMs);
    else connections.dispose(connection);
    if (this.#beginning) queueMicrotask(() => this.posting.answered(answer));
    else this.posting.answered(answer);
  }

  #answer(): EgressAnswer {
    const status = this.#head?.status ?? 0;
    const kept = this.#kept === undefined ? undefined : Buffer.concat(this.#kept);
    const snippet = kept === undefined ? this.#text : decoded(kept, this.#read > kept.length);
    const seen = this.#seen();
    const retryAfter = this.#retryAfterMs();
    if (retryAfter === undefined) return { kind: "answer", status, snippet, seen };
    return { kind: "answer", status, snippet, seen, retryAfterMs: retryAfter };
  }

  #retryAfterMs(): number | undefined {
    const head = this.#head;
    if (head?.retryAfter === undefined) return undefined;
    return retryAfterMs(head.retryAfter, dateOf(head.text) ?? this.#deps.clock.now());
  }

  #seen(): Seen {
    const connection = this.#connection;
    const head = this.#head;
    return {
      head: head?.text,
      answeredMs: head === undefined ? undefined : this.#answeredMs,
      opening: connection?.opening,
      reused: connection !== undefined && connection.served > 0,
    };
  }
}

/** By the server's own clock, which what it says is by: one of the two may be wrong. */
function dateOf(head: string): number | undefined {
  const { date } = headersOf(head);
  const timeMs = typeof date === "string" ? Date.parse(date) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** As UTF-8, with U+FFFD for what is none and for NUL; a character that was cut at the end is left out. */
function decoded(bytes: Buffer, cut: boolean): string {
  return text(cut ? new TextDecoder().decode(bytes, { stream: true }) : bytes.toString("utf8"));
}

function text(decodedText: string): string {
  return decodedText.includes("\0") ? decodedText.replaceAll("\0", "\ufffd") : decodedText;
}
