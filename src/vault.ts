import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** Encrypts what must be kept but never shown: S3 secrets, webhook credentials, signing secrets. Gives keys for what must be signed. */
export interface Vault {
  seal(plain: string): string;
  /** Throws when `sealed` was not sealed with this key, or was tampered with. */
  open(sealed: string): string;
  /** A key of 32 bytes for something else than sealing, the same for the same purpose. */
  derive(purpose: string): Uint8Array;
}

/** AES-256-GCM with a fresh 96-bit nonce for each seal. `key` is 32 bytes. The text is `v1.` + base64 of nonce, tag, cipher. */
export function aesVault(key: Uint8Array): Vault {
  return {
    seal: (plain) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64")}`;
    },
    open: (sealed) => {
      if (!sealed.startsWith("v1.")) throw new Error("sealed value has an unknown version");
      const bytes = Buffer.from(sealed.slice(3), "base64");
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
    },
    derive: (purpose) => Buffer.from(hkdfSync("sha256", key, "", `signalbox ${purpose}`, 32)),
  };
}
