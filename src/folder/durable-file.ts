import {
  closeSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { asError } from "../errors.ts";

/**
 * Writes a small file with mode 0600, flushed together with its folder's entry. Under its own name only once it is whole, so that a
 * crash leaves no half of it behind.
 */
export function writeDurably(path: string, text: string): void {
  const unfinished = `${path}.new`;
  rmSync(unfinished, { force: true });
  const file = openSync(unfinished, "wx", 0o600);
  try {
    giveToOwner(file, path);
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(unfinished, path);
  syncFolderOf(path);
}

/**
 * Gives an open file to whom its folder belongs, where root made it: an operator who runs a command on the folder of a server leaves nothing in it that the
 * server may not read.
 */
export function giveToOwner(file: number, path: string): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(path));
  if (uid !== 0) fchownSync(file, uid, gid);
}

/** Makes durable what a file is called. */
export function syncFolderOf(path: string): void {
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** The text of a file, `undefined` when it is not there. */
export function fileText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && (thrown.code === "ENOENT" || thrown.code === "ENOTDIR"))
      return undefined;
    // What reading says, unlike opening, does not name the file.
    throw Object.assign(asError(thrown), { path });
  }
}
