/** What this system lets us do for processes of functions, found out by trying. */
import { type SpawnOptions, spawn } from "node:child_process";
import { chown, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Becomes the program that follows, which the system then ends with its parent. Part of util-linux. */
const tie = ["setpriv", "--pdeathsig", "KILL", "--"];

/** What to put before a program so that it ends with its parent; nothing where that is not to be had. */
export async function parentTie(): Promise<readonly string[]> {
  const problem = await problemOf(["-c", `${tie.join(" ")} true`], { stdio: "ignore" });
  return problem === undefined ? tie : [];
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
export async function guestUser(binary: string): Promise<{ readonly user?: number; readonly why?: string }> {
  if (process.getuid?.() !== 0 || process.platform !== "linux") return {};
  const folder = await mkdtemp(join(tmpdir(), "sbx-"));
  try {
    await chown(folder, nobody, nobody);
    await using program = await open(binary, "r");
    const why = await problemOf(["-c", probe, "sh", folder], {
      uid: nobody,
      gid: nobody,
      stdio: ["ignore", "ignore", "pipe", "ignore", program.fd],
    });
    return why === undefined ? { user: nobody } : { why };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a shell, without holding up the loop; `undefined` when it ends well. */
function problemOf(args: readonly string[], options: SpawnOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn("/bin/sh", args, { ...options, env: {}, timeout: 10_000 });
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(0, 1_000);
    });
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => resolve(code === 0 ? undefined : said.trim() || `exit code ${code}`));
  });
}
