/** The one way out: every request that Signalbox makes to an address that a tenant chose. */
import type { LookupFunction } from "node:net";
import type { Clock } from "../clock.ts";
import type { EgressAllow } from "../domain/egress.ts";
import { Connections } from "./connections.ts";
import { Connector } from "./connector.ts";
import { Deadlines } from "./deadlines.ts";
import { Exchange, type Posting } from "./exchange.ts";
import { EgressFailure } from "./failure.ts";
import type { Letter } from "./request-head.ts";
import { dnsLookup } from "./resolver.ts";

export type { EgressAnswer, Posting, Seen } from "./exchange.ts";

export interface Egress extends AsyncDisposable {
  /**
   * Sends one POST and reads the answer: at most 64 KiB of its body, past which the connection is closed and the status
   * stands. Never throws. A timeout or an abort closes the connection. Should a kept connection turn out to have been closed
   * by the server, the request is made once more on a new one. User info in the URL is not sent.
   */
  send(letter: Letter, posting: Posting): void;
  /** Ends what is under way as `failed`/`internal`, closes every connection. May be called again. */
  close(): Promise<void>;
}

export interface EgressOptions {
  readonly allow: EgressAllow;
  readonly clock: Clock;
  /** Name to addresses. Default: DNS. */
  readonly lookup?: LookupFunction;
  /** PEM of certificate authorities that are trusted beside the usual ones. */
  readonly ca?: string;
  /** Unused connections that are kept. Default: as many as a process may keep. */
  readonly mostIdle?: number;
}

export function egress({ allow, clock, lookup = dnsLookup(), ca, mostIdle }: EgressOptions): Egress {
  return new SocketEgress(new Connections(new Connector(allow, lookup, ca), clock, mostIdle), clock);
}

const stopped = new EgressFailure("internal", "stopped before anything was sent");

class SocketEgress implements Egress {
  readonly #connections: Connections;
  readonly #clock: Clock;
  readonly #underWay: Deadlines<Exchange>;
  readonly #signals = new WeakSet<AbortSignal>();
  #closed = false;

  constructor(connections: Connections, clock: Clock) {
    this.#connections = connections;
    this.#clock = clock;
    this.#underWay = new Deadlines(clock);
  }

  send(letter: Letter, posting: Posting): void {
    const { head } = letter;
    const { signal } = posting;
    const isStopped = this.#closed || signal?.aborted === true;
    const origin = isStopped ? stopped : this.#connections.origin(head.url, head.origin);
    if (origin instanceof EgressFailure) {
      const { reason, message } = origin;
      return queueMicrotask(() => posting.answered({ kind: "failed", reason, message }));
    }
    if (signal !== undefined) this.#listen(signal);
    const deps = { connections: this.#connections, clock: this.#clock, origin, deadlines: this.#underWay };
    void new Exchange(posting, head.written(letter), deps);
  }

  /** Once for each signal: the engine has one for all, and a listener for each request would cost more. */
  #listen(signal: AbortSignal): void {
    if (this.#signals.has(signal)) return;
    this.#signals.add(signal);
    const cancel = (): void => {
      for (const exchange of this.#underWay.all()) if (exchange.posting.signal === signal) exchange.cancel();
    };
    signal.addEventListener("abort", cancel, { once: true });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connections.disposeAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
