/** Events to a URL of the tenant's: one POST per event, signed. */

import type { KeyObject } from "node:crypto";
import type { Clock } from "../clock.ts";
import { sequenceText } from "../domain/ids.ts";
import { expandUrl } from "../domain/notifications/expand.ts";
import { nameForSubscription } from "../domain/notifications/names.ts";
import type { EventView } from "../domain/notifications/view.ts";
import { viewOf } from "../domain/notifications/view.ts";
import type { Outcome } from "../domain/retry.ts";
import { sign, signingKey } from "../domain/signature.ts";
import type { TargetSecrets, WebhookAuth, WebhookSubscription, WebhookTarget } from "../domain/subscription.ts";
import { parseTemplate, type Template } from "../domain/template.ts";
import { asError } from "../errors.ts";
import { basicCredentials, type Redactor, redactor as redactorOf } from "../secrets/redact.ts";
import { packageVersion } from "../version.ts";
import type { EgressAnswer } from "./egress.ts";
import { formatLifecycleEvent } from "./formats/lifecycle.ts";
import { formatObjectEvent } from "./formats/object.ts";
import { formatResourceEvent } from "./formats/resource.ts";
import { forbiddenHeader } from "./headers.ts";
import type { SendingMeans } from "./sending-means.ts";
import type { AttemptResult, Deliverable, PreparedTarget } from "./target.ts";

type WebhookMeans = Pick<SendingMeans, "egress" | "clock" | "open" | "eventSource" | "kinds" | "publicUrl">;

/**
 * Prepares a subscription's target once: URL parsed, secrets opened, keys decoded, unchanging headers built. Never throws:
 * a target whose secrets cannot be opened is one whose every attempt fails as `internal`.
 */
export function webhookTargets(means: WebhookMeans): (subscription: WebhookSubscription) => PreparedTarget {
  const userAgent = `Signalbox/${packageVersion}`;
  return (subscription) => {
    try {
      return new WebhookSender(means, subscription, userAgent);
    } catch (error) {
      return broken(means.clock, `the subscription's target cannot be used: ${asError(error).message}`);
    }
  };
}

function broken(clock: Clock, message: string): PreparedTarget {
  const outcome: Outcome = { kind: "failed", reason: "internal" };
  return { attempt: () => Promise.resolve({ outcome, startedMs: clock.now(), durationMs: 0, message }) };
}

/** The documented header of each kind of authentication. */
function authorization(auth: WebhookAuth): string {
  switch (auth.type) {
    case "basic":
      return `Basic ${basicCredentials(auth.username, auth.password)}`;
    case "bearer":
      return `Bearer ${auth.token}`;
    case "header":
      return auth.value;
    default:
      return auth satisfies never;
  }
}

/** What of it is never shown. */
function credentialsOf(auth: WebhookAuth): readonly string[] {
  switch (auth.type) {
    case "basic":
      return [auth.password, basicCredentials(auth.username, auth.password)];
    case "bearer":
      return [auth.token];
    case "header": {
      // The scheme is no secret, and receivers echo the parameters each for itself.
      const [, said = auth.value] = /^\S+[\t ]+(.+)$/.exec(auth.value) ?? [];
      return [said, ...said.split(/[\s,;]+/)].flatMap((part) => [part, ...quotedIn(part)]);
    }
    default:
      return auth satisfies never;
  }
}

/** `abc` of `key="abc"` and `key=abc`; nothing of what is padded like base64. */
function quotedIn(part: string): readonly string[] {
  const value = /^[A-Za-z][\w.-]*=(?!=*$)"?([^"]+)"?$/.exec(part)?.[1];
  return value === undefined ? [] : [value];
}

/** Everything of a target that its receiver may echo and that is never shown. */
function known({ auth, headers = {}, signing }: TargetSecrets): readonly string[] {
  const credentials = auth === undefined ? [] : credentialsOf(auth);
  const keys = signing.flatMap(({ secret }) => [secret, secret.replace(/^whsec_/, "")]);
  return [...credentials, ...Object.values(headers), ...keys];
}

interface LiveKey {
  readonly key: KeyObject;
  readonly untilMs: number;
}

class WebhookSender implements PreparedTarget {
  readonly #means: WebhookMeans;
  readonly #url: (view: () => EventView) => URL;
  readonly #subscription: WebhookSubscription;
  readonly #target: WebhookTarget;
  readonly #headers: readonly string[];
  readonly #keys: readonly LiveKey[];
  readonly #secrets: readonly string[];
  #redactor: Redactor | undefined;

  constructor(means: WebhookMeans, subscription: WebhookSubscription, userAgent: string) {
    const { target } = subscription;
    const secrets = means.open(target.sealed);
    this.#means = means;
    this.#url = addressed(means, target);
    this.#subscription = subscription;
    this.#target = target;
    this.#secrets = known(secrets);
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

  async attempt(delivery: Deliverable, signal?: AbortSignal): Promise<AttemptResult> {
    const { egress, clock } = this.#means;
    const { uuid, event } = delivery;
    const { timeoutMs } = this.#target;
    const startedMs = clock.now();
    const beganMs = clock.steady();
    const view = memoized(() => viewOf(event, this.#subscription, { publicUrl: this.#means.publicUrl() }));
    // Once into bytes: what is signed is what is sent.
    const body = Buffer.from(this.#payload(delivery, view));
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
      ...(this.#target.format === "resource" ? agaveHeaders(uuid, this.#subscription.uuid) : []),
    ];
    const answer = await egress.post({
      url: this.#url(view),
      headers,
      body,
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
    return this.#redacted(result(answer, this.#target, { startedMs, durationMs: clock.steady() - beganMs }));
  }

  /** Most receivers answer next to nothing: what is looked for is made ready for the first that says something. */
  #redacted(made: AttemptResult): AttemptResult {
    const { snippet, message } = made;
    if ((snippet ?? "") === "" && message === undefined) return made;
    const redactor = (this.#redactor ??= redactorOf(this.#secrets));
    const shown = snippet === undefined ? undefined : redactor.ofCut(snippet);
    const said = message === undefined ? undefined : redactor.of(message);
    if (shown === snippet && said === message) return made;
    return {
      ...made,
      ...(shown === undefined ? {} : { snippet: shown }),
      ...(said === undefined ? {} : { message: said }),
    };
  }

  #payload({ event, attempt, test = false }: Deliverable, view: () => EventView): string {
    const { eventSource, kinds } = this.#means;
    const { fields, timeoutMs, format } = this.#target;
    switch (format) {
      case "object":
        return formatObjectEvent(event, { eventSource, fields, test });
      case "lifecycle": {
        const name = nameForSubscription(event, this.#subscription);
        return formatLifecycleEvent(event, { attempt, name, deadlineMs: timeoutMs, test });
      }
      case "resource": {
        const kind = kinds.byName(view().kind);
        const key = kind?.flat === true ? undefined : (kind?.payloadKey ?? "resource");
        return formatResourceEvent(event, { view: view(), subscription: this.#subscription, key, test });
      }
      default:
        return format satisfies never;
    }
  }
}

/** Where to: the same for all, unless the URL holds macros. */
function addressed({ kinds }: Pick<SendingMeans, "kinds">, { url }: WebhookTarget): (view: () => EventView) => URL {
  if (!url.includes("${")) {
    const fixed = new URL(url);
    return () => fixed;
  }
  const template = templateOf(url);
  if (template === undefined) {
    const literal = new URL(url);
    return () => literal;
  }
  return (view) => new URL(expandUrl(template, view(), kinds));
}

/** `undefined`: an older version took it as it is, so that is what it means. */
function templateOf(url: string): Template | undefined {
  try {
    return parseTemplate(url);
  } catch {
    return undefined;
  }
}

/** By which receivers of the face that this one follows know what came. */
function agaveHeaders(delivery: string, subscription: string): string[] {
  return ["x-agave-delivery", delivery, "x-agave-notification", subscription];
}

function memoized<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
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
