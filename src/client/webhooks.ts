import {
  claimOf,
  keyBytes,
  noSignatureMatches,
  type SignedHeaders,
  secretPrefix,
  type Verification,
} from "../domain/signed-headers.ts";

/** Webhooks that Signalbox signed, verified by what every run time has (`crypto.subtle`). */

export type { SignedHeaders, Verification } from "../domain/signed-headers.ts";

/** Headers as servers have them: those of fetch, or an object with names in lower case. */
export type ReceivedHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Secrets of subscriptions, which begin with `whsec_`: several while one is being replaced. */
export type Secrets = string | readonly string[];

interface VerifyWebhookOptions {
  /** Default: now. */
  readonly nowMs?: number;
  /** How far the timestamp may lie from `nowMs`, either way. Default 300,000 (five minutes). */
  readonly toleranceMs?: number;
}

/**
 * Whether a request was signed with one of the secrets, lately.
 *
 * @param body as it was received, before any parsing.
 * @throws TypeError for a secret that is none.
 */
export async function verifyWebhook(
  secrets: Secrets,
  headers: ReceivedHeaders,
  body: Uint8Array | string,
  { nowMs = Date.now(), toleranceMs }: VerifyWebhookOptions = {},
): Promise<Verification> {
  const keys = await Promise.all([secrets].flat().map(keyOf));
  const claim = claimOf(signedHeaders(headers), toleranceMs === undefined ? { nowMs } : { nowMs, toleranceMs });
  if (claim.kind === "refused") return claim;
  const signed = bytesOf(`${claim.id}.${claim.timestampS}.`, body);
  let found = false;
  for (const key of keys) {
    for (const text of claim.signatures) {
      const signature = fromBase64(text);
      // In constant time, as the run time does it.
      if (signature !== undefined && (await crypto.subtle.verify("HMAC", key, signature, signed))) found = true;
    }
  }
  return found ? { kind: "ok" } : noSignatureMatches;
}

function keyOf(secret: unknown) {
  const text = typeof secret === "string" && secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : "";
  const bytes = fromBase64(text);
  if (bytes === undefined || bytes.length < keyBytes.min || bytes.length > keyBytes.max) {
    const form = `${secretPrefix} and ${keyBytes.min} to ${keyBytes.max} bytes in base64`;
    throw new TypeError(`a secret of a webhook is ${form}: as Signalbox showed it when the subscription was made`);
  }
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function bytesOf(head: string, body: Uint8Array | string): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const parts = [encoder.encode(head), typeof body === "string" ? encoder.encode(body) : body] as const;
  const all = new Uint8Array(parts[0].length + parts[1].length);
  all.set(parts[0]);
  all.set(parts[1], parts[0].length);
  return all;
}

function signedHeaders(headers: ReceivedHeaders): SignedHeaders {
  const get = (name: string): string | readonly string[] | undefined =>
    headers instanceof Headers ? (headers.get(name) ?? undefined) : headers[name];
  return {
    "webhook-id": get("webhook-id"),
    "webhook-timestamp": get("webhook-timestamp"),
    "webhook-signature": get("webhook-signature"),
  };
}
