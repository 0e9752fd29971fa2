import { chmodSync, existsSync, readdirSync, rmSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { asError, SignalboxError } from "../errors.ts";
import { MarkWriter, markPath } from "../folder/commit-mark.ts";
import { fileText, syncFolderOf, writeDurably } from "../folder/durable-file.ts";
import { blobsFolder, readFolderId, writeFolderId } from "../folder/identity.ts";
import { privateDataFolder, privateFile, privateFolder } from "../folder/private-folder.ts";
import { isBusy } from "../folder/system-refusals.ts";
import { askToHold } from "../open-folder/backup-hold.ts";
import { type Keys, ownKey } from "../open-folder/secret-key.ts";
import { databaseFile, lockFolder } from "../store/sqlite/open.ts";
import { packageVersion } from "../version.ts";
import { countBodies, liesInBucket, type OpenBucket } from "./bucket.ts";
import { checkFolder, mustExist } from "./check.ts";
import { type Blob, type Copied, copyBlobs, copyDurably, dropOthers, syncFile } from "./copy-blobs.ts";
import { type Progress, reported, unseen } from "./progress.ts";

/** Written when a backup is whole, and taken away while it is made anew. */
export const doneFile = "backup.json";
const all = 2 ** 31 - 1;
const referred = "SELECT blob AS id, size FROM piece UNION SELECT blob, size FROM part";
const isReferred =
  "SELECT 1 WHERE EXISTS (SELECT 1 FROM piece WHERE blob = ?1) OR EXISTS (SELECT 1 FROM part WHERE blob = ?1)";

/** What was copied; of bytes in a bucket, how many there are. */
export interface BackedUp extends Copied {
  readonly isInBucket: boolean;
}

interface BackupOptions {
  readonly keys: Keys;
  /** Copies the key beside the data, where it is kept there. */
  readonly withKey: boolean;
  readonly clock: Clock;
  readonly progress?: Progress;
  /** The bucket of `SIGNALBOX_BLOBS`, when it is set. */
  readonly bucket?: OpenBucket | undefined;
}

/**
 * Copies a data folder, whether a server uses it or not: the database as it is at one moment, every blob that it refers to, and what says that they
 * belong together. A backup that is there already, of the same folder, is brought up to date, for which what has changed is copied.
 * Bytes that lie in a bucket stay there. What was made is looked through as `signalbox check` does. Throws `conflict` for what is no place for a backup; cut off, it is made again.
 */
export async function backupFolder(folder: string, target: string, options: BackupOptions): Promise<BackedUp> {
  mustExist(folder);
  checkPlaces(folder, target);
  privateDataFolder(target);
  checkTarget(folder, target);
  using _target = lockFolder(target, 0);
  rmSync(join(target, doneFile), { force: true });
  using _hold = await quiet(folder, options.clock);
  let copied = await copyOnce(folder, target, options.progress);
  // A server that was started meanwhile may have deleted something before it noticed this.
  if (copied.missing.length > 0) copied = await copyOnce(folder, target, options.progress);
  const [first] = copied.missing;
  if (first !== undefined) {
    throw new SignalboxError(
      "conflict",
      `${copied.missing.length} blobs that the database refers to are missing in ${folder} (${first}): signalbox check tells which objects they are of`,
    );
  }
  await copyKeys(folder, target, options.withKey);
  writeDurably(
    join(target, doneFile),
    `${JSON.stringify({ signalbox: packageVersion, madeAt: options.clock.now() })}\n`,
  );
  return copied;
}

/** Looks through it as it would be restored. Throws with the first finding of damage. */
export async function verifyBackup(
  folder: string,
  target: string,
  { keys, ...options }: Pick<BackupOptions, "keys" | "progress" | "bucket">,
): Promise<void> {
  const own = keys.current === undefined ? { ...keys, current: ownKey(folder) } : keys;
  for await (const { level, what, remedy } of checkFolder(target, { ...options, keys: own, inBucket: "listed" })) {
    if (level !== "damage") continue;
    rmSync(join(target, doneFile), { force: true });
    throw new SignalboxError("conflict", `the backup is not sound: ${what}: ${remedy}`);
  }
}

function checkPlaces(folder: string, target: string): void {
  const [from, to] = [resolve(folder) + sep, resolve(target) + sep];
  if (from.startsWith(to) || to.startsWith(from)) {
    throw new SignalboxError(
      "conflict",
      `${target} and ${folder} lie in one another: name a folder elsewhere for the backup`,
    );
  }
}

function checkTarget(folder: string, target: string): void {
  const names = readdirSync(target).filter((name) => !name.startsWith("lock.db"));
  if (names.length === 0) return;
  const id = readFolderId(folder, "folder");
  if (existsSync(join(target, "backup.of")) && fileText(join(target, "backup.of"))?.trim() === id) return;
  throw new SignalboxError(
    "conflict",
    `${target} is not empty, and no backup of ${folder}: name an empty folder, or one that is to be made`,
  );
}

/** Nothing that the database refers to is deleted until it is disposed of. */
async function quiet(folder: string, clock: Clock): Promise<Disposable> {
  try {
    return lockFolder(folder, 0);
  } catch (thrown) {
    if (!isBusy(asError(thrown).cause)) throw thrown;
    return askToHold(folder, Buffer.from(clock.bytes(16)).toString("hex"), clock);
  }
}

async function copyOnce(folder: string, target: string, progress = unseen): Promise<BackedUp> {
  const path = join(target, databaseFile);
  const id = readFolderId(folder, "folder");
  if (id !== undefined) writeDurably(join(target, "backup.of"), `${id}\n`);
  const unfinished = `${path}.new`;
  for (const end of ["", "-wal", "-shm", "-journal"]) rmSync(unfinished + end, { force: true });
  privateFile(unfinished);
  const source = new DatabaseSync(join(folder, databaseFile), { readOnly: true, timeout: 5_000 });
  try {
    // All pages in one step: whatever is committed meanwhile comes after this moment, and does not begin it anew.
    await backup(source, unfinished, { rate: all });
  } finally {
    source.close();
  }
  chmodSync(unfinished, 0o600);
  const blobs = join(target, blobsFolder);
  privateFolder(blobs);
  const db = new DatabaseSync(unfinished);
  let copied: BackedUp;
  try {
    if (liesInBucket(db)) {
      // Without the mark of the last commit: what begins with a copy of a database does not delete what a newer one may need.
      copied = { blobs: countBodies(db), copied: 0, bytes: 0, missing: [], isInBucket: true };
      writeIdentity(db, target, "unmarked");
    } else {
      const total = Number(db.prepare(`SELECT COUNT(*) AS n FROM (${referred})`).get()?.["n"] ?? 0);
      const watched = reported(blobsOf(db), { progress, doing: "copying blobs", total });
      copied = { ...(await copyBlobs(watched, join(folder, blobsFolder), blobs)), isInBucket: false };
      const needed = db.prepare(isReferred);
      if (copied.missing.length === 0) await dropOthers(blobs, (blob) => needed.get(blob) !== undefined);
      writeIdentity(db, target, "marked");
    }
  } finally {
    // With which its log goes.
    db.close();
  }
  await syncFile(unfinished);
  for (const end of ["-wal", "-shm"]) rmSync(path + end, { force: true });
  await rename(unfinished, path);
  syncFolderOf(path);
  return copied;
}

function* blobsOf(db: DatabaseSync): Generator<Blob> {
  for (const row of db.prepare(referred).iterate()) yield { id: String(row["id"]), size: Number(row["size"]) };
}

function writeIdentity(db: DatabaseSync, target: string, how: "marked" | "unmarked"): void {
  const meta = new Map(
    db
      .prepare("SELECT key, value FROM meta")
      .all()
      .map(({ key, value }) => [String(key), value]),
  );
  const [folder, run] = [meta.get("folder_id"), meta.get("run")];
  if (typeof folder !== "string" || typeof run !== "string") return;
  for (const place of ["blobs", "folder"] as const) writeFolderId(target, place, folder);
  rmSync(markPath(target), { force: true });
  if (how === "unmarked") return;
  const mark = new MarkWriter(markPath(target), { folder, run });
  mark.write(Number(meta.get("commits") ?? 0));
  mark.close();
}

async function copyKeys(folder: string, target: string, withKey: boolean): Promise<void> {
  for (const name of readdirSync(target)) if (name.startsWith("secret.")) rmSync(join(target, name));
  const isWanted = (name: string): boolean =>
    name === "secret.check" || (withKey && /^secret\.key(\.\w+)*$/.test(name));
  for (const name of readdirSync(folder).filter(isWanted)) {
    await copyDurably(join(folder, name), join(target, name));
    chmodSync(join(target, name), 0o600);
  }
}
