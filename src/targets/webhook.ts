/** Events to a URL of the tenant's, signed: one POST per event, or per batch where its owner asked for that. */

import type { Clock } from "../clock.ts";
import type { Outcome } from "../domain/retry.ts";
import type { WebhookSubscription, WebhookTarget } from "../domain/subscription.ts";
import { asError } from "../errors.ts";
import { type Redactor, redactor as redactorOf } from "../secrets/redact.ts";
import { batchId } from "./batch-id.ts";
import { compressed } from "./compression.ts";
import type { EgressAnswer, Posting } from "./egress.ts";
import { Handshake } from "./handshake.ts";
import type { SendingMeans } from "./sending-means.ts";
import type { AttemptResult, Deliverable, PastAttempt, PreparedTarget, Sent, ToldDeliverable } from "./target.ts";
import { neverShown, userAgent, WebhookRequests } from "./webhook-request.ts";
import { wireFacts } from "./wire.ts";

type WebhookMeans = Pick<SendingMeans, "egress" | "clock" | "open" | "eventSource" | "kinds" | "publicUrl">;

/**
 * Prepares a subscription's target once: URL parsed, secrets opened, keys decoded, unchanging headers built. Never throws:
 * a target whose secrets cannot be opened is one whose every attempt fails as `internal`.
 */
export function webhookTargets(means: WebhookMeans): (subscription: WebhookSubscription) => PreparedTarget {
  return (subscription) => {
    try {
      return new WebhookSender(means, subscription);
    } catch (error) {
      return broken(means.clock, `the subscription's target cannot be used: ${asError(error).message}`);
    }
  };
}

function broken(clock: Clock, message: string): PreparedTarget {
  const outcome: Outcome = { kind: "failed", reason: "internal" };
  return {
    attempt: () => Promise.resolve({ outcome, startedMs: clock.now(), durationMs: 0, message }),
    sent: () => Promise.resolve(undefined),
  };
}

/** One attempt under way. */
class Sending implements Posting {
  readonly delivery: ToldDeliverable;
  readonly startedMs: number;
  readonly beganMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly #sender: WebhookSender;

  constructor(sender: WebhookSender, delivery: ToldDeliverable, signal: AbortSignal | undefined) {
    const { clock } = sender.means;
    this.delivery = delivery;
    this.startedMs = clock.now();
    this.beganMs = clock.steady();
    this.timeoutMs = sender.target.timeoutMs;
    this.signal = signal;
    this.#sender = sender;
  }

  answered(answer: EgressAnswer): void {
    this.delivery.attempted(this.#sender.result(answer, this));
  }
}

class WebhookSender implements PreparedTarget {
  readonly means: WebhookMeans;
  readonly target: WebhookTarget;
  readonly #requests: WebhookRequests;
  readonly #secrets: readonly string[];
  readonly #captures: boolean;
  readonly #handshake: Handshake | undefined;
  #redactor: Redactor | undefined;

  constructor(means: WebhookMeans, subscription: WebhookSubscription) {
    const { target, capture } = subscription;
    const secrets = means.open(target.sealed);
    this.means = means;
    this.target = target;
    this.#requests = new WebhookRequests(means, subscription, secrets);
    this.#secrets = neverShown(secrets);
    this.#captures = capture === "all";
    this.#handshake = target.handshake === true ? new Handshake(means, subscription, userAgent) : undefined;
  }

  get perSecond(): number | undefined {
    return this.#handshake?.perSecond;
  }

  attempt(delivery: Deliverable, signal?: AbortSignal): Promise<AttemptResult> {
    return new Promise((attempted) => this.begin({ ...delivery, attempted }, signal));
  }

  begin(delivery: ToldDeliverable, signal?: AbortSignal): void {
    this.#begin(delivery, signal);
  }

  beginBatch(
    deliveries: readonly Deliverable[],
    attempted: (result: AttemptResult) => void,
    signal?: AbortSignal,
  ): number {
    const { size, body } = this.#requests.together(deliveries);
    const parts = deliveries.slice(0, size);
    const last = parts.at(-1);
    if (last === undefined) throw new RangeError("a batch holds at least one");
    if (size === 1) this.begin({ ...last, attempted }, signal);
    else {
      const batch = { id: batchId(parts), size };
      const told = (result: AttemptResult): void => attempted({ ...result, batch });
      this.#begin({ ...last, uuid: batch.id, attempted: told }, signal, body);
    }
    return size;
  }

  /** @param together the body of a batch, of which `delivery` has the id. */
  #begin(delivery: ToldDeliverable, signal: AbortSignal | undefined, together?: string): void {
    if (this.#handshake?.stands === false) void this.#agree(this.#handshake, delivery, { signal, together });
    else this.#post(delivery, signal, together);
  }

  async #agree(
    handshake: Handshake,
    delivery: ToldDeliverable,
    { signal, together }: { readonly signal: AbortSignal | undefined; readonly together: string | undefined },
  ): Promise<void> {
    const { clock } = this.means;
    const startedMs = clock.now();
    const beganMs = clock.steady();
    const said = await handshake.agree(signal);
    const times = { startedMs, durationMs: clock.steady() - beganMs };
    if (said.kind === "refused") {
      const { kind: _kind, ...refusal } = said;
      delivery.attempted(this.#redacted({ ...refusal, ...times }));
    } else if (said.waitMs > 0) {
      delivery.attempted({ outcome: { kind: "later", reason: "rate_limited", waitMs: said.waitMs }, ...times });
    } else this.#post(delivery, signal, together);
  }

  #post(delivery: ToldDeliverable, signal: AbortSignal | undefined, together?: string): void {
    const sending = new Sending(this, delivery, signal);
    try {
      const letter = this.#requests.letter(delivery, sending.startedMs, together);
      if (this.target.compression === undefined) return this.means.egress.send(letter, sending);
      const packed = (body: Buffer): void => this.means.egress.send({ ...letter, body }, sending);
      compressed(letter.body).then(packed, (thrown: unknown) => this.#unsent(sending, thrown));
    } catch (thrown) {
      queueMicrotask(() => this.#unsent(sending, thrown));
    }
  }

  /** There is nothing that could be sent. */
  #unsent({ delivery, startedMs }: Sending, thrown: unknown): void {
    const message = asError(thrown).message;
    delivery.attempted(
      this.#redacted({ outcome: { kind: "failed", reason: "internal" }, startedMs, durationMs: 0, message }),
    );
  }

  result(answer: EgressAnswer, { delivery, startedMs, beganMs }: Sending): AttemptResult {
    const made = result(answer, this.target, { startedMs, durationMs: this.means.clock.steady() - beganMs });
    const { seen } = answer;
    const isKept = this.#captures || delivery.test === true || made.outcome.kind !== "delivered";
    if (!isKept || seen === undefined) return this.#redacted(made);
    return { ...this.#redacted(made), wire: wireFacts(seen, beganMs, this.#known()) };
  }

  async sent(delivery: Deliverable, past: PastAttempt): Promise<Sent | undefined> {
    try {
      return { kind: "request", request: await this.#requests.shown(delivery, past, this.means.clock.now()) };
    } catch {
      // Its macros stand for nothing in an event of another kind, say.
      return undefined;
    }
  }

  /** Most receivers answer next to nothing: what is looked for is made ready for the first that says something. */
  #redacted(made: AttemptResult): AttemptResult {
    const { snippet, message } = made;
    if ((snippet ?? "") === "" && message === undefined) return made;
    const redactor = this.#known();
    const shown = snippet === undefined ? undefined : redactor.ofCut(snippet);
    const said = message === undefined ? undefined : redactor.of(message);
    if (shown === snippet && said === message) return made;
    return {
      ...made,
      ...(shown === undefined ? {} : { snippet: shown }),
      ...(said === undefined ? {} : { message: said }),
    };
  }

  #known(): Redactor {
    return (this.#redactor ??= redactorOf(this.#secrets));
  }
}

function result(
  answer: EgressAnswer,
  target: WebhookTarget,
  times: Pick<AttemptResult, "startedMs" | "durationMs">,
): AttemptResult {
  if (answer.kind === "failed") {
    return { outcome: { kind: "failed", reason: answer.reason }, ...times, message: answer.message };
  }
  const { status, snippet } = answer;
  const { ack } = target;
  const outcome = judge(answer, target);
  if (outcome.kind === "delivered") return { outcome, ...times, status, snippet };
  return { outcome, ...times, status, snippet, message: refusalMessage(status, ack) };
}

/**
 * What an answer means. Under `200`, as documented, everything but 200 is tried again. Where resources are watched, 410 is a failure as
 * others are: nothing there could resume what it paused.
 */
function judge(answer: EgressAnswer & { readonly kind: "answer" }, { ack, format }: WebhookTarget): Outcome {
  const { status, retryAfterMs } = answer;
  if (ack === "200" ? status === 200 : status >= 200 && status <= 299) return { kind: "delivered" };
  if (status === 410 && ack === "2xx" && format !== "resource") return { kind: "stop", reason: "gone" };
  const reason = status === 410 ? "gone" : status >= 300 && status <= 399 ? "redirect" : "status";
  const busy = status === 429 || (status === 503 && retryAfterMs !== undefined);
  return {
    kind: "failed",
    reason,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(busy ? { busy } : {}),
  };
}

function refusalMessage(status: number, ack: "200" | "2xx"): string {
  if (status >= 200 && status <= 299 && ack === "200") return `answered ${status}, only 200 acknowledges`;
  if (status >= 300 && status <= 399) return `answered ${status}, redirects are not followed`;
  if (status === 410) return "answered 410: the receiver is gone";
  return `answered ${status}`;
}
