import { randomBytes } from "node:crypto";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { SignalboxError } from "../errors.ts";
import { fileText, syncFolderOf, writeDurably } from "../folder/durable-file.ts";
import { aesVault, type Vault } from "../secrets/vault.ts";
import { judgeKeys, newCheck } from "./key-check.ts";

/** The key made at the first start, when none is configured. It protects nothing once the folder is copied with it. */
const keyFile = "secret.key";
/** Its successor, until everything is sealed with that. */
const nextFile = "secret.key.next";
/** Its predecessor, which backups may be sealed with. */
const retiredFile = "secret.key.retired";
/** A check for each key in use, a line each. */
export const checkFile = "secret.check";

/** `SIGNALBOX_SECRET_KEY` and `SIGNALBOX_SECRET_KEY_PREVIOUS`, as far as they are set: 32 bytes in base64. */
export interface Keys {
  readonly current?: string | undefined;
  readonly previous?: string | undefined;
}

/**
 * The vault of a data folder, whose lock the caller holds: with the configured key (32 bytes in base64), or else with the one
 * in the folder. At the first start the key and the check are made with mode 0600; where `holdsSealed` says that the database has secrets
 * that were sealed already, nothing is made anew. Throws `conflict`, naming the file and the remedy, when the key is missing, damaged, or
 * not the one that the folder's secrets were sealed with, or when that cannot be found out.
 *
 * With a key that is on its way out it opens too what was sealed with that; see {@link isRotating}.
 */
export function openVault(folder: string, configured: Keys | string | undefined, holdsSealed = false): Vault {
  const keys = typeof configured === "object" ? configured : { current: configured };
  const checks = checksIn(folder);
  const ring = ringOf(folder, keys, checks !== undefined || holdsSealed);
  const vault = aesVault(...ring);
  if (checks === undefined) {
    if (holdsSealed) throw checkGone(folder, "is missing");
    writeCheck(folder, vault);
    return vault;
  }
  const judged = judgeKeys(vault, checks);
  switch (judged) {
    case "damaged":
      throw checkGone(folder, "is damaged");
    case "half":
      throw halfRotated(folder);
    case "wrong":
      throw wrongKey(folder);
    case "new":
      // Said before anything is sealed with it: from then on neither key is enough alone.
      writeCheck(folder, vault, checks);
      return vault;
    case "known":
      return vault;
    default:
      return judged satisfies never;
  }
}

/** Whether something may be sealed still with a key that is on its way out. */
export function isRotating(folder: string): boolean {
  return (checksIn(folder)?.length ?? 0) > 1 || fileText(join(folder, nextFile)) !== undefined;
}

/** Makes a successor of the folder's own key, unless there is one: the next vault seals with it. */
export function beginRotation(folder: string): void {
  if (fileText(join(folder, nextFile)) !== undefined) return;
  writeDurably(join(folder, nextFile), `${randomBytes(32).toString("base64")}\n`);
}

/** Everything is sealed with the key that `vault` seals with: from now on it is the only one. */
export function endRotation(folder: string, vault: Vault): void {
  writeCheck(folder, vault);
  const [own, next] = [join(folder, keyFile), join(folder, nextFile)];
  if (fileText(next) === undefined) return;
  if (fileText(own) !== undefined) retireKey(folder);
  renameSync(next, own);
  syncFolderOf(own);
}

/** Puts the folder's own key aside, where there is one: backups may need it. False when there was none. */
export function retireKey(folder: string): boolean {
  if (fileText(join(folder, keyFile)) === undefined) return false;
  // An older one is not lost for it: it may be the key of older backups still.
  let to = join(folder, retiredFile);
  for (let number = 2; fileText(to) !== undefined; number += 1) to = join(folder, `${retiredFile}.${number}`);
  renameSync(join(folder, keyFile), to);
  syncFolderOf(to);
  return true;
}

/** The folder's own key, in base64. Throws `conflict` when it is damaged. */
export function ownKey(folder: string): string | undefined {
  return readKey(join(folder, keyFile))?.toString("base64");
}

/** Says that the key in use is the right one, beside those of `others`. */
export function writeCheck(folder: string, vault: Vault, others: readonly string[] = []): void {
  writeDurably(join(folder, checkFile), `${[...others, newCheck(vault)].join("\n")}\n`);
}

/** The vault as {@link openVault} would open it, without its check; `undefined` when there is no key. Makes nothing. */
export function vaultOf(folder: string, keys: Keys): Vault | undefined {
  const none = [keyFile, nextFile].every((name) => fileText(join(folder, name)) === undefined);
  return keys.current === undefined && none ? undefined : aesVault(...ringOf(folder, keys, true));
}

function checksIn(folder: string): string[] | undefined {
  return fileText(join(folder, checkFile))?.trim().split("\n");
}

/**
 * The key to seal with, and those to open with too.
 *
 * @param used the folder's secrets were sealed with a key already
 */
function ringOf(folder: string, { current, previous }: Keys, used: boolean): [Uint8Array, Uint8Array[]] {
  const older = previous === undefined ? [] : [Buffer.from(previous, "base64")];
  if (current !== undefined) return [Buffer.from(current, "base64"), older];
  const path = join(folder, keyFile);
  const [own, next] = [readKey(path), readKey(join(folder, nextFile))];
  if (next !== undefined) return [next, own === undefined ? older : [own, ...older]];
  if (own !== undefined) return [own, older];
  if (used) {
    throw new SignalboxError(
      "conflict",
      `the key ${path} is missing, although secrets in this folder were sealed with it: put it back, or set SIGNALBOX_SECRET_KEY to the key that was used before.`,
    );
  }
  const key = randomBytes(32);
  writeDurably(path, `${key.toString("base64")}\n`);
  return [key, older];
}

function readKey(path: string): Buffer | undefined {
  const text = fileText(path);
  if (text === undefined) return undefined;
  const key = Buffer.from(text, "base64");
  if (key.length === 32 && key.toString("base64") === text.trim()) return key;
  throw new SignalboxError(
    "conflict",
    `the key ${path} is damaged, it is not 32 bytes in base64: put back the one that was there, or set SIGNALBOX_SECRET_KEY to it.`,
  );
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
    `the secrets in ${folder} were sealed with another key: set SIGNALBOX_SECRET_KEY to the one that was used before, or put back the files secret.key and secret.check that belong together. ` +
      `If the key shall be changed, set SIGNALBOX_SECRET_KEY_PREVIOUS to the one that was used before`,
  );
}

function halfRotated(folder: string): SignalboxError {
  return new SignalboxError(
    "conflict",
    `the key of ${folder} is being changed, and its secrets are sealed in part with the one and in part with the other: set SIGNALBOX_SECRET_KEY to the new one and SIGNALBOX_SECRET_KEY_PREVIOUS to the one before`,
  );
}
