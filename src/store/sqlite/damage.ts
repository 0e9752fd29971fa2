import { SignalboxError } from "../../errors.ts";

/** What SQLite's errors say about the file itself. */

const codes = { io: 10, corrupt: 11, cannotOpen: 14, notADatabase: 26, readOnly: 8, permission: 3 } as const;

function codeOf(error: unknown): number {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : 0;
}

/** What is in the file is not what was written. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  return code === codes.corrupt || code === codes.notADatabase;
}

/** The file cannot be reached: rights, or the disk. */
export function isUnusable(error: unknown): boolean {
  const code = codeOf(error);
  return code === codes.io || code === codes.cannotOpen || code === codes.readOnly || code === codes.permission;
}

/** The error that callers get while the server runs; the path is for the log. */
export function damagedStore(why: string, cause?: unknown): SignalboxError {
  return new SignalboxError(
    "storage_damaged",
    `the database signalbox.db cannot be read (${why}): stop the server, run signalbox check on its data folder, and put back a backup of the database or mend the disk`,
    cause === undefined ? {} : { cause },
  );
}
