/** Every way out, to be asked for an answer; the same tests hold for each. */
import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { type Clock, systemClock } from "../../src/clock.ts";
import { type EgressAllow, parseEgressAllow } from "../../src/domain/egress.ts";
import { silentLog } from "../../src/log.ts";
import { type Egress, type EgressAnswer, egress } from "../../src/targets/egress.ts";
import { RequestHead } from "../../src/targets/request-head.ts";
import { senders } from "../../src/targets/senders/senders.ts";
import { type FakeClock, fakeClock } from "./clock.ts";

export interface EgressRequest {
  readonly url: URL;
  /** Names and values in turn, or a record. */
  readonly headers: readonly string[] | Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** A way out that gives its answer to who asks. */
export interface Asked extends Egress {
  post(request: EgressRequest): Promise<EgressAnswer>;
}

export function asked(out: Egress, clock: Clock): Asked {
  const post = ({ url, headers, body, timeoutMs, signal }: EgressRequest): Promise<EgressAnswer> =>
    new Promise((answered) => {
      const list = Array.isArray(headers) ? (headers as readonly string[]) : Object.entries(headers).flat();
      const head = RequestHead.of(url, list);
      out.send({ head, lines: "", body }, { timeoutMs, beganMs: clock.steady(), signal, answered });
    });
  return {
    post,
    send: (letter, posting) => out.send(letter, posting),
    close: () => out.close(),
    [Symbol.asyncDispose]: () => out[Symbol.asyncDispose](),
  };
}

/**
 * What is found of a name, or of `*` for all others: to each question the next of these lists of addresses, and the last one for ever; nothing;
 * one address in the old form; no answer at all; or the end of the thread that asks.
 */
export type Names = Readonly<Record<string, readonly (readonly string[])[] | "missing" | "old" | "silent" | "fatal">>;

export const toLoopback: Names = { "*": [["127.0.0.1"]] };

export function lookupOf(names: Names): LookupFunction {
  let asks = 0;
  return (name, _options, tell) => {
    const known = names[name] ?? names["*"] ?? "missing";
    if (known === "silent") return;
    if (known === "fatal") {
      setImmediate(() => {
        throw new Error("as the test wants");
      });
      return;
    }
    if (known === "old") return tell(null, "127.0.0.1", 4);
    if (known === "missing") {
      return tell(Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" }), []);
    }
    const found = known[Math.min(asks, known.length - 1)] ?? [];
    asks += 1;
    tell(
      null,
      found.map((address): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
}

interface Opened {
  readonly allow?: readonly string[];
  /** Default: that of the system. */
  readonly clock?: FakeClock;
  /** Default: those of the system. */
  readonly names?: Names;
  readonly ca?: string;
}

export interface Way {
  readonly name: string;
  /** Everything happens in the thread of the test. */
  readonly here: boolean;
  /** One that moves in each thread when it is told to in that of the test. */
  clock(): FakeClock;
  open(opened: Opened): Asked;
}

/** A sender with the names and the clock of a test. */
export const senderFixture = new URL("sender.fixture.ts", import.meta.url);

/** What it is given. */
export interface GivenToSender {
  readonly names: Names | undefined;
  readonly time: SharedTime | undefined;
}

/** What a fake clock shows, for other threads. */
interface SharedTime {
  readonly beginMs: number;
  readonly nowMs: Float64Array<SharedArrayBuffer>;
  /** On which it is told that it has moved. */
  readonly channel: string;
}

const times = new WeakMap<FakeClock, SharedTime>();
let channels = 0;

function sharedClock(): FakeClock {
  const clock = fakeClock();
  const channel = new BroadcastChannel(`clock ${process.pid} ${++channels}`);
  channel.unref();
  const nowMs = new Float64Array(new SharedArrayBuffer(8)).fill(clock.steady());
  const shared = {
    ...clock,
    get pending() {
      return clock.pending;
    },
    advance: (ms: number) => {
      clock.advance(ms);
      nowMs[0] = clock.steady();
      channel.postMessage("moved");
    },
  };
  times.set(shared, { beginMs: clock.steady(), nowMs, channel: channel.name });
  return shared;
}

function allowOf({ allow = ["127.0.0.1"] }: Opened): EgressAllow {
  return parseEgressAllow(allow);
}

const inThread: Way = {
  name: "in this thread",
  here: true,
  clock: () => fakeClock(),
  open: (opened) => {
    const { clock = systemClock, names, ca } = opened;
    const lookup = names === undefined ? {} : { lookup: lookupOf(names) };
    return asked(egress({ allow: allowOf(opened), clock, ...lookup, ...(ca === undefined ? {} : { ca }) }), clock);
  },
};

const bySenders: Way = {
  name: "by senders",
  here: false,
  clock: sharedClock,
  open: (opened) => {
    const { clock = systemClock, names, ca } = opened;
    const time = clock === systemClock ? undefined : times.get(clock as FakeClock);
    const given: GivenToSender = { names, time };
    const file = senderFixture;
    const own = names === undefined && time === undefined ? {} : { file, given };
    const more = ca === undefined ? own : { ...own, ca };
    return asked(senders({ count: 2, allow: allowOf(opened), clock: systemClock, log: silentLog, ...more }), clock);
  },
};

export const ways: readonly Way[] = [inThread, bySenders];
