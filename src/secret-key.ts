import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { SignalboxError } from "./errors.ts";
import { textOf, writeDurably } from "./folder/durable-file.ts";
import { aesVault, type Vault } from "./vault.ts";

/** The key made at the first start, when none is configured. It protects nothing once the folder is copied with it. */
const keyFile = "secret.key";
/** Something sealed with the key in use: a wrong key cannot open it. */
const checkFile = "secret.check";
const checkText = "signalbox";
/** What the vault makes of it: base64 of a nonce, a tag, and as many bytes as the text has. */
const checkForm = /^v1\.[A-Za-z0-9+/]{50}==$/;

/**
 * The vault of a data folder, whose lock the caller holds: with the configured key (32 bytes in base64), or else with the one
 * in the folder. At the first start the key and the check are made with mode 0600; where `holdsSealed` says that the database has secrets
 * that were sealed already, nothing is made anew. Throws `conflict`, naming the file and the remedy, when the key is missing, damaged, or
 * not the one that the folder's secrets were sealed with, or when that cannot be told.
 */
export async function openVault(folder: string, configured: string | undefined, holdsSealed = false): Promise<Vault> {
  const check = textOf(join(folder, checkFile))?.trim();
  const vault = aesVault(keyOf(folder, configured, check !== undefined || holdsSealed));
  if (check === undefined) {
    if (holdsSealed) throw checkGone(folder, "is missing");
    writeCheck(folder, vault);
    return vault;
  }
  if (opens(vault, check)) return vault;
  throw checkForm.test(check) ? wrongKey(folder) : checkGone(folder, "is damaged");
}

/** Says that the key in use is the right one. */
export function writeCheck(folder: string, vault: Vault): void {
  writeDurably(join(folder, checkFile), `${vault.seal(checkText)}\n`);
}

/** The vault as {@link openVault} would open it, without its check; `undefined` when there is no key. Makes nothing. */
export function vaultOf(folder: string, configured: string | undefined): Vault | undefined {
  if (configured === undefined && textOf(join(folder, keyFile)) === undefined) return undefined;
  return aesVault(keyOf(folder, configured, true));
}

function opens(vault: Vault, check: string): boolean {
  try {
    return vault.open(check) === checkText;
  } catch {
    return false;
  }
}

/** @param used the folder's secrets were sealed with a key already */
function keyOf(folder: string, configured: string | undefined, used: boolean): Uint8Array {
  if (configured !== undefined) return Buffer.from(configured, "base64");
  const path = join(folder, keyFile);
  const text = textOf(path);
  if (text !== undefined) {
    const key = Buffer.from(text, "base64");
    if (key.length === 32 && key.toString("base64") === text.trim()) return key;
    throw new SignalboxError(
      "conflict",
      `the key ${path} is damaged, it is not 32 bytes in base64: put back the one that was there, or set SIGNALBOX_SECRET_KEY to it.`,
    );
  }
  if (used) {
    throw new SignalboxError(
      "conflict",
      `the key ${path} is missing, although secrets in this folder were sealed with it: put it back, or set SIGNALBOX_SECRET_KEY to the key that was used before.`,
    );
  }
  const key = randomBytes(32);
  writeDurably(path, `${key.toString("base64")}\n`);
  return key;
}

function checkGone(folder: string, how: "is missing" | "is damaged"): SignalboxError {
  return new SignalboxError(
    "conflict",
    `${join(folder, checkFile)} ${how}, so that nothing tells whether the key (SIGNALBOX_SECRET_KEY, or else secret.key) is the one that the secrets in this folder were sealed with: put the file back, ` +
      `or let signalbox adopt ${folder} find out and make it anew.`,
  );
}

function wrongKey(folder: string): SignalboxError {
  return new SignalboxError(
    "conflict",
    `the secrets in ${folder} were sealed with another key: set SIGNALBOX_SECRET_KEY to the one that was used before, or put back the files secret.key and secret.check that belong together`,
  );
}
