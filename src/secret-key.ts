import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { SignalboxError } from "./errors.ts";
import { aesVault, type Vault } from "./vault.ts";

/** The key made at the first start, when none is configured. It protects nothing once the folder is copied with it. */
const keyFile = "secret.key";
/** Something sealed with the key in use: a wrong key cannot open it. */
const checkFile = "secret.check";
const checkText = "signalbox";

/**
 * The vault of a data folder, whose lock the caller holds: with the configured key (32 bytes in base64), or else with the one
 * in the folder, made at the first start with mode 0600. Throws `conflict` when the key is not the one that the folder's
 * secrets were sealed with.
 */
export async function openVault(folder: string, configured: string | undefined): Promise<Vault> {
  const check = join(folder, checkFile);
  const known = existsSync(check);
  const key = configured === undefined ? await keyOf(folder, known) : Buffer.from(configured, "base64");
  const vault = aesVault(key);
  if (!known) {
    await writeDurably(check, vault.seal(checkText));
    return vault;
  }
  try {
    if (vault.open(readFileSync(check, "utf8").trim()) === checkText) return vault;
  } catch {
    // Told below: what cannot be opened was sealed with another key.
  }
  throw wrongKey(folder);
}

async function keyOf(folder: string, known: boolean): Promise<Uint8Array> {
  const path = join(folder, keyFile);
  if (existsSync(path)) return Buffer.from(await readFile(path, "utf8"), "base64");
  if (known) throw wrongKey(folder);
  const key = randomBytes(32);
  await writeDurably(path, key.toString("base64"));
  return key;
}

/**
 * With mode 0600, flushed together with the folder's entry: what is sealed with a lost key is lost too. Under its own name only
 * once it is whole, so that a crash leaves no half of a key behind, which no later start could open anything with.
 */
async function writeDurably(path: string, text: string): Promise<void> {
  const unfinished = `${path}.new`;
  await rm(unfinished, { force: true });
  const file = await open(unfinished, "wx", 0o600);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  const folder = await open(join(path, ".."), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function wrongKey(folder: string): SignalboxError {
  return new SignalboxError(
    "conflict",
    `the secrets in ${folder} were sealed with another key: set SIGNALBOX_SECRET_KEY to the one that was used before`,
  );
}
