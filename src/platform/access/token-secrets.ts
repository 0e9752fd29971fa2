import { createHash } from "node:crypto";
import type { Clock } from "../../clock.ts";

/** What callers prove themselves by: long random texts, of which only hashes are kept. */

/** A token's hash, as it is kept. Tokens are long random strings, so a fast hash is right. */
export function tokenHash(token: string | Uint8Array): string {
  return createHash("sha256").update(token).digest("hex");
}

/** A fresh bearer token of 32 unpredictable bytes. */
export function newToken(clock: Clock): string {
  return `sbx_${Buffer.from(clock.bytes(32)).toString("base64url")}`;
}
