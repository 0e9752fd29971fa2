/**
 * What a request says of its signatures by Standard Webhooks 1.0.0, before any of them is computed. Shared by what runs in Node and what runs
 * anywhere: it needs nothing of either.
 */

export const secretPrefix = "whsec_";
/** What the specification allows for a key, in bytes. Ours have 32. */
export const keyBytes = { min: 24, max: 64 };

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

/** What is to be verified. */
interface Claim {
  readonly kind: "claim";
  readonly id: string;
  readonly timestampS: number;
  /** In base64, of the version that is spoken here. */
  readonly signatures: readonly string[];
}

const refused = (why: string): Verification & { readonly kind: "refused" } => ({ kind: "refused", why });

export const noSignatureMatches = refused("no signature matches");

export function claimOf(
  headers: SignedHeaders,
  { nowMs, toleranceMs = 300_000 }: VerifyOptions,
): Claim | (Verification & { readonly kind: "refused" }) {
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
  const version = "v1,";
  const given = signatures.split(" ").filter((signature) => signature.startsWith(version));
  return { kind: "claim", id, timestampS, signatures: given.map((signature) => signature.slice(version.length)) };
}
