import { accessSync, constants, lstatSync, type Stats, statfsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { asError, SignalboxError } from "../errors.ts";

/** What the operating system, or SQLite on its behalf, says when a data folder cannot be used: as an error with the path, the user and the remedy. */

/** With less than this even a database cannot be opened. */
const noRoomBytes = 1_048_576;
const sqlite = { permission: 3, busy: 5, readOnly: 8, io: 10, full: 13, cannotOpen: 14, lockIo: 3850 } as const;

interface Failure {
  /** Of the operating system: `EACCES`. */
  readonly code: string | undefined;
  /** Of SQLite, extended. */
  readonly errcode: number | undefined;
  readonly path: string | undefined;
  readonly message: string;
}

/** What is innermost knows most. */
function failureOf(thrown: unknown): Failure {
  const error: Error & { code?: unknown; errcode?: unknown; path?: unknown } = asError(thrown);
  const own: Failure = {
    code: typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined,
    errcode: typeof error.errcode === "number" ? error.errcode : undefined,
    path: typeof error.path === "string" ? error.path : undefined,
    message: error.message,
  };
  if (own.code !== undefined || own.errcode !== undefined || error.cause === undefined) return own;
  return failureOf(error.cause);
}

/** Whether SQLite says that another connection has the lock. */
export function isBusy(thrown: unknown): boolean {
  const { errcode } = failureOf(thrown);
  return errcode !== undefined && (errcode & 0xff) === sqlite.busy;
}

/**
 * The refusal that tells an error of the operating system or of SQLite; `undefined` when it is none of them.
 *
 * @param path of the file that it is about, where the error does not say so
 */
export function refusedBySystem(
  thrown: unknown,
  { folder, path: given }: { readonly folder: string; readonly path?: string },
): SignalboxError | undefined {
  if (thrown instanceof SignalboxError) return undefined;
  const { code, errcode, path = given ?? folder, message } = failureOf(thrown);
  if (code === undefined && errcode === undefined) return undefined;
  const problem = telling(code ?? codeBehind(errcode ?? 0, path), { folder, path: resolve(path), message });
  return problem === undefined ? undefined : new SignalboxError("conflict", problem, { cause: thrown });
}

/** What of the operating system is behind an error of SQLite. */
function codeBehind(errcode: number, path: string): string | undefined {
  if (errcode === sqlite.lockIo) return "ENOLCK";
  const primary = errcode & 0xff;
  if (primary === sqlite.full) return "ENOSPC";
  if (primary === sqlite.io) return hasNoRoom(path) ? "ENOSPC" : "EIO";
  if (primary !== sqlite.cannotOpen && primary !== sqlite.readOnly && primary !== sqlite.permission) return undefined;
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`, dirname(path)]) {
    try {
      const found = lstatSync(file, { throwIfNoEntry: false });
      if (found === undefined) continue;
      if (file !== dirname(path) && found.isDirectory()) return "EISDIR";
      accessSync(file, constants.R_OK | constants.W_OK);
    } catch (thrown) {
      return failureOf(thrown).code ?? "EACCES";
    }
  }
  return hasNoRoom(path) ? "ENOSPC" : undefined;
}

interface Place {
  readonly folder: string;
  readonly path: string;
  readonly message: string;
}

const another = "set SIGNALBOX_DATA to a folder elsewhere";

function telling(code: string | undefined, { folder, path, message }: Place): string | undefined {
  switch (code) {
    case "EACCES":
    case "EPERM": {
      const at = barrier(path);
      return `${at} may not be used by ${currentUser()}${ownerOf(at)}: give the data folder to that user (chown -R ${process.getuid?.() ?? "USER"} ${folder}), run the server as its owner, or ${another}`;
    }
    case "EROFS":
      return `${path} is on a read-only file system: mount it for writing, or ${another}`;
    case "ENOSPC":
    case "EDQUOT":
      return `the disk is full: ${path} cannot be written (${freeBytes(path)}): free some space on the disk of ${folder}, and start again; nothing that was acknowledged is lost`;
    case "ENOTDIR":
    case "EEXIST":
      return `${fileOnTheWay(path)} is ${isLink(path) ? "a link to nothing" : "a file"} where a folder is needed: move it away, or ${another}`;
    case "EISDIR":
      return `${path} is a folder where a file is needed: move it away, or put back what was there from a backup`;
    case "ENOENT":
      return `${path} cannot be made in ${dirname(path)}, or what it points to is missing: make it yourself, or ${another}`;
    case "ELOOP":
    case "ENAMETOOLONG":
      return `${path} cannot be a data folder (${code === "ELOOP" ? "its links lead round in a circle" : "its name is too long"}): ${another}`;
    case "EMFILE":
    case "ENFILE":
      return `no more files can be opened (${path}): raise the limit of open files (ulimit -n, or LimitNOFILE of systemd) to 65536`;
    case "ENOLCK":
      return `${path} cannot be locked: the file system has no locks, or a service for them is down; ${another} on a local disk`;
    case "EIO":
      return `the disk of ${path} fails (${message}): see the system's log (dmesg), mend or replace the disk, and run signalbox check ${folder} before the next start`;
    default:
      return code === undefined ? undefined : `${path} cannot be used (${message}): mend that, or ${another}`;
  }
}

function currentUser(): string {
  const [uid, gid] = [process.geteuid?.(), process.getegid?.()];
  return uid === undefined ? "this user" : `uid ${uid} (gid ${gid})`;
}

function ownerOf(path: string): string {
  const found = statOf(path);
  if (found === undefined) return "";
  return `, as it belongs to uid ${found.uid} (gid ${found.gid}) with mode 0${(found.mode & 0o7777).toString(8)}`;
}

/** The first of the folders down to `path`, or itself, that this process may not use. */
function barrier(path: string): string {
  const needs = constants.R_OK | constants.W_OK;
  for (const at of downTo(path)) {
    if (statOf(at) === undefined) return dirname(at);
    try {
      accessSync(at, at === path ? needs : constants.X_OK);
    } catch {
      return at;
    }
  }
  return path;
}

function fileOnTheWay(path: string): string {
  return downTo(path).find((at) => statOf(at)?.isDirectory() === false) ?? path;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** `/`, `/srv`, `/srv/data`. */
function downTo(path: string): string[] {
  const above = dirname(path);
  return above === path ? [path] : [...downTo(above), path];
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function hasNoRoom(path: string): boolean {
  return (roomAt(path) ?? Number.POSITIVE_INFINITY) < noRoomBytes;
}

function freeBytes(path: string): string {
  const room = roomAt(path);
  return room === undefined ? "no space is left" : `${room} bytes are free, more may be needed`;
}

function roomAt(path: string): number | undefined {
  for (const at of [path, dirname(path), join(dirname(path), "..")]) {
    try {
      const { bavail, bsize } = statfsSync(at);
      return bavail * bsize;
    } catch {
      // It may not be there yet.
    }
  }
  return undefined;
}
