import { defined } from "../domain/defined.ts";
import { SignalboxError } from "../errors.ts";

/** Why a data folder is not opened, each with what to do. Nothing in the folder was changed when one of these is thrown. */

function refuse(what: string, remedy: string, cause?: unknown): SignalboxError {
  return new SignalboxError("conflict", `${what}: ${remedy}. Nothing was changed.`, defined({ cause }));
}

const anew = "to begin anew, choose an empty folder with SIGNALBOX_DATA";

/** @param shows what says that there was a database. */
export function databaseMissing(path: string, how: "missing" | "empty", shows: string): SignalboxError {
  return refuse(
    `the database ${path} is ${how}, although ${shows} shows that this folder was in use`,
    `put the database back, with its -wal file if it has one, from where it was moved or from a backup, or, if it is in PostgreSQL, set SIGNALBOX_STORE to it; ${anew}`,
  );
}

export function databaseDamaged(path: string, why: string, cause?: unknown): SignalboxError {
  return refuse(
    `the database ${path} is damaged (${why})`,
    `keep it, move signalbox.db and its -wal and -shm files out of the folder, and put back a backup of the database; signalbox check tells what is wrong with a folder`,
    cause,
  );
}

export function databaseUnusable(path: string, why: string, cause?: unknown): SignalboxError {
  return refuse(
    `the database ${path} cannot be used (${why})`,
    "let the user that runs Signalbox read and write the folder and the files signalbox.db, signalbox.db-wal and signalbox.db-shm in it, and see that the disk is well",
    cause,
  );
}

export function walOfAnother(path: string): SignalboxError {
  return refuse(
    `${path}-wal does not belong to ${path} as it is`,
    `put back the two as they were together; if only the database came from a backup, move its -wal and -shm files out of the folder, and keep them: they hold what the newer database had committed`,
  );
}

export function databaseOfAnother(path: string, folder: string): SignalboxError {
  return refuse(
    `the database ${path} belongs to another data folder than the blobs and the key in ${folder}`,
    `put back the database of this folder; if the blobs and the key are the wrong ones, put back those; if they do belong together, say so with signalbox adopt ${folder}`,
  );
}

export function blobsOfAnother(path: string, folder: string): SignalboxError {
  return refuse(
    `${path} belongs to another data folder than the database`,
    `put back the blobs folder of this one; if it does belong to the database, say so with signalbox adopt ${folder}`,
  );
}

export function blobsMissing(path: string, folder: string): SignalboxError {
  return refuse(
    `${path} is missing or has lost its folder.id, although the database refers to bytes in it`,
    `put back the blobs folder from where it was moved or from a backup; if it is the right one, or is lost, say so with signalbox adopt ${folder}`,
  );
}

export function folderOfAnother(path: string, folder: string): SignalboxError {
  return refuse(
    `${path}, and so the key beside it, belongs to another data folder than the database and the blobs`,
    `put back folder.id, secret.key and secret.check of this folder; if they do belong together, say so with signalbox adopt ${folder}`,
  );
}

export function lockDamaged(path: string, cause: unknown): SignalboxError {
  return refuse(
    `the lock ${path} is damaged`,
    "it holds nothing that is needed: see that no other Signalbox uses the folder, and delete the file",
    cause,
  );
}
