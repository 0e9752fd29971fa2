/** The handshake of CloudEvents' web hooks: nothing is posted to a receiver that has not agreed to it, nor faster than it agreed to. */

import type { IncomingHttpHeaders } from "node:http";
import type { Outcome } from "../domain/retry.ts";
import type { WebhookSubscription } from "../domain/subscription.ts";
import { headersOf } from "./answer-head.ts";
import type { EgressAnswer } from "./egress.ts";
import { RequestHead } from "./request-head.ts";
import type { SendingMeans } from "./sending-means.ts";

/** It is asked again after this. */
const agreedForMs = 3_600_000;

/** What a receiver said, to one of those that wait for it. */
type Agreement =
  /** This one may go in so long. */
  | { readonly kind: "agreed"; readonly waitMs: number }
  | { readonly kind: "refused"; readonly outcome: Outcome; readonly status?: number; readonly message: string };

type Said = { readonly kind: "agreed" } | (Agreement & { readonly kind: "refused" });

export class Handshake {
  readonly #means: Pick<SendingMeans, "egress" | "clock">;
  readonly #timeoutMs: number;
  /** A DNS name, as the specification has it. */
  readonly #origin: string;
  readonly #head: RequestHead;
  #agreedUntilMs = Number.NEGATIVE_INFINITY;
  #perSecond: number | undefined;
  #asking: Promise<Said> | undefined;
  /** Attempts that wait for the answer. */
  #waiting = 0;

  /** @throws for a URL that is none. */
  constructor(
    means: Pick<SendingMeans, "egress" | "clock" | "publicUrl">,
    { target, pace }: Pick<WebhookSubscription, "target" | "pace">,
    userAgent: string,
  ) {
    this.#means = means;
    this.#timeoutMs = target.timeoutMs;
    this.#origin = new URL(means.publicUrl()).hostname;
    // Neither credentials nor headers of the owner: who has not agreed does not get them.
    const headers = ["user-agent", userAgent, "webhook-request-origin", this.#origin];
    const perMinute = pace?.maxPerSecond === undefined ? [] : [String(Math.max(1, Math.floor(60 * pace.maxPerSecond)))];
    const rate = perMinute.flatMap((value) => ["webhook-request-rate", value]);
    this.#head = RequestHead.of(new URL(target.url), [...headers, ...rate], [], "OPTIONS");
  }

  /** How many attempts may begin in a second; `undefined` as long as the receiver was not asked. */
  get perSecond(): number | undefined {
    return this.#perSecond;
  }

  /** Whether attempts may begin without asking. */
  get stands(): boolean {
    return this.#means.clock.steady() < this.#agreedUntilMs;
  }

  /** Asks, once for all that wait. Never rejects. Those behind the first are let through as slowly as was agreed. */
  async agree(signal: AbortSignal | undefined): Promise<Agreement> {
    const place = this.#waiting;
    this.#waiting += 1;
    this.#asking ??= this.#ask(signal);
    const said = await this.#asking;
    if (said.kind === "refused") return said;
    return { kind: "agreed", waitMs: Math.round((1_000 * place) / (this.#perSecond ?? Number.POSITIVE_INFINITY)) };
  }

  #ask(signal: AbortSignal | undefined): Promise<Said> {
    const { egress, clock } = this.#means;
    return new Promise((resolve) => {
      const answered = (answer: EgressAnswer): void => {
        this.#asking = undefined;
        this.#waiting = 0;
        resolve(this.#heard(answer));
      };
      const posting = { timeoutMs: this.#timeoutMs, beganMs: clock.steady(), signal, answered };
      egress.send({ head: this.#head, lines: "", body: "" }, posting);
    });
  }

  #heard(answer: EgressAnswer): Said {
    if (answer.kind === "failed") {
      const { reason, message } = answer;
      return { kind: "refused", outcome: { kind: "failed", reason }, message: `the handshake failed: ${message}` };
    }
    const rate = allowedRate(answer, this.#origin);
    if (typeof rate === "number") {
      this.#perSecond = rate;
      this.#agreedUntilMs = this.#means.clock.steady() + agreedForMs;
      return { kind: "agreed" };
    }
    const { status, retryAfterMs } = answer;
    const busy = status === 429 ? { busy: true as const } : {};
    const asked = retryAfterMs === undefined ? {} : { retryAfterMs };
    const outcome: Outcome = { kind: "failed", reason: "status", ...asked, ...busy };
    return { kind: "refused", outcome, status, message: `the receiver has not agreed to webhooks: ${rate}` };
  }
}

/** In a second; or what is wrong with the answer. */
function allowedRate({ status, seen }: EgressAnswer & { readonly kind: "answer" }, origin: string): number | string {
  if (status < 200 || status > 299) return `OPTIONS was answered ${status}`;
  const headers: IncomingHttpHeaders = seen?.head === undefined ? {} : headersOf(seen.head);
  const allowed = textOf(headers["webhook-allowed-origin"]);
  if (allowed === undefined) return "the answer to OPTIONS has no WebHook-Allowed-Origin";
  if (allowed !== "*" && allowed.toLowerCase() !== origin.toLowerCase()) {
    return `WebHook-Allowed-Origin is neither * nor ${origin}`;
  }
  const rate = textOf(headers["webhook-allowed-rate"]) ?? "*";
  if (rate === "*") return Number.POSITIVE_INFINITY;
  return /^[1-9]\d{0,8}$/.test(rate) ? Number(rate) / 60 : "WebHook-Allowed-Rate is neither * nor a number from 1";
}

function textOf(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value.trim() : undefined;
}
