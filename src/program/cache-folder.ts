import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

/**
 * Where compiled code is kept from one run to the next. Another user who could write there could have this user run anything, so it is used only
 * where no other can: the folder is this user's, and neither it nor any folder above it may be changed by others than this user and root.
 * Without such a place nothing is kept, and programs begin slower.
 */

/** Of one place: programs with other flags, and of other versions of Node. */
const mostEntries = 8;
const unusedMs = 90 * 86_400_000;
/** Write permission of the group and of others. */
const byOthers = 0o022;
const sticky = 0o1000;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder for what lies at `place`, made if it is missing; `undefined` where there is none that is safe, and where Node is told to keep
 * nothing (`NODE_DISABLE_COMPILE_CACHE`).
 */
export function cacheFolder(env: Environment, place: string): string | undefined {
  if (env["NODE_DISABLE_COMPILE_CACHE"] === "1") return undefined;
  try {
    const base = baseFolder(env);
    const all = join(base, "signalbox");
    const folder = join(all, createHash("sha256").update(place).digest("hex").slice(0, 16));
    make(base);
    make(all);
    if (make(folder)) removeUnused(all);
    return isSafe(folder) ? folder : undefined;
  } catch {
    // It cannot be written to, or there is no home.
    return undefined;
  }
}

/** Keeps the newest entries of a folder of compiled code. */
export function tidy(folder: string): void {
  const entries = readdirSync(folder).map((name) => {
    const path = join(folder, name);
    return { path, changedMs: statSync(path).mtimeMs };
  });
  const old = entries.toSorted((a, b) => b.changedMs - a.changedMs).slice(mostEntries);
  for (const { path } of old) rmSync(path, { recursive: true, force: true });
}

/** As the system has it: what services are given, what the user says, or what is usual. */
function baseFolder(env: Environment): string {
  const { NODE_COMPILE_CACHE: ofNode, CACHE_DIRECTORY: ofService, XDG_CACHE_HOME: ofUser, LOCALAPPDATA: windows } = env;
  const told = [ofNode, ofService?.split(":")[0], ofUser, windows].find(
    (path) => path !== undefined && isAbsolute(path),
  );
  if (told !== undefined) return told;
  return process.platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
}

/** Gives whether it was not there. What lies above it is not made: a home that is missing stays so. */
function make(folder: string): boolean {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return false;
  mkdirSync(folder, { mode: 0o700 });
  return true;
}

function removeUnused(all: string): void {
  for (const name of readdirSync(all)) {
    const path = join(all, name);
    if (lstatSync(path).mtimeMs < Date.now() - unusedMs) rmSync(path, { recursive: true, force: true });
  }
}

function isSafe(folder: string): boolean {
  const own = process.geteuid?.();
  // Windows has no such modes; what lies in a user's own folders is closed to others there.
  if (own === undefined) return true;
  const path = realpathSync(folder);
  const { uid, mode } = lstatSync(path);
  return uid === own && (mode & byOthers) === 0 && isKept(dirname(path), own);
}

/** Whether what lies in the folder stays there, whatever other users do: no other user owns it, writes to it or moves what others have made in it. */
function isKept(folder: string, own: number): boolean {
  const { uid, mode } = lstatSync(folder);
  if (uid !== own && uid !== 0) return false;
  if ((mode & byOthers) !== 0 && (mode & sticky) === 0) return false;
  const above = dirname(folder);
  return above === folder || isKept(above, own);
}
