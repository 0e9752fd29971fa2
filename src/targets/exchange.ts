/**
 * One request and its answer, on undici's `dispatch`. The exchange is the handler itself: no stream, no AbortController,
 * nothing else is made for a request.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { Clock } from "../clock.ts";
import type { FailureReason } from "../domain/retry.ts";
import type { Connection, Connections, Holder, Opening, Origin } from "./connections.ts";
import { answerFailure, closedWhileIdle, EgressFailure } from "./failure.ts";
import { retryAfterMs } from "./retry-after.ts";

export interface EgressRequest {
  /** Parsed once by the caller and never changed. User info in it is not sent. */
  readonly url: URL;
  /** Names and values in turn, or a record. `host` and `content-length` are added. */
  readonly headers: readonly string[] | Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  /** From the call to the last byte of the answer: DNS, connecting, TLS, sending and reading. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What was seen on the wire, answered or not. */
export interface Seen {
  /** Of the answer, as undici gives them. */
  readonly headers?: IncomingHttpHeaders;
  /** Of the steady clock, when the head of the answer was there. */
  readonly answeredMs?: number;
  /** Absent as long as there was no connection. */
  readonly opening?: Opening;
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
      /** The first 2 KiB at most of the body, as text. */
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
const answerLimits = { kept: 2_048, read: 65_536 } as const;

export class Exchange implements Dispatcher.DispatchHandler, Holder {
  readonly #request: EgressRequest;
  readonly #connections: Connections;
  readonly #clock: Clock;
  readonly #resolve: (answer: EgressAnswer) => void;
  readonly #cancelDeadline: () => void;
  readonly #origin: Origin;
  /** Absent as long as it waits for one. */
  #connection: Connection | undefined;
  #settled = false;
  #again = false;
  #sent = false;
  /** Of the socket, when the request was written to it. */
  #bytesBefore = 0;
  #status = 0;
  #headers: IncomingHttpHeaders | undefined;
  #answeredMs = 0;
  #retryAfterMs: number | undefined;
  #kept: Buffer | undefined;
  #read = 0;

  constructor(
    request: EgressRequest,
    deps: { readonly connections: Connections; readonly clock: Clock; readonly origin: Origin },
    resolve: (answer: EgressAnswer) => void,
  ) {
    this.#request = request;
    this.#connections = deps.connections;
    this.#clock = deps.clock;
    this.#resolve = resolve;
    this.#cancelDeadline = deps.clock.after(request.timeoutMs, () => this.#tooLate());
    this.#origin = deps.origin;
    deps.connections.take(deps.origin, this);
  }

  given(connection: Connection): void {
    this.#connection = connection;
    const { url, headers, body } = this.#request;
    connection.client.dispatch(
      {
        method: "POST",
        path: url.search === "" ? url.pathname : url.pathname + url.search,
        headers: headers as string[] | Record<string, string>,
        body,
      },
      this,
    );
  }

  onRequestStart(): void {
    this.#sent = true;
    this.#bytesBefore = this.#connection?.socket?.bytesRead ?? 0;
    this.#connection?.heads?.expect();
  }

  onResponseStart(_controller: unknown, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200 || this.#settled) return;
    this.#status = status;
    this.#headers = headers;
    this.#answeredMs = this.#clock.steady();
    const retryAfter: unknown = headers["retry-after"];
    const first: unknown = Array.isArray(retryAfter) ? retryAfter[0] : retryAfter;
    if (typeof first === "string") this.#retryAfterMs = retryAfterMs(first, dateOf(headers) ?? this.#clock.now());
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    if (this.#settled) return;
    if (this.#read < answerLimits.kept) {
      const part = chunk.subarray(0, answerLimits.kept - this.#read);
      this.#kept = this.#kept === undefined ? part : Buffer.concat([this.#kept, part]);
    }
    this.#read += chunk.length;
    if (this.#read > answerLimits.read) {
      this.#settle(this.#answer());
      this.#disposed();
    }
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    this.#settle(this.#answer());
    if (this.#connection !== undefined) this.#connections.release(this.#connection);
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#settled) return;
    const old = this.#connection;
    const unanswered = this.#sent && this.#status === 0 && old?.socket?.bytesRead === this.#bytesBefore;
    // The server closed a kept connection while the request was on its way: it was not seen, or that cannot be known.
    if (!this.#again && old !== undefined && old.served > 0 && unanswered && closedWhileIdle(error)) {
      this.#again = true;
      this.#sent = false;
      this.#connections.replace(old, this);
      return;
    }
    this.broken(error);
  }

  /** The caller cancelled it. */
  cancel(): void {
    this.broken(new EgressFailure("internal", "stopped before the answer was complete"));
  }

  /** Ends it as failed, and its connection with it. */
  broken(error: Error): void {
    if (this.#settled) return;
    const { reason, message } = answerFailure(error);
    this.#settle({ kind: "failed", reason, message, seen: this.#seen() });
    this.#disposed();
  }

  #disposed(): void {
    if (this.#connection === undefined) this.#connections.leave(this.#origin, this);
    else this.#connections.dispose(this.#connection);
  }

  #tooLate(): void {
    const within = `within ${this.#request.timeoutMs} ms`;
    const what = this.#status > 0 ? "answer not complete" : this.#sent ? "no answer" : "no connection";
    this.broken(new EgressFailure("timeout", `${what} ${within}`));
  }

  #settle(answer: EgressAnswer): void {
    this.#settled = true;
    this.#cancelDeadline();
    this.#resolve(answer);
  }

  #answer(): EgressAnswer {
    const snippet = this.#kept === undefined ? "" : text(this.#kept, this.#read > this.#kept.length);
    const seen = this.#seen();
    return this.#retryAfterMs === undefined
      ? { kind: "answer", status: this.#status, snippet, seen }
      : { kind: "answer", status: this.#status, snippet, seen, retryAfterMs: this.#retryAfterMs };
  }

  /** Nothing is made of it here: most of it is thrown away. */
  #seen(): Seen {
    const connection = this.#connection;
    const reused = connection !== undefined && connection.served > 0;
    const opened = connection === undefined ? { reused } : { reused, opening: connection.opening };
    return this.#headers === undefined ? opened : { ...opened, headers: this.#headers, answeredMs: this.#answeredMs };
  }
}

/** What {@link Exchange} sends beside the headers of a request. */
export function addedHeaders({ url, body }: Pick<EgressRequest, "url" | "body">): readonly string[] {
  return ["host", url.host, "connection", "keep-alive", "content-length", String(Buffer.byteLength(body))];
}

/** By the server's own clock, which what it says is by: one of the two may be wrong. */
function dateOf({ date }: IncomingHttpHeaders): number | undefined {
  const timeMs = typeof date === "string" ? Date.parse(date) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** As UTF-8, with U+FFFD for what is none and for NUL; a character that was cut at the end is left out. */
function text(bytes: Buffer, cut: boolean): string {
  const decoded = cut ? new TextDecoder().decode(bytes, { stream: true }) : bytes.toString("utf8");
  return decoded.replaceAll("\0", "\ufffd");
}
