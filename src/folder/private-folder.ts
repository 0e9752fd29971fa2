import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { asError, SignalboxError } from "../errors.ts";
import { giveToOwner } from "./durable-file.ts";
import { refusedBySystem } from "./system-refusals.ts";

/** Folders and files that only their own user may enter or read, whatever the umask. */

const folderMode = 0o700;
const fileMode = 0o600;
const ofOthers = 0o077;

/** What lies in a folder that Signalbox has used, the database's log and its kind by their beginning. */
const marks =
  /^(?:signalbox\.db.*|folder\.id|secret\.(?:key|check).*|dispatch\.marks|blobs|backup\.(?:of|json)|restore\.unfinished)$/;
/** What may lie in one that it has not: of the file system, of a start that was refused, and hidden. */
const nobodys = /^(?:lost\+found|lock\.db.*|\..*)$/;

/**
 * As `privateFolder`, of a data folder or a backup. A folder of something else, as `/tmp` or a home, is refused and stays as it is: what is in it would
 * be closed to those whom it is for.
 */
export function privateDataFolder(folder: string): void {
  refuseForeign(folder);
  privateFolder(folder);
}

function refuseForeign(folder: string): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    // Not there yet, or reported by what comes next.
    return;
  }
  const foreign = names.filter((name) => !nobodys.test(name)).sort();
  if (foreign.length === 0 || foreign.some((name) => marks.test(name))) return;
  throw new SignalboxError(
    "conflict",
    `${resolve(folder)} is no folder of Signalbox: other things are in it (${foreign[0]}), which would be closed to other users: ` +
      "name a folder inside it, which is then made, or an empty one",
  );
}

/** Makes the folder, and those above it, or takes from an existing one what others may do. Throws `conflict` with the remedy. */
export function privateFolder(folder: string): void {
  try {
    makeFolder(resolve(folder));
  } catch (thrown) {
    throw refusedBySystem(thrown, { folder, path: folder }) ?? thrown;
  }
  close(folder, { root: folder, mode: folderMode });
}

/**
 * Step by step: the recursive `mkdir` of Node never comes back where a folder says that it has no room for a new one by ENOENT, as those of
 * `/proc` do.
 */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const above = dirname(folder);
  if (above !== folder) makeFolder(above);
  mkdirSync(folder, { mode: folderMode });
}

/** Makes an empty file, unless it is there: what opens it by its name alone, as SQLite does, would make it by the umask. */
export function privateFile(path: string): void {
  const file = openSync(path, "a", fileMode);
  try {
    giveToOwner(file, path);
  } finally {
    closeSync(file);
  }
}

/**
 * Takes from what lies in the folder, and in the folders in it, what others may do: an older version, or a copy, may have left it
 * open. Two levels are enough: what lies deeper are blobs, which have always been made for their own user, and may be millions.
 * Links are left alone. Throws `conflict` with the remedy.
 */
export function closeToOthers(root: string): void {
  for (const path of contents(root)) {
    if (!lstatSync(path).isDirectory()) closeFile(path, root);
    else {
      close(path, { root, mode: folderMode });
      for (const inner of contents(path)) {
        if (lstatSync(inner).isDirectory()) close(inner, { root, mode: folderMode });
        else closeFile(inner, root);
      }
    }
  }
}

function contents(folder: string): string[] {
  return readdirSync(folder).map((name) => join(folder, name));
}

function closeFile(path: string, root: string): void {
  if (lstatSync(path).isFile()) close(path, { root, mode: fileMode });
}

function close(path: string, { root, mode }: { readonly root: string; readonly mode: number }): void {
  // Windows has no such modes.
  if (process.platform === "win32" || (statSync(path).mode & ofOthers) === 0) return;
  let why = "this file system does not keep modes";
  try {
    chmodSync(path, mode);
  } catch (thrown) {
    why = asError(thrown).message;
  }
  const left = statSync(path).mode & 0o777;
  if ((left & ofOthers) === 0) return;
  throw new SignalboxError(
    "conflict",
    `other users of this machine may reach ${path} (mode 0${left.toString(8)}), and that cannot be changed: ${why}; ` +
      `run chmod -R go= ${root} as its owner, or set SIGNALBOX_DATA to a folder inside it, which is then made for this user alone`,
  );
}
