import type { LookupFunction } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { type Clock, systemClockOf } from "../../clock.ts";
import { type Egress, type EgressAnswer, egress, type Posting } from "../egress.ts";
import type { RequestHead } from "../request-head.ts";
import type { FromSender, SenderData, ToSender } from "./messages.ts";
import { packAnswer } from "./packed-answers.ts";
import { type ArrivedLetter, unpackHead, unpackLetters } from "./packed-letters.ts";
import { handedOver, ParcelWriter } from "./parcel.ts";

/** What was sent under one signal of the main thread's, for as long as something of it is under way. */
interface Group {
  readonly controller: AbortController;
  underWay: number;
}

/** Runs in a sender: sends letters as they come, and says what came of them. */
export function serveLetters({
  clock,
  lookup,
}: {
  readonly clock?: Clock;
  readonly lookup?: LookupFunction;
} = {}): void {
  const port = parentPort;
  if (port === null) throw new Error("letters are sent by a sender thread only");
  const { allow, ca, mostIdle, clock: origin } = workerData as SenderData;
  const out = egress({
    allow,
    clock: clock ?? systemClockOf(origin),
    mostIdle,
    ...(lookup === undefined ? {} : { lookup }),
    ...(ca === undefined ? {} : { ca }),
  });
  const service = new Service(out, (said, ...gone) => port.postMessage(said, gone));
  port.on("message", (said: ToSender) => service.take(said));
}

class Service {
  readonly #out: Egress;
  readonly #say: (said: FromSender, ...gone: ArrayBuffer[]) => void;
  readonly #heads = new Map<number, RequestHead>();
  readonly #groups = new Map<number, Group>();
  readonly #answers = new ParcelWriter();
  #leaving = false;

  constructor(out: Egress, say: (said: FromSender, ...gone: ArrayBuffer[]) => void) {
    this.#out = out;
    this.#say = say;
  }

  take(said: ToSender): void {
    switch (said.kind) {
      case "letters": {
        for (const head of said.heads) this.#heads.set(head.number, unpackHead(head));
        for (const arrived of unpackLetters(said.letters, this.#heads)) this.#send(arrived);
        for (const number of said.forgotten) this.#heads.delete(number);
        return;
      }
      case "abort":
        return this.#groups.get(said.signal)?.controller.abort();
      case "close":
        return void this.#close();
      default:
        return said satisfies never;
    }
  }

  #send({ letter, slot, timeoutMs, beganMs, signal }: ArrivedLetter): void {
    const group = signal === 0 ? undefined : this.#groupOf(signal);
    const answered = (answer: EgressAnswer): void => {
      if (group !== undefined && --group.underWay === 0) this.#groups.delete(signal);
      this.#answer(slot, answer);
    };
    const posting: Posting = { timeoutMs, beganMs, signal: group?.controller.signal, answered };
    this.#out.send(letter, posting);
  }

  #groupOf(signal: number): Group {
    const group = this.#groups.get(signal) ?? { controller: new AbortController(), underWay: 0 };
    group.underWay += 1;
    this.#groups.set(signal, group);
    return group;
  }

  /** Answers of one turn of the loop leave together. */
  #answer(slot: number, answer: EgressAnswer): void {
    packAnswer(this.#answers, slot, answer);
    if (this.#leaving) return;
    this.#leaving = true;
    setImmediate(() => this.#leave());
  }

  #leave(): void {
    if (!this.#leaving) return;
    this.#leaving = false;
    const answers = this.#answers.take();
    this.#say({ kind: "answers", answers }, ...handedOver(answers));
  }

  async #close(): Promise<void> {
    await this.#out.close();
    this.#leave();
    this.#say({ kind: "closed" });
  }
}
