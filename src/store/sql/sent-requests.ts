import type { Reply } from "./requests.ts";

/** A request that the writer has. */
interface Sent {
  readonly isJob: boolean;
  /** Ends the wait of those who handed it in; they are not told a second time. */
  readonly giveUp: (error: Error) => void;
  readonly answered: (reply: Reply) => void;
}

interface SentRequestsOptions {
  /** What is not answered after so long is overdue. Default: never, as the writer always answers. */
  readonly answerMs?: number | undefined;
  readonly overdue: (sent: Sent) => void;
}

/** What the writer has and has not answered: commits, or a job. */
export class SentRequests {
  readonly #options: SentRequestsOptions;
  readonly #all = new Map<Sent, NodeJS.Timeout | undefined>();
  readonly #overdue = new Set<Sent>();

  constructor(options: SentRequestsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#all.size;
  }

  get isJob(): boolean {
    for (const { isJob } of this.#all.keys()) return isJob;
    return false;
  }

  /** The writer is at work on a request for longer than callers wait. */
  get isStalled(): boolean {
    return this.#overdue.size > 0;
  }

  begin(sent: Sent): void {
    const { answerMs } = this.#options;
    this.#all.set(sent, answerMs === undefined ? undefined : setTimeout(() => this.#late(sent), answerMs));
  }

  answered(sent: Sent, reply: Reply): void {
    clearTimeout(this.#all.get(sent));
    this.#overdue.delete(sent);
    if (this.#all.delete(sent)) sent.answered(reply);
  }

  /** Those that are overdue are not waited for any more. */
  giveUp(error: Error): void {
    for (const { giveUp } of this.#overdue) giveUp(error);
  }

  /** None is answered any more. */
  breakOff(reply: Reply): void {
    for (const sent of this.#all.keys()) this.answered(sent, reply);
  }

  #late(sent: Sent): void {
    this.#overdue.add(sent);
    this.#options.overdue(sent);
  }
}
