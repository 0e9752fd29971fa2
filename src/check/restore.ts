import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SignalboxError } from "../errors.ts";
import { syncFolderOf, writeDurably } from "../folder/durable-file.ts";
import { blobsFolder } from "../folder/identity.ts";
import { privateDataFolder, privateFolder } from "../folder/private-folder.ts";
import type { Keys } from "../open-folder/secret-key.ts";
import { databaseFile, lockFolder } from "../store/sqlite/open.ts";
import { doneFile } from "./backup.ts";
import { blobFiles, pathOfBlob } from "./blob-files.ts";
import { checkListed, countBodies, liesInBucket, type OpenBucket, openedBucket } from "./bucket.ts";
import { checkFolder, mustExist, reached } from "./check.ts";
import { type Blob, type Copied, copyBlobs, copyDurably } from "./copy-blobs.ts";
import { type Progress, reported, unseen } from "./progress.ts";

interface RestoreOptions {
  readonly keys: Keys;
  readonly progress?: Progress;
  /** The bucket of `SIGNALBOX_BLOBS`, when it is set. */
  readonly bucket?: OpenBucket | undefined;
}

interface Restored extends Copied {
  /** Bodies that the database refers to in a bucket. */
  readonly inBucket: number;
  /** Of those, how many are not there any more, or not whole. */
  readonly lost: number;
}

/** There while a restore is under way: then the folder may be filled again. */
const unfinished = "restore.unfinished";

/**
 * Copies a backup, or a data folder that no server uses, into a folder that is empty or not there, and looks through the copy as `signalbox check` does. The
 * database comes last, so that no server starts on half of it. Throws `conflict` with the remedy when the folder is not empty, or what was copied is not
 * sound: then its database is called `signalbox.db.unsound`.
 */
export async function restoreFolder(
  backup: string,
  folder: string,
  { keys, bucket, progress = unseen }: RestoreOptions,
): Promise<Restored> {
  mustExist(backup);
  if (!existsSync(join(backup, databaseFile)) || isHalf(backup)) {
    throw new SignalboxError(
      "conflict",
      `${backup} is no finished backup: make it again with signalbox backup, or name another`,
    );
  }
  privateDataFolder(folder);
  checkEmpty(folder);
  const copied = await copyAll(backup, folder, progress);
  for await (const { level, what, remedy } of checkFolder(folder, { keys, progress, inBucket: "left" })) {
    if (level !== "damage") continue;
    renameSync(join(folder, databaseFile), join(folder, `${databaseFile}.unsound`));
    throw new SignalboxError("conflict", `what was restored is not sound: ${what}: ${remedy}; then restore again`);
  }
  const inBucket = await lostInBucket(folder, bucket);
  rmSync(join(folder, unfinished), { force: true });
  syncFolderOf(join(folder, unfinished));
  return { ...copied, ...inBucket };
}

/** What of a bucket's bytes was deleted since: nothing brings it back here, and the rest is worth having. */
async function lostInBucket(
  folder: string,
  bucket: OpenBucket | undefined,
): Promise<Pick<Restored, "inBucket" | "lost">> {
  const db = new DatabaseSync(join(folder, databaseFile), { readOnly: true });
  try {
    if (!liesInBucket(db)) return { inBucket: 0, lost: 0 };
    const bodies = await openedBucket(folder, bucket);
    let lost = 0;
    try {
      for await (const _ of checkListed(db, bodies)) lost += 1;
    } catch (thrown) {
      throw thrown instanceof SignalboxError ? reached(thrown) : thrown;
    } finally {
      await bodies.close();
    }
    return { inBucket: countBodies(db), lost };
  } finally {
    db.close();
  }
}

/** It was begun, and not ended; a folder that was copied by hand was neither. */
function isHalf(backup: string): boolean {
  return existsSync(join(backup, "backup.of")) && !existsSync(join(backup, doneFile));
}

function checkEmpty(folder: string): void {
  const names = readdirSync(folder);
  if (names.includes(unfinished) || names.every((name) => name.startsWith("lock.db") || name === "lost+found")) return;
  throw new SignalboxError(
    "conflict",
    `${folder} is not empty: move what is in it away and keep it, or restore into another folder`,
  );
}

async function copyAll(backup: string, folder: string, progress: Progress): Promise<Copied> {
  using _lock = lockFolder(folder, 0);
  writeDurably(join(folder, unfinished), "");
  const blobs = join(folder, blobsFolder);
  privateFolder(blobs);
  const copied = await copyBlobs(
    reported(filesIn(join(backup, blobsFolder)), { progress, doing: "copying blobs" }),
    join(backup, blobsFolder),
    blobs,
  );
  for (const name of ["folder.id", "commits.mark"])
    await copyIfThere(join(backup, blobsFolder, name), join(blobs, name));
  const own = readdirSync(backup).filter((name) => name === "folder.id" || name.startsWith("secret."));
  for (const name of [...own, `${databaseFile}-wal`, databaseFile])
    await copyIfThere(join(backup, name), join(folder, name));
  syncFolderOf(join(folder, databaseFile));
  return copied;
}

function* filesIn(blobs: string): Generator<Blob> {
  for (const { id } of blobFiles(blobs)) {
    const path = pathOfBlob(blobs, id);
    if (path !== undefined) yield { id, size: statSync(path).size };
  }
}

async function copyIfThere(source: string, target: string): Promise<void> {
  if (existsSync(source)) await copyDurably(source, target);
}
