import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { Clock } from "../clock.ts";
import { type EgressAllow, egressRefusal, hostAndPortOf, nameAllowed } from "../domain/egress.ts";
import { answerFailure, EgressFailure } from "./failure.ts";
import { dnsLookup } from "./resolver.ts";

/**
 * Requests that an installation makes for itself, few and small: keys of issuers, their answers to logins. They reach what webhooks reach, and
 * what the operator opened for them alone.
 */

interface Outgoing {
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborts when the answer is no longer wanted. */
  readonly signal?: AbortSignal;
}

interface OutboundAnswer {
  readonly status: number;
  /** Names in lower case; of several of one name, joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** @throws EgressFailure that says what went wrong, for the operator; redirects are not followed. */
export type Outbound = (url: URL, outgoing: Outgoing) => Promise<OutboundAnswer>;

interface OutboundOptions {
  readonly clock: Clock;
  /** Of private addresses, those that may be asked. */
  readonly allow: EgressAllow;
  /** Of an answer's body; default 262,144. */
  readonly maxBytes?: number;
  /** For all of it, from the name to the last byte; default 5,000. */
  readonly timeoutMs?: number;
  /** Default: DNS. */
  readonly lookup?: LookupFunction;
}

/** The way out for what the operator names in the settings. */
export function outbound(options: OutboundOptions): Outbound {
  const { clock, allow, maxBytes = 262_144, timeoutMs = 5_000, lookup = dnsLookup() } = options;
  return async (url, { method, headers = {}, body, signal }) => {
    const place = hostAndPortOf(url);
    const isOpened = nameAllowed(place, allow);
    const judge = (address: string): void => {
      const what = isOpened ? undefined : egressRefusal({ host: address, port: place.port }, allow);
      if (what === undefined) return;
      throw new EgressFailure("egress_refused", `${place.host} may not be asked: its address is not public (${what})`);
    };
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      throw new EgressFailure("egress_refused", "only http and https are asked");
    }
    if (isIP(place.host) !== 0) judge(place.host);
    const stop = new AbortController();
    const cancel = clock.after(timeoutMs, () =>
      stop.abort(new EgressFailure("timeout", `${place.host} did not answer within ${timeoutMs} ms`)),
    );
    const given = (): void => stop.abort(new EgressFailure("internal", "no longer wanted"));
    signal?.addEventListener("abort", given, { once: true });
    if (signal?.aborted === true) given();
    try {
      return await exchange();
    } catch (thrown) {
      throw stop.signal.aborted ? stop.signal.reason : thrown;
    } finally {
      cancel();
      signal?.removeEventListener("abort", given);
    }

    function exchange(): Promise<OutboundAnswer> {
      return new Promise((resolve, reject) => {
        const failed = (error: Error): void => reject(answerFailure(error));
        const ask = url.protocol === "https:" ? requestHttps : requestHttp;
        const request = ask(url, {
          method,
          headers: { accept: "application/json", ...headers, connection: "close" },
          // A connection for each: nothing is left to be closed, and nothing stale is used.
          agent: false,
          signal: stop.signal,
          lookup: judgedLookup(lookup, judge),
        });
        request.once("socket", (socket) =>
          socket.once("connect", () => {
            try {
              judge(socket.remoteAddress ?? "");
            } catch (thrown) {
              socket.destroy(thrown as Error);
            }
          }),
        );
        request.once("error", failed);
        request.once("response", (response) => {
          const parts: Buffer[] = [];
          let bytes = 0;
          response.once("error", failed);
          response.on("data", (part: Buffer) => {
            parts.push(part);
            bytes += part.length;
            if (bytes > maxBytes) {
              response.destroy(new EgressFailure("connection", `the answer has more than ${maxBytes} bytes`));
            }
          });
          response.once("end", () => {
            const shown = Object.entries(response.headersDistinct).map(([name, values = []]) => [
              name,
              values.join(", "),
            ]);
            resolve({
              status: response.statusCode ?? 0,
              headers: Object.fromEntries(shown),
              body: Buffer.concat(parts),
            });
          });
          response.once("close", () => failed(new EgressFailure("connection", "the answer was not complete")));
        });
        request.end(body);
      });
    }
  };
}

/** Only addresses that were judged are connected to. */
function judgedLookup(lookup: LookupFunction, judge: (address: string) => void): LookupFunction {
  return (name, options, tell) =>
    lookup(name, { ...options, all: true }, (error, answer, family) => {
      const found = typeof answer === "string" ? [{ address: answer, family: family ?? isIP(answer) }] : answer;
      if (error !== null) return tell(error, "", 0);
      let refused: Error | undefined;
      const permitted = found.filter(({ address }) => {
        try {
          judge(address);
          return true;
        } catch (thrown) {
          refused = thrown as Error;
          return false;
        }
      });
      const [first] = permitted;
      if (first === undefined) return tell(refused ?? new EgressFailure("dns", `no address found for ${name}`), "", 0);
      if (options.all === true) return tell(null, permitted);
      return tell(null, first.address, first.family);
    });
}
