/** Events to a URL of the tenant's: one POST per event, signed. */

import type { KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Clock } from "../clock.ts";
import { sequenceText } from "../domain/ids.ts";
import type { Outcome } from "../domain/retry.ts";
import { sign, signingKey } from "../domain/signature.ts";
import type { TargetSecrets, WebhookAuth, WebhookSubscription, WebhookTarget } from "../domain/subscription.ts";
import { asError } from "../errors.ts";
import type { Egress, EgressAnswer } from "./egress.ts";
import { formatObjectEvent } from "./formats/object.ts";
import { forbiddenHeader } from "./headers.ts";
import type { AttemptResult, Deliverable, PreparedTarget } from "./target.ts";

export interface WebhookDeps {
  readonly egress: Egress;
  readonly clock: Clock;
  /** Opens a target's `sealed`. May throw. */
  readonly open: (sealed: string) => TargetSecrets;
  /** `eventSource` in payloads. */
  readonly eventSource: string;
}

/**
 * Prepares a subscription's target once: URL parsed, secrets opened, keys decoded, unchanging headers built. Never throws:
 * a target whose secrets cannot be opened is one whose every attempt fails as `internal`.
 */
export function webhookTargets(deps: WebhookDeps): (subscription: WebhookSubscription) => PreparedTarget {
  const userAgent = `Signalbox/${version()}`;
  return (subscription) => {
    try {
      return new WebhookSender(deps, subscription, userAgent);
    } catch (error) {
      return broken(deps.clock, `the subscription's target cannot be used: ${asError(error).message}`);
    }
  };
}

/** Of the package, which lies at the same distance from the source and from what is published. */
function version(): string {
  const file = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(file) as { readonly version: string }).version;
}

function broken(clock: Clock, message: string): PreparedTarget {
  const outcome: Outcome = { kind: "failed", reason: "internal" };
  return { attempt: () => Promise.resolve({ outcome, startedMs: clock.now(), durationMs: 0, message }) };
}

/** The documented header of each kind of authentication. */
function authorization(auth: WebhookAuth): string {
  if (auth.type === "bearer") return `Bearer ${auth.token}`;
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`, "utf8").toString("base64")}`;
}

interface LiveKey {
  readonly key: KeyObject;
  readonly untilMs: number;
}

class WebhookSender implements PreparedTarget {
  readonly #deps: WebhookDeps;
  readonly #url: URL;
  readonly #target: WebhookTarget;
  readonly #headers: readonly string[];
  readonly #keys: readonly LiveKey[];

  constructor(deps: WebhookDeps, { target }: WebhookSubscription, userAgent: string) {
    const secrets = deps.open(target.sealed);
    this.#deps = deps;
    this.#url = new URL(target.url);
    this.#target = target;
    this.#keys = secrets.signing.map(({ secret, untilMs = Number.POSITIVE_INFINITY }) => ({
      key: signingKey(secret),
      untilMs,
    }));
    const custom = Object.entries(secrets.headers ?? {}).filter(([name]) => !forbiddenHeader(name));
    const ownAgent = custom.some(([name]) => name.toLowerCase() === "user-agent");
    this.#headers = [
      "content-type",
      "application/json",
      ...(ownAgent ? [] : ["user-agent", userAgent]),
      ...(secrets.auth === undefined ? [] : ["authorization", authorization(secrets.auth)]),
      ...custom.flat(),
    ];
  }

  async attempt({ uuid, event, test = false }: Deliverable, signal?: AbortSignal): Promise<AttemptResult> {
    const { egress, clock, eventSource } = this.#deps;
    const { fields, timeoutMs, ack } = this.#target;
    const startedMs = clock.now();
    // Once into bytes: what is signed is what is sent.
    const body = Buffer.from(formatObjectEvent(event, { eventSource, fields, test }));
    const timestampS = Math.floor(startedMs / 1000);
    const keys = this.#keys.filter(({ untilMs }) => startedMs < untilMs).map(({ key }) => key);
    const headers = [
      ...this.#headers,
      "webhook-id",
      uuid,
      "webhook-timestamp",
      String(timestampS),
      "webhook-signature",
      sign(keys, { id: uuid, timestampS, body }),
      "x-signalbox-sequence",
      sequenceText(event.sequence),
    ];
    const answer = await egress.post({
      url: this.#url,
      headers,
      body,
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
    return result(answer, ack, { startedMs, durationMs: Math.max(0, clock.now() - startedMs) });
  }
}

function result(
  answer: EgressAnswer,
  ack: "200" | "2xx",
  times: Pick<AttemptResult, "startedMs" | "durationMs">,
): AttemptResult {
  if (answer.kind === "failed") {
    return { outcome: { kind: "failed", reason: answer.reason }, ...times, message: answer.message };
  }
  const { status, snippet } = answer;
  const outcome = judge(answer, ack);
  if (outcome.kind === "delivered") return { outcome, ...times, status, snippet };
  return { outcome, ...times, status, snippet, message: refusalMessage(status, ack) };
}

/** What an answer means. Under `200`, as documented, everything but 200 is tried again. */
function judge(answer: EgressAnswer & { readonly kind: "answer" }, ack: "200" | "2xx"): Outcome {
  const { status, retryAfterMs } = answer;
  if (ack === "200" ? status === 200 : status >= 200 && status <= 299) return { kind: "delivered" };
  if (status === 410 && ack === "2xx") return { kind: "stop", reason: "gone" };
  const reason = status === 410 ? "gone" : status >= 300 && status <= 399 ? "redirect" : "status";
  return { kind: "failed", reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function refusalMessage(status: number, ack: "200" | "2xx"): string {
  if (status >= 200 && status <= 299 && ack === "200") return `answered ${status}, only 200 acknowledges`;
  if (status >= 300 && status <= 399) return `answered ${status}, redirects are not followed`;
  if (status === 410) return "answered 410: the receiver is gone";
  return `answered ${status}`;
}
