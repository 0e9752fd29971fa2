import type { AttemptBatch } from "../domain/batch.ts";
import type { Event } from "../domain/event.ts";
import type { Invocation } from "../domain/invocation.ts";
import type { FunctionEvent } from "../domain/lifecycle.ts";
import type { Outcome } from "../domain/retry.ts";
import type { WireFacts } from "../domain/wire-facts.ts";

/** A delivery to be tried. */
export interface Deliverable {
  /** The delivery's uuid: the same on every attempt, redrive and after a crash. */
  readonly uuid: string;
  readonly event: Event;
  /** Number of this attempt, from 1, over the delivery's whole life. */
  readonly attempt: number;
  /** Marks the payload as a try-out that someone asked for, of no real change. Default false. */
  readonly test?: boolean;
}

/** One that is told how an attempt came out: once, and not before the call that begins the attempt has returned. */
export interface ToldDeliverable extends Deliverable {
  attempted(result: AttemptResult): void;
}

/** One try, as the engine records it. */
export interface AttemptResult {
  readonly outcome: Outcome;
  readonly startedMs: number;
  readonly durationMs: number;
  /** HTTP status, when there was an answer. */
  readonly status?: number;
  /** For humans: what went wrong. Absent when it was acknowledged. */
  readonly message?: string;
  /** The first 2 KiB at most of the answer's body, as text. */
  readonly snippet?: string;
  /** How the function ran, when the target is one. */
  readonly invocation?: Invocation;
  /** Of what failed, of tests, and where the subscription captures everything. */
  readonly wire?: WireFacts;
  /** Of what was sent together. */
  readonly batch?: AttemptBatch;
}

/** An attempt of which is to be shown what was sent. */
export interface PastAttempt {
  readonly startedMs: number;
  /** {@link Attempt.revision}. */
  readonly revision?: number;
  /** Whether what is sent for the subscription is as it was. */
  readonly unchanged: boolean;
  /** {@link AttemptBatch}: of its request only what this delivery put there can be made again. */
  readonly batch?: AttemptBatch;
}

/** What an attempt sent, as may be shown: without what is secret. */
export type Sent =
  | { readonly kind: "request"; readonly request: SentRequest }
  | { readonly kind: "input"; readonly input: FunctionEvent }
  | { readonly kind: "mail"; readonly mail: SentMail };

export interface SentRequest {
  readonly method: "POST";
  readonly url: string;
  /** `null`: a signature that is not known, or whose secret is not used any more. */
  readonly headers: readonly (readonly [name: string, value: string | null])[];
  readonly body: string;
}

interface SentMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** A subscription's target, ready to be sent to. Holds nothing open: it may be dropped at any time. */
export interface PreparedTarget {
  /**
   * Makes one attempt. Never rejects. When `signal` aborts, the attempt is cancelled and ends as
   * `failed`/`internal`: the caller, who knows that it stopped it, decides whether that counts.
   */
  attempt(delivery: Deliverable, signal?: AbortSignal): Promise<AttemptResult>;
  /** The same without a promise, for targets that are sent to tens of thousands of times a second. */
  begin?(delivery: ToldDeliverable, signal?: AbortSignal): void;
  /**
   * The same with several in one request, where its owner asked for that: as many of these as fit, in their order, the first at least.
   * Tells how many; `attempted` is told what came of them, once, and not before this has returned.
   */
  beginBatch?(
    deliveries: readonly Deliverable[],
    attempted: (result: AttemptResult) => void,
    signal?: AbortSignal,
  ): number;
  /** How many attempts its receiver allows to begin in a second, as far as it was asked. */
  readonly perSecond?: number | undefined;
  /**
   * What an attempt sent, made again by what makes it for sending; nothing is sent. `undefined` where that cannot be done any more.
   * Never rejects.
   */
  sent(delivery: Deliverable, past: PastAttempt): Promise<Sent | undefined>;
}
