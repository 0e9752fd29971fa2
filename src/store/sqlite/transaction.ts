import type { DatabaseSync } from "node:sqlite";
import type { WireError } from "./messages.ts";

/** Runs `work` in one transaction; when anything throws, the commit included, nothing of it stays. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (thrown) {
    // SQLite may have rolled back by itself, as it does on a full disk.
    if (db.isTransaction) db.exec("ROLLBACK");
    throw thrown;
  }
}

const sqliteFull = 13;

/** An error in a form that crosses threads. */
export function failure(error: Error): WireError {
  const code = "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : 0;
  return { kind: "failed", full: code === sqliteFull, message: error.message };
}
