import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** Encrypts what must be kept but never shown: S3 secrets, webhook credentials, signing secrets. Gives keys for what must be signed. */
export interface Vault {
  seal(plain: string): string;
  /** Throws when `sealed` was sealed with none of its keys, or was tampered with. */
  open(sealed: string): string;
  /** Whether that was sealed with the key that it seals with now, and not with one that is on its way out. */
  isCurrent(sealed: string): boolean;
  /** Keys of 32 bytes for something else than sealing, the same for the same purpose: the first to sign with, each to verify with. */
  derive(purpose: string): readonly [Uint8Array, ...Uint8Array[]];
}

/**
 * AES-256-GCM with a fresh 96-bit nonce for each seal. Keys are 32 bytes. The text is `v1.` + base64 of nonce, tag, cipher.
 *
 * @param previous keys that it opens with too
 */
export function aesVault(key: Uint8Array, previous: readonly Uint8Array[] = []): Vault {
  const derived = (from: Uint8Array, purpose: string): Uint8Array =>
    Buffer.from(hkdfSync("sha256", from, "", `signalbox ${purpose}`, 32));
  return {
    seal: (plain) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64")}`;
    },
    open: (sealed) => {
      for (const older of previous) {
        const plain = opened(sealed, older);
        if (plain !== undefined) return plain;
      }
      return openedOrThrow(sealed, key);
    },
    isCurrent: (sealed) => opened(sealed, key) !== undefined,
    derive: (purpose) => [derived(key, purpose), ...previous.map((older) => derived(older, purpose))],
  };
}

function opened(sealed: string, key: Uint8Array): string | undefined {
  try {
    return openedOrThrow(sealed, key);
  } catch {
    return undefined;
  }
}

function openedOrThrow(sealed: string, key: Uint8Array): string {
  if (!sealed.startsWith("v1.")) throw new Error("sealed value has an unknown version");
  const bytes = Buffer.from(sealed.slice(3), "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
}
