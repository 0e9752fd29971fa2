/** The one way out: every request that Signalbox makes to an address that a tenant chose. */
import type { LookupFunction } from "node:net";
import type { Clock } from "../clock.ts";
import type { EgressAllow } from "../domain/egress.ts";
import { Connections } from "./connections.ts";
import { Connector } from "./connector.ts";
import { Deadlines } from "./deadlines.ts";
import {
  type AnyRequest,
  type EgressAnswer,
  type EgressRequest,
  Exchange,
  type ToldRequest,
  type WrittenRequest,
} from "./exchange.ts";
import { EgressFailure } from "./failure.ts";
import { dnsLookup } from "./resolver.ts";

export type { EgressAnswer, Seen } from "./exchange.ts";

export interface Egress extends AsyncDisposable {
  /**
   * Sends one POST and reads the answer: at most 64 KiB of its body, past which the connection is closed and the status
   * stands. Never rejects. A timeout or an abort closes the connection. Should a kept connection turn out to have been closed
   * by the server, the request is made once more on a new one.
   */
  post(request: EgressRequest | WrittenRequest): Promise<EgressAnswer>;
  /** The same without a promise. */
  send(request: ToldRequest): void;
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
}

export function egress({ allow, clock, lookup = dnsLookup(), ca }: EgressOptions): Egress {
  return new SocketEgress(new Connections(new Connector(allow, lookup, ca), clock), clock);
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

  post(request: EgressRequest | WrittenRequest): Promise<EgressAnswer> {
    return new Promise((resolve) => this.#begin(request, request.url.origin, resolve));
  }

  send(request: ToldRequest): void {
    this.#begin(request, request.head.origin, tell);
  }

  #begin(request: AnyRequest, key: string, answered: (answer: EgressAnswer, request: AnyRequest) => void): void {
    const { signal } = request;
    const isStopped = this.#closed || signal?.aborted === true;
    const origin = isStopped ? stopped : this.#connections.origin(request.url, key);
    if (origin instanceof EgressFailure) {
      const { reason, message } = origin;
      return queueMicrotask(() => answered({ kind: "failed", reason, message }, request));
    }
    if (signal !== undefined) this.#listen(signal);
    const deps = { connections: this.#connections, clock: this.#clock, origin, deadlines: this.#underWay };
    void new Exchange(request, deps, answered);
  }

  /** Once for each signal: the engine has one for all, and a listener for each request would cost more. */
  #listen(signal: AbortSignal): void {
    if (this.#signals.has(signal)) return;
    this.#signals.add(signal);
    const cancel = (): void => {
      for (const exchange of this.#underWay.all()) if (exchange.request.signal === signal) exchange.cancel();
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

/** One function for all that are sent. */
function tell(answer: EgressAnswer, request: AnyRequest): void {
  const told = request as ToldRequest;
  told.to.answered(answer, told);
}
