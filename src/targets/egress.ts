/** The one way out: every request that Signalbox makes to an address that a tenant chose. */
import type { LookupFunction } from "node:net";
import type { Clock } from "../clock.ts";
import type { EgressAllow } from "../domain/egress.ts";
import { Connections } from "./connections.ts";
import { Connector } from "./connector.ts";
import { type EgressAnswer, type EgressRequest, Exchange } from "./exchange.ts";
import { EgressFailure } from "./failure.ts";
import { dnsLookup } from "./resolver.ts";

export type { EgressAnswer, Seen } from "./exchange.ts";

export interface Egress extends AsyncDisposable {
  /**
   * Sends one POST and reads the answer: at most 64 KiB of its body, past which the connection is closed and the status
   * stands. Never rejects. A timeout or an abort closes the connection. Should a kept connection turn out to have been closed
   * by the server, the request is made once more on a new one.
   */
  post(request: EgressRequest): Promise<EgressAnswer>;
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
  return new UndiciEgress(new Connections(new Connector(allow, lookup, ca), clock), clock);
}

class UndiciEgress implements Egress {
  readonly #connections: Connections;
  readonly #clock: Clock;
  readonly #groups = new WeakMap<AbortSignal, Set<Exchange>>();
  #closed = false;

  constructor(connections: Connections, clock: Clock) {
    this.#connections = connections;
    this.#clock = clock;
  }

  post(request: EgressRequest): Promise<EgressAnswer> {
    if (this.#closed || request.signal?.aborted === true) {
      return Promise.resolve({ kind: "failed", reason: "internal", message: "stopped before anything was sent" });
    }
    const origin = this.#connections.origin(request.url);
    if (origin instanceof EgressFailure) {
      return Promise.resolve({ kind: "failed", reason: origin.reason, message: origin.message });
    }
    const deps = { connections: this.#connections, clock: this.#clock, origin };
    const { signal } = request;
    return new Promise((resolve) => {
      if (signal === undefined) return void new Exchange(request, deps, resolve);
      const group = this.#groupOf(signal);
      const exchange = new Exchange(request, deps, (answer) => {
        group.delete(exchange);
        resolve(answer);
      });
      group.add(exchange);
    });
  }

  /** Requests under way by the signal that cancels them: the engine has one signal for all, and a listener for each would cost more. */
  #groupOf(signal: AbortSignal): Set<Exchange> {
    let group = this.#groups.get(signal);
    if (group === undefined) {
      group = new Set();
      this.#groups.set(signal, group);
      const cancelled = group;
      const cancel = (): void => {
        for (const exchange of cancelled) exchange.cancel();
      };
      signal.addEventListener("abort", cancel, { once: true });
    }
    return group;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connections.disposeAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
