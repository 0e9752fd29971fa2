import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { SignalboxError } from "../errors.ts";
import { syncFolderOf, writeDurably } from "../folder/durable-file.ts";
import { blobsFolder } from "../folder/identity.ts";
import { privateDataFolder, privateFolder } from "../folder/private-folder.ts";
import type { Keys } from "../open-folder/secret-key.ts";
import { databaseFile, lockFolder } from "../store/sqlite/open.ts";
import { doneFile } from "./backup.ts";
import { blobFiles, pathOfBlob } from "./blob-files.ts";
import { checkFolder, mustExist } from "./check.ts";
import { type Blob, type Copied, copyBlobs, copyDurably } from "./copy-blobs.ts";
import { type Progress, reported, unseen } from "./progress.ts";

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
  keys: Keys,
  progress: Progress = unseen,
): Promise<Copied> {
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
  for await (const { level, what, remedy } of checkFolder(folder, keys, progress)) {
    if (level !== "damage") continue;
    renameSync(join(folder, databaseFile), join(folder, `${databaseFile}.unsound`));
    throw new SignalboxError("conflict", `what was restored is not sound: ${what}: ${remedy}; then restore again`);
  }
  rmSync(join(folder, unfinished), { force: true });
  syncFolderOf(join(folder, unfinished));
  return copied;
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
