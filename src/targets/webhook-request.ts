/** The request of a webhook, as it is sent and as it is shown: made of event and subscription, without a clock or a network. */

import type { KeyObject } from "node:crypto";
import { sequenceText } from "../domain/ids.ts";
import { expandUrl } from "../domain/notifications/expand.ts";
import { nameForSubscription } from "../domain/notifications/names.ts";
import type { EventView } from "../domain/notifications/view.ts";
import { viewOf } from "../domain/notifications/view.ts";
import { sign, signingKey } from "../domain/signature.ts";
import type {
  SigningSecret,
  TargetSecrets,
  WebhookAuth,
  WebhookSubscription,
  WebhookTarget,
} from "../domain/subscription.ts";
import { parseTemplate, type Template } from "../domain/template.ts";
import { basicCredentials, redacted } from "../secrets/redact.ts";
import { packageVersion } from "../version.ts";
import type { EgressRequest } from "./exchange.ts";
import { formatLifecycleEvent } from "./formats/lifecycle.ts";
import { formatObjectEvent } from "./formats/object.ts";
import { formatResourceEvent } from "./formats/resource.ts";
import { forbiddenHeader } from "./headers.ts";
import { addedHeaders } from "./request-head.ts";
import type { SendingMeans } from "./sending-means.ts";
import type { Deliverable, PastAttempt, SentRequest } from "./target.ts";

type RequestMeans = Pick<SendingMeans, "eventSource" | "kinds" | "publicUrl">;

/** A request that is ready to be sent, with names and values of its headers in turn. */
interface WebhookRequest extends Pick<EgressRequest, "url"> {
  readonly headers: readonly string[];
  readonly body: Buffer;
}

interface LiveKey extends Omit<SigningSecret, "secret"> {
  readonly key: KeyObject;
}

const signature = "webhook-signature";
const userAgent = `Signalbox/${packageVersion}`;

/** The requests of one subscription: what is the same in all of them is made once. */
export class WebhookRequests {
  readonly #means: RequestMeans;
  readonly #url: (view: () => EventView) => URL;
  readonly #subscription: WebhookSubscription;
  readonly #headers: readonly string[];
  /** Of {@link #headers}, how many belong to the owner: their values are secret. */
  readonly #own: number;
  readonly #keys: readonly LiveKey[];

  /** @throws for secrets that are none. */
  constructor(means: RequestMeans, subscription: WebhookSubscription, { auth, headers, signing }: TargetSecrets) {
    const { target } = subscription;
    this.#means = means;
    this.#url = addressed(means, target);
    this.#subscription = subscription;
    this.#keys = signing.map(({ secret, ...rest }) => ({ ...rest, key: signingKey(secret) }));
    const custom = Object.entries(headers ?? {}).filter(([name]) => !forbiddenHeader(name));
    const ownAgent = custom.some(([name]) => name.toLowerCase() === "user-agent");
    const secret = [...(auth === undefined ? [] : ["authorization", authorization(auth)]), ...custom.flat()];
    this.#headers = ["content-type", "application/json", ...(ownAgent ? [] : ["user-agent", userAgent]), ...secret];
    this.#own = secret.length;
  }

  /** Of an attempt that begins at that time. */
  keysAt(startedMs: number): readonly LiveKey[] {
    return this.#keys.filter(({ untilMs }) => untilMs === undefined || startedMs < untilMs);
  }

  /** The request of an attempt that was begun then; the same for the same. May throw. */
  of(delivery: Deliverable, startedMs: number, keys: readonly LiveKey[]): WebhookRequest {
    const { uuid, event } = delivery;
    const view = memoized(() => viewOf(event, this.#subscription, { publicUrl: this.#means.publicUrl() }));
    // Once into bytes: what is signed is what is sent.
    const body = Buffer.from(this.#payload(delivery, view));
    const timestampS = Math.floor(startedMs / 1000);
    const signed = sign(
      keys.map(({ key }) => key),
      { id: uuid, timestampS, body },
    );
    const headers = [
      ...this.#headers,
      "webhook-id",
      uuid,
      "webhook-timestamp",
      String(timestampS),
      signature,
      signed,
      "x-signalbox-sequence",
      sequenceText(event.sequence),
      ...(this.#subscription.target.format === "resource" ? agaveHeaders(uuid, this.#subscription.uuid) : []),
    ];
    return { url: this.#url(view), headers, body };
  }

  /**
   * The request of a past attempt, without what is secret, and with all that stood on the wire. A signature is shown as long as every key
   * that made it is still used, and only where the body is the one that was signed. May throw.
   */
  shown(delivery: Deliverable, past: PastAttempt, nowMs: number): SentRequest {
    const keys = past.unchanged ? this.#keysOf(past, nowMs) : [];
    const request = this.of(delivery, past.startedMs, keys);
    const secretFrom = this.#headers.length - this.#own;
    const own = request.headers.flatMap((name, at): [string, string | null][] => {
      if (at % 2 === 1) return [];
      const value = request.headers[at + 1] ?? "";
      if (at >= secretFrom && at < this.#headers.length) return [[name, masked(name, value)]];
      return [[name, name === signature && keys.length === 0 ? null : value]];
    });
    const added = addedHeaders(request).flatMap((name, at, all): [string, string][] =>
      at % 2 === 1 ? [] : [[name, all[at + 1] ?? ""]],
    );
    return { method: "POST", url: request.url.href, headers: [...added, ...own], body: request.body.toString("utf8") };
  }

  /** With which an attempt was signed; none when one of them is not used any more, or that is not known. */
  #keysOf({ startedMs, revision }: PastAttempt, nowMs: number): readonly LiveKey[] {
    const oldest = this.#keys.at(-1);
    // Those before the oldest that is kept signed too.
    if (revision === undefined || startedMs < (oldest?.aloneFromMs ?? 0)) return [];
    const keys = this.keysAt(startedMs).filter(({ after = -1 }) => after < revision);
    return keys.every(({ untilMs }) => untilMs === undefined || nowMs < untilMs) ? keys : [];
  }

  #payload({ event, attempt, test = false }: Deliverable, view: () => EventView): string {
    const { eventSource, kinds } = this.#means;
    const { fields, timeoutMs, format } = this.#subscription.target;
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

/** What the documented schemes are called is no secret. */
function masked(name: string, value: string): string {
  const [scheme = ""] = name === "authorization" ? (/^(?:Basic|Bearer) /.exec(value) ?? []) : [];
  return scheme + redacted;
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
export function neverShown({ auth, headers = {}, signing }: TargetSecrets): readonly string[] {
  const credentials = auth === undefined ? [] : credentialsOf(auth);
  const keys = signing.flatMap(({ secret }) => [secret, secret.replace(/^whsec_/, "")]);
  return [...credentials, ...Object.values(headers), ...keys];
}

/** Where to: the same for all, unless the URL holds macros. */
function addressed({ kinds }: RequestMeans, { url }: WebhookTarget): (view: () => EventView) => URL {
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
