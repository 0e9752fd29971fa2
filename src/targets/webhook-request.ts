/** The request of a webhook, as it is sent and as it is shown: made of event and subscription, without a clock or a network. */

import type { HmacKey } from "../domain/hmac.ts";
import { sequenceText } from "../domain/ids.ts";
import { expandUrl } from "../domain/notifications/expand.ts";
import { signingKey } from "../domain/signature.ts";
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
import { compressed } from "./compression.ts";
import { forbiddenHeader } from "./headers.ts";
import { Payloads } from "./payloads.ts";
import { addedHeaders, type Letter, linesOf, pairsOf, RequestHead, signedHeaders } from "./request-head.ts";
import type { SendingMeans } from "./sending-means.ts";
import { ShownEvent } from "./shown-event.ts";
import type { Deliverable, PastAttempt, SentRequest } from "./target.ts";

type RequestMeans = Pick<SendingMeans, "eventSource" | "kinds" | "publicUrl">;

/** A letter whose body is still a text. */
type UnpackedLetter = Letter & { readonly body: string };

interface LiveKey extends Omit<SigningSecret, "secret"> {
  readonly key: HmacKey;
}

const signature = "webhook-signature";
const sequenceHeader = "x-signalbox-sequence";
/** Of a batch, what stands around its events takes no more. */
const mostAround = 16;
export const userAgent = `Signalbox/${packageVersion}`;

/** The requests of one subscription: what is the same in all of them is made once. */
export class WebhookRequests {
  readonly #means: RequestMeans;
  readonly #url: (shown: ShownEvent) => URL;
  readonly #subscription: WebhookSubscription;
  readonly #payloads: Payloads;
  readonly #headers: readonly string[];
  /** Of {@link #headers}, how many belong to the owner: their values are secret. */
  readonly #own: number;
  readonly #keys: readonly LiveKey[];
  /** Those of them that are used as long as the subscription stays as it is, when that is all of them. */
  readonly #lasting: readonly HmacKey[] | undefined;
  /** Of the last request: it is the next one's too, unless that goes to another address. */
  #head: RequestHead | undefined;

  /** @throws for secrets that are none. */
  constructor(means: RequestMeans, subscription: WebhookSubscription, { auth, headers, signing }: TargetSecrets) {
    const { target } = subscription;
    this.#means = means;
    this.#url = addressed(means, target);
    this.#subscription = subscription;
    this.#keys = signing.map(({ secret, ...rest }) => ({ ...rest, key: signingKey(secret) }));
    const lasts = this.#keys.every(({ untilMs }) => untilMs === undefined);
    this.#lasting = lasts ? this.#keys.map(({ key }) => key) : undefined;
    const custom = Object.entries(headers ?? {}).filter(([name]) => !forbiddenHeader(name));
    const ownAgent = custom.some(([name]) => name.toLowerCase() === "user-agent");
    const secret = [...(auth === undefined ? [] : ["authorization", authorization(auth)]), ...custom.flat()];
    this.#payloads = new Payloads(means, subscription);
    const encoding = target.compression === undefined ? [] : ["content-encoding", target.compression];
    const agent = ownAgent ? [] : ["user-agent", userAgent];
    this.#headers = ["content-type", this.#payloads.type, ...encoding, ...agent, ...secret];
    this.#own = secret.length;
  }

  /**
   * As many of these as fit in one body: at least the first, and none of the others that cannot be written, so that it
   * fails by itself.
   */
  together(deliveries: readonly Deliverable[]): { readonly size: number; readonly body: string } {
    const { maxEvents = 1, maxBytes = 0 } = this.#subscription.target.batch ?? {};
    const records: string[] = [];
    let left = maxBytes - mostAround;
    for (const delivery of deliveries.slice(0, maxEvents)) {
      const record = this.#record(delivery);
      if (record === undefined) break;
      left -= Buffer.byteLength(record) + 1;
      if (left < 0 && records.length > 0) break;
      records.push(record);
    }
    return { size: Math.max(1, records.length), body: this.#payloads.together(records) };
  }

  #record(delivery: Deliverable): string | undefined {
    try {
      return this.#payloads.record(delivery, new ShownEvent(this.#means, this.#subscription, delivery));
    } catch {
      return undefined;
    }
  }

  /**
   * The request of an attempt that begins now, its body not yet compressed. May throw.
   *
   * @param together the body of a batch, of which `delivery` has the id, and the last event.
   */
  letter(delivery: Deliverable, startedMs: number, together?: string): UnpackedLetter {
    const shown = new ShownEvent(this.#means, this.#subscription, delivery);
    const { body, headers } =
      together === undefined ? this.#payloads.of(delivery, shown) : { body: together, headers: [] };
    const head = this.#headFor(this.#url(shown), this.#lasting ?? this.#keysAt(startedMs).map(({ key }) => key));
    return {
      head,
      signed: signedAs(delivery, startedMs),
      lines: linesOf([...this.#changing(delivery), ...headers]),
      body,
    };
  }

  /** Of the keys some may not be used any more, and none comes back: so many of them are the same ones. */
  #headFor(url: URL, keys: readonly HmacKey[]): RequestHead {
    const last = this.#head;
    if (last?.url === url && last.keys.length === keys.length) return last;
    return (this.#head = RequestHead.of(url, this.#headers, keys));
  }

  #keysAt(startedMs: number): readonly LiveKey[] {
    return this.#keys.filter(({ untilMs }) => untilMs === undefined || startedMs < untilMs);
  }

  /** Names and values in turn of the headers that are not the same in all requests, beside those of the signature. */
  #changing({ uuid, event }: Deliverable): readonly string[] {
    const headers = [sequenceHeader, sequenceText(event.sequence)];
    if (this.#subscription.target.format === "resource") headers.push(...agaveHeaders(uuid, this.#subscription.uuid));
    return headers;
  }

  /**
   * The request of a past attempt, without what is secret, and with all that stood on the wire, the body before it was compressed. A signature is shown as long as every key
   * that made it is still used, and only where the body is the one that was signed. Of a batch it is what this event had in it: what came of all events
   * together is not told. May throw.
   */
  async shown(delivery: Deliverable, past: PastAttempt, nowMs: number): Promise<SentRequest> {
    const isPart = past.batch !== undefined;
    const keys = past.unchanged && !isPart ? this.#keysOf(past, nowMs) : [];
    const shown = new ShownEvent(this.#means, this.#subscription, delivery);
    const url = this.#url(shown);
    const payload = this.#payloads.of(delivery, shown);
    const { compression } = this.#subscription.target;
    const body = compression === undefined ? Buffer.from(payload.body) : await compressed(payload.body);
    const sent = { ...delivery, uuid: past.batch?.id ?? delivery.uuid };
    const signing = signedHeaders(
      keys.map(({ key }) => key),
      signedAs(sent, past.startedMs),
      body,
    );
    const headers = [...this.#headers, ...signing, ...this.#changing(sent), ...payload.headers];
    const secretFrom = this.#headers.length - this.#own;
    const own = pairsOf(headers).map(([name, value], nth): [string, string | null] => {
      if (2 * nth >= secretFrom && 2 * nth < this.#headers.length) return [name, masked(name, value)];
      const isUntold = name === signature ? keys.length === 0 : isPart && name === sequenceHeader;
      return [name, isUntold ? null : value];
    });
    const added = pairsOf(addedHeaders({ url, body })).map(([name, value]): [string, string | null] => [
      name,
      isPart && name === "content-length" ? null : value,
    ]);
    return { method: "POST", url: url.href, headers: [...added, ...own], body: payload.body.toWellFormed() };
  }

  /** With which an attempt was signed; none when one of them is not used any more, or that is not known. */
  #keysOf({ startedMs, revision }: PastAttempt, nowMs: number): readonly LiveKey[] {
    const oldest = this.#keys.at(-1);
    // Those before the oldest that is kept signed too.
    if (revision === undefined || startedMs < (oldest?.aloneFromMs ?? 0)) return [];
    const keys = this.#keysAt(startedMs).filter(({ after = -1 }) => after < revision);
    return keys.every(({ untilMs }) => untilMs === undefined || nowMs < untilMs) ? keys : [];
  }
}

/** What was begun at the same time is signed as the same. */
function signedAs({ uuid }: Deliverable, startedMs: number): { readonly id: string; readonly timestampS: number } {
  return { id: uuid, timestampS: Math.floor(startedMs / 1000) };
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
function addressed({ kinds }: RequestMeans, { url }: WebhookTarget): (shown: ShownEvent) => URL {
  if (!url.includes("${")) {
    const fixed = new URL(url);
    return () => fixed;
  }
  const template = templateOf(url);
  if (template === undefined) {
    const literal = new URL(url);
    return () => literal;
  }
  return (shown) => new URL(expandUrl(template, shown.view, kinds));
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
