import type { DatabaseSync } from "node:sqlite";
import type { WireError } from "../sql/wire.ts";
import { isDamage, isUnusable } from "./damage.ts";

/** Called for each transaction: `next` inside it, before it ends, `committed` once it is durable. */
export interface Counted {
  next(): void;
  committed(): void;
}

/** Runs `work` in one transaction; when anything throws, the commit included, nothing of it stays. */
export function transaction<T>(db: DatabaseSync, work: () => T, counted?: Counted): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    counted?.next();
    db.exec("COMMIT");
    counted?.committed();
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
  const damaged = isDamage(error) || isUnusable(error);
  return { kind: "failed", full: code === sqliteFull, ...(damaged ? { damaged } : {}), message: error.message };
}
