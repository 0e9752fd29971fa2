/** The way out by threads that sign and send: the main thread says what and until when, and is told what came of it. */
import type { Clock } from "../../clock.ts";
import type { EgressAllow } from "../../domain/egress.ts";
import type { Log } from "../../log.ts";
import { mostIdle } from "../connections.ts";
import type { Egress, EgressAnswer, Posting } from "../egress.ts";
import type { Letter } from "../request-head.ts";
import { SenderThread } from "./sender-thread.ts";

interface SendersOptions {
  /** How many threads, at least one. They start when they are first needed. */
  readonly count: number;
  readonly allow: EgressAllow;
  readonly clock: Clock;
  readonly log: Log;
  /** A thread ended by itself. */
  readonly lost?: () => void;
  /** PEM of certificate authorities that are trusted beside the usual ones. */
  readonly ca?: string;
  /** The module that they run, and what it is given. Default `worker.ts` beside this one. */
  readonly file?: URL;
  readonly given?: unknown;
}

export function senders(options: SendersOptions): Egress {
  return new ThreadedEgress(options);
}

const stopped: EgressAnswer = { kind: "failed", reason: "internal", message: "stopped before anything was sent" };

class ThreadedEgress implements Egress {
  readonly #senders: readonly SenderThread[];
  readonly #signals = new WeakMap<AbortSignal, number>();
  #lastSignal = 0;
  #closed: Promise<void> | undefined;

  constructor({ count, allow, clock, log, lost, ca, given, file = ownFile() }: SendersOptions) {
    const data = { allow, ca, mostIdle: Math.ceil(mostIdle / count), given };
    this.#senders = Array.from({ length: count }, (_, sender) => {
      const told = (error: Error, underWay: number): void => {
        log.error(
          { sender, error: error.message, underWay },
          "a sender thread ended by itself; another takes its place",
        );
        lost?.();
      };
      return new SenderThread({ file, data, clock, lost: told });
    });
  }

  send(letter: Letter, posting: Posting): void {
    const { signal } = posting;
    const sender = this.#closed === undefined ? this.#senderOf(letter.head.origin) : undefined;
    if (sender === undefined || signal?.aborted === true) return queueMicrotask(() => posting.answered(stopped));
    sender.send(letter, posting, signal === undefined ? 0 : this.#numberOf(signal));
  }

  /** The same for one origin: connections to it are one sender's, and so are the bounds on them. */
  #senderOf(origin: string): SenderThread | undefined {
    let hash = 0x811c9dc5;
    for (let at = 0; at < origin.length; at += 1) hash = Math.imul(hash ^ origin.charCodeAt(at), 0x01000193);
    return this.#senders[((hash ^ (hash >>> 15)) >>> 0) % this.#senders.length];
  }

  #numberOf(signal: AbortSignal): number {
    const known = this.#signals.get(signal);
    if (known !== undefined) return known;
    const number = ++this.#lastSignal;
    this.#signals.set(signal, number);
    const abort = (): void => {
      for (const sender of this.#senders) sender.abort(number);
    };
    signal.addEventListener("abort", abort, { once: true });
    return number;
  }

  async close(): Promise<void> {
    this.#closed ??= Promise.all(this.#senders.map((sender) => sender.close())).then(() => {});
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Next to this file is TypeScript when run from source, JavaScript in the published package. */
function ownFile(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
}
