/**
 * Standard Webhooks 1.0.0, symmetric (`v1`): HMAC-SHA256 over `id.timestamp.body`. Several signatures stand side by side
 * while a secret is being replaced. Pure: time is handed in.
 */
import { timingSafeEqual } from "node:crypto";
import { invalidField } from "../errors.ts";
import { HmacKey, padBytes, workFor } from "./hmac.ts";
import {
  claimOf,
  keyBytes,
  noSignatureMatches,
  secretPrefix as prefix,
  type SignedHeaders,
  type Verification,
  type VerifyOptions,
} from "./signed-headers.ts";

export type { SignedHeaders, Verification, VerifyOptions } from "./signed-headers.ts";

/** `whsec_` and the base64 of 32 unpredictable bytes. Throws when there are fewer or more. */
export function newSigningSecret(bytes: Uint8Array): string {
  if (bytes.length !== 32) throw new RangeError(`a signing secret is made of 32 bytes, not ${bytes.length}`);
  return prefix + Buffer.from(bytes).toString("base64");
}

/** The key inside a `whsec_…` secret. Throws `invalid_request` on anything else; the message never holds the secret. */
export function signingKey(secret: string): HmacKey {
  const text = secret.startsWith(prefix) ? secret.slice(prefix.length) : undefined;
  if (text === undefined) throw invalidField("signing_secret", `must begin with ${prefix}`);
  const key = Buffer.from(text, "base64");
  // Node skips what is no base64: only a text that comes back the same was one.
  if (key.toString("base64").replace(/=+$/, "") !== text.replace(/=+$/, "")) {
    throw invalidField("signing_secret", `must be base64 after ${prefix}`);
  }
  if (key.length < keyBytes.min || key.length > keyBytes.max) {
    throw invalidField("signing_secret", `must hold ${keyBytes.min} to ${keyBytes.max} bytes, not ${key.length}`);
  }
  return new HmacKey(key);
}

/** What is signed: the exact bytes on the wire. */
interface Signed {
  /** `webhook-id`. */
  readonly id: string;
  /** `webhook-timestamp`: seconds since 1970. */
  readonly timestampS: number;
  readonly body: Uint8Array | string;
}

/** The `webhook-signature` header: one `v1,…` per key, in the keys' order, separated by a space. */
export function sign(keys: readonly HmacKey[], { id, timestampS, body }: Signed): string {
  if (keys.length === 0) return "";
  const head = `${id}.${timestampS}.`;
  // As many bytes as characters can take at most.
  const bytes = workFor(3 * head.length + (typeof body === "string" ? 3 * body.length : body.length));
  const from = padBytes + bytes.write(head, padBytes);
  let to = from;
  if (typeof body === "string") to += bytes.write(body, from);
  else {
    bytes.set(body, from);
    to += body.length;
  }
  const signed = bytes.subarray(0, to);
  let header = "";
  for (const key of keys)
    header += header === "" ? `v1,${key.mac(signed, "base64")}` : ` v1,${key.mac(signed, "base64")}`;
  return header;
}

/**
 * Whether a request was signed with one of `secrets`, lately. `body` is what was received, before any parsing. Every secret
 * is compared with every signature in constant time. Throws only on a secret that is none.
 */
export function verify(
  secrets: readonly string[],
  headers: SignedHeaders,
  body: Uint8Array | string,
  options: VerifyOptions,
): Verification {
  const claim = claimOf(headers, options);
  if (claim.kind === "refused") return claim;
  const given = claim.signatures.map((signature) => Buffer.from(`v1,${signature}`));
  let found = false;
  for (const secret of secrets) {
    const wanted = Buffer.from(sign([signingKey(secret)], { ...claim, body }));
    for (const signature of given) {
      if (signature.length === wanted.length && timingSafeEqual(signature, wanted)) found = true;
    }
  }
  return found ? { kind: "ok" } : noSignatureMatches;
}
