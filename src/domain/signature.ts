/**
 * Standard Webhooks 1.0.0, symmetric (`v1`): HMAC-SHA256 over `id.timestamp.body`. Several signatures stand side by side
 * while a secret is being replaced. Pure: time is handed in.
 */
import { timingSafeEqual } from "node:crypto";
import { invalidField } from "../errors.ts";
import { HmacKey, padBytes, workFor } from "./hmac.ts";

const prefix = "whsec_";
/** What the specification allows for a key, in bytes. Ours have 32. */
const keyBytes = { min: 24, max: 64 };
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

/** The three headers, as received; a repeated header counts as missing. */
export type SignedHeaders = Readonly<
  Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string | readonly string[] | undefined>
>;

export type Verification = { readonly kind: "ok" } | { readonly kind: "refused"; readonly why: string };

export interface VerifyOptions {
  readonly nowMs: number;
  /** How far the timestamp may lie from `nowMs`, either way. Default 300,000 (five minutes). */
  readonly toleranceMs?: number;
}

const refused = (why: string): Verification => ({ kind: "refused", why });

/**
 * Whether a request was signed with one of `secrets`, lately. `body` is what was received, before any parsing. Every secret
 * is compared with every signature in constant time. Throws only on a secret that is none.
 */
export function verify(
  secrets: readonly string[],
  headers: SignedHeaders,
  body: Uint8Array | string,
  { nowMs, toleranceMs = 300_000 }: VerifyOptions,
): Verification {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  const signatures = headers["webhook-signature"];
  if (typeof id !== "string" || id === "") return refused("no webhook-id");
  if (typeof timestamp !== "string" || !/^[0-9]{1,12}$/.test(timestamp)) {
    return refused("webhook-timestamp is not a number of seconds");
  }
  if (typeof signatures !== "string") return refused("no webhook-signature");
  const timestampS = Number(timestamp);
  if (String(timestampS) !== timestamp) return refused("webhook-timestamp is not a number of seconds");
  if (Math.abs(nowMs - timestampS * 1000) > toleranceMs) return refused("webhook-timestamp is too old or too new");

  const given = signatures
    .split(" ")
    .filter((signature) => signature.startsWith("v1,"))
    .map((signature) => Buffer.from(signature));
  let found = false;
  for (const secret of secrets) {
    const wanted = Buffer.from(sign([signingKey(secret)], { id, timestampS, body }));
    for (const signature of given) {
      if (signature.length === wanted.length && timingSafeEqual(signature, wanted)) found = true;
    }
  }
  return found ? { kind: "ok" } : refused("no signature matches");
}
