import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../clock.ts";
import { markPath } from "../../folder/commit-mark.ts";
import { writeFolderId } from "../../folder/identity.ts";
import type { Log } from "../../log.ts";
import type { Found } from "./inspect.ts";
import { Statements } from "./statements.ts";
import { transaction } from "./transaction.ts";

/** One run of the server on a data folder. */
export interface Run {
  /** The folder's identity: 32 hex digits. */
  readonly folder: string;
  /** 12 hex digits that the names of all blobs end with which this run writes. */
  readonly mark: string;
  /** A newer database than this one was used in this folder within the last week: nothing that it may refer to is deleted. */
  readonly newerExists: boolean;
}

/** For so long what may still be needed is kept. */
const keptMs = 7 * 86_400_000;

const put = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const drop = "DELETE FROM meta WHERE key = ?";
const addRun = "INSERT INTO run (mark, started_ms) VALUES (?, ?)";
const endRuns = "UPDATE run SET ended_ms = ?1, complete = ?2 WHERE ended_ms IS NULL";
const knownRun = "SELECT 1 FROM run WHERE mark = ?";
const incomplete = "SELECT 1 FROM run INDEXED BY run_incomplete WHERE complete = 0 AND ended_ms > ? LIMIT 1";

/**
 * Begins a run: gives the folder its identity if it has none, says what of the last run the database has lost, and writes the new run's
 * mark into the database's own file before anything comes into its log.
 */
export function openRun(
  db: DatabaseSync,
  {
    folder,
    found,
    clock,
    log,
  }: { readonly folder: string; readonly found: Found; readonly clock: Clock; readonly log: Log },
): Run {
  const statements = new Statements(db);
  const nowMs = clock.now();
  const id = found.database?.id ?? Buffer.from(clock.bytes(16)).toString("hex");
  const mark = Buffer.from(clock.bytes(6)).toString("hex");
  const complete = isComplete(found, statements, { folder, log });
  transaction(db, () => {
    if (found.database?.id === undefined) {
      statements.run({ sql: put, params: ["folder_id", id] });
      statements.run({ sql: put, params: ["folder_id_pending", 1] });
    }
    statements.run({ sql: put, params: ["opening", mark] });
    statements.run({ sql: put, params: ["commits", found.database?.commits ?? 0] });
  });
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  if (found.ids.blobs !== id) writeFolderId(folder, "blobs", id);
  if (found.ids.folder !== id) writeFolderId(folder, "folder", id);
  transaction(db, () => {
    statements.run({ sql: endRuns, params: [nowMs, complete ? 1 : 0] });
    statements.run({ sql: addRun, params: [mark, nowMs] });
    statements.run({ sql: put, params: ["run", mark] });
    statements.run({ sql: drop, params: ["folder_id_pending"] });
  });
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  return { folder: id, mark, newerExists: statements.get(incomplete, nowMs - keptMs) !== undefined };
}

/** Whether all that the last run committed is in the database, as far as the blobs know; says so when it is not. */
function isComplete(
  { database, mark }: Found,
  statements: Statements,
  { folder, log }: { readonly folder: string; readonly log: Log },
): boolean {
  // Nothing was marked before there were runs.
  if (database?.run === undefined || database.id === undefined) return true;
  const facts = { folder, commits: database.commits };
  if (mark === undefined || mark.folder !== database.id) {
    log.warn(
      { ...facts, file: markPath(folder) },
      "the mark of the last commit is missing or damaged: whether the database lost any is not known; nothing of the last run is swept",
    );
    return false;
  }
  const sameRun = mark.run === database.run;
  if (sameRun ? mark.commits > database.commits : statements.get(knownRun, mark.run) === undefined) {
    log.error(
      { ...facts, known: mark.commits, lost: sameRun ? mark.commits - database.commits : undefined },
      "the database is older than its blobs: it does not have commits that were acknowledged. If that was not meant, stop the server and put " +
        "back the newer signalbox.db with its -wal file; bytes that it refers to are kept meanwhile. If it was, say so with signalbox adopt",
    );
    return false;
  }
  if (mark.commits < database.commits - 1) {
    log.warn(
      { ...facts, known: mark.commits },
      "the blobs are older than the database, as after a backup was put back: signalbox check tells whether bytes of objects are missing",
    );
  }
  return true;
}
