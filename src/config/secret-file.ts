import { readFileSync, statSync } from "node:fs";
import { asError } from "../errors.ts";

/** Secrets that a setting names a file for, as Docker, Kubernetes and systemd hand them out. */

/** What a variable of a secret is called when it names a file. */
export const fileSuffix = "_FILE";
/** None is longer; the wrong file is not read to its end. */
const mostBytes = 65_536;

type SecretFile = { readonly text: string } | { readonly problem: string };

/** The text of the file, without the line break at its end; or what is wrong, and where. @param what it should hold, for people. */
export function readSecretFile(path: string, what = "the secret"): SecretFile {
  try {
    const found = statSync(path);
    if (found.isDirectory()) return { problem: `${path} is a folder: name the file in it` };
    // Reading a pipe waits for a writer, and some devices have no end.
    if (!found.isFile()) return { problem: `${path} is no regular file: write ${what} into one` };
    if (found.size > mostBytes) return { problem: `${path} has more than ${mostBytes} bytes: that is not ${what}` };
    const text = readFileSync(path, "utf8").replace(/\r?\n$/, "");
    return text === "" ? { problem: `${path} is empty: write ${what} into it` } : { text };
  } catch (thrown) {
    const error: Error & { readonly code?: unknown } = asError(thrown);
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return { problem: `there is no file ${path}` };
    const denied = error.code === "EACCES" || error.code === "EPERM";
    const who = process.geteuid === undefined ? "this user" : `uid ${process.geteuid()} (gid ${process.getegid?.()})`;
    return { problem: denied ? `${path} may not be read by ${who}` : `${path} cannot be read: ${error.message}` };
  }
}

/**
 * The secret of a variable, or of the file that the variable with `_FILE` behind its name names; `undefined`: neither is set. Throws an error that
 * names the variable.
 */
export function secretOf(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const own = env[name] || undefined;
  const path = env[name + fileSuffix] || undefined;
  if (path === undefined) return own;
  if (own !== undefined) throw new Error(`${name}${fileSuffix}: ${name} is set too: give one of the two`);
  const read = readSecretFile(path);
  if ("problem" in read) throw new Error(`${name}${fileSuffix}: ${read.problem}`);
  return read.text;
}
