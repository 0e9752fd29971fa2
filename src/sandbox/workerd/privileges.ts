/**
 * What this system lets us do for processes of functions, found out by trying. That starts two programs and waits for them, so it is done by
 * the launcher: it blocked the server's only thread for 85 to 150 ms.
 */
import { spawnSync } from "node:child_process";
import { chownSync, closeSync, openSync } from "node:fs";

/** Becomes the program that follows, which the system then ends with its parent. Part of util-linux. */
const tie = ["setpriv", "--pdeathsig", "KILL", "--"];

export interface Privileges {
  /** What to put before a program so that it ends with its parent; nothing where that is not to be had. */
  readonly tie: readonly string[];
  /** Whom functions run as; absent: as this process does. */
  readonly user?: number;
  /** What kept them from running as another user where they should. */
  readonly why?: string;
}

/** @param folder empty, of this process's own, also afterwards. */
export function triedPrivileges(binary: string, folder: string): Privileges {
  return { tie: parentTie(), ...guestUser(binary, folder) };
}

function parentTie(): readonly string[] {
  const tried = spawnSync("/bin/sh", ["-c", `${tie.join(" ")} true`], { env: {}, stdio: "ignore", timeout: 10_000 });
  return tried.status === 0 ? tie : [];
}

const probe = `
test -w "$1" || { echo "$1 is out of its reach" >&2; exit 1; }
exec /proc/self/fd/4 --version`;

/** `nobody`: a user that owns nothing. */
const nobody = 65_534;

/**
 * The user that functions run as: `nobody` when this process is root's, and otherwise (`undefined`) this process's own. Tried
 * out, because where root is not quite root (some containers) it cannot become another; `why` tells what happened.
 */
export function guestUser(binary: string, folder: string): Omit<Privileges, "tie"> {
  if (process.getuid?.() !== 0 || process.platform !== "linux") return {};
  const program = openSync(binary, "r");
  try {
    chownSync(folder, nobody, nobody);
    const tried = spawnSync("/bin/sh", ["-c", probe, "sh", folder], {
      env: {},
      uid: nobody,
      gid: nobody,
      stdio: ["ignore", "ignore", "pipe", "ignore", program],
      timeout: 10_000,
    });
    chownSync(folder, 0, 0);
    if (tried.status === 0) return { user: nobody };
    return { why: tried.error?.message ?? (tried.stderr.toString("utf8").trim() || `exit code ${tried.status}`) };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  } finally {
    closeSync(program);
  }
}
