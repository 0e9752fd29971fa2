import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { asError, SignalboxError } from "../errors.ts";
import { type Keys, openVault, vaultOf } from "../open-folder/secret-key.ts";
import type { Vault } from "../secrets/vault.ts";
import { type Found, inspectFolder } from "../store/sqlite/inspect.ts";
import { databaseFile, lockFolder } from "../store/sqlite/open.ts";
import { bytesInBucket, checkListed, liesInBucket, type OpenBucket, openedBucket } from "./bucket.ts";
import { bytesInFolder, checkBytes, checkOthers } from "./bytes.ts";
import type { Finding } from "./finding.ts";
import { type Progress, unseen } from "./progress.ts";
import { unopened } from "./seals.ts";

interface CheckOptions {
  /** `SIGNALBOX_SECRET_KEY` and the previous one, when they are set. */
  readonly keys: Keys;
  readonly progress?: Progress;
  /** The bucket of `SIGNALBOX_BLOBS`, when it is set. */
  readonly bucket?: OpenBucket | undefined;
  /** What is to be done about bytes in a bucket. Default: they are read. */
  readonly inBucket?: "read" | "listed" | "left";
}

const restore = "keep the file, and put back a backup of the database";

/**
 * Looks through a data folder that no server uses, and changes nothing in it: whether its parts belong together, the database is sound and
 * has all commits that the blobs know of, the bytes of every object are there and are those that were written, and the key opens
 * what was sealed. Reads every byte of every object, unless they lie in a bucket and it is told not to. Throws `conflict` when the folder is in use or is
 * none, and `unavailable` when the bucket cannot be reached.
 */
export async function* checkFolder(folder: string, options: CheckOptions): AsyncGenerator<Finding> {
  const { keys, progress = unseen } = options;
  mustExist(folder);
  using _lock = lockFolder(folder, 0);
  let found: Found;
  try {
    found = inspectFolder(folder);
  } catch (thrown) {
    yield refused(thrown);
    return;
  }
  if (found.database === undefined) {
    yield {
      level: "note",
      what: `there is no database in ${folder}`,
      remedy: "a server that starts with it begins anew",
    };
    return;
  }
  const path = join(folder, databaseFile);
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    yield* checkDatabase(path, db);
    yield* checkCommits(found);
    yield* checkSeals(folder, db, keys);
    if (liesInBucket(db)) {
      yield* checkBucket(folder, db, options);
    } else {
      yield* checkBytes(db, bytesInFolder(folder), progress);
      yield* checkOthers(folder, db);
    }
  } catch (thrown) {
    // Of the bucket.
    if (thrown instanceof SignalboxError) throw reached(thrown);
    yield { level: "damage", what: `${path} cannot be read (${asError(thrown).message})`, remedy: restore };
  } finally {
    db.close();
  }
}

export function mustExist(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new SignalboxError("conflict", `there is no folder ${folder}: name the data folder (SIGNALBOX_DATA)`);
}

function refused(thrown: unknown): Finding {
  if (!(thrown instanceof SignalboxError)) throw thrown;
  const [what = "", ...remedy] = thrown.message.split(": ");
  return { level: "damage", what, remedy: remedy.join(": ") };
}

async function* checkBucket(
  folder: string,
  db: DatabaseSync,
  { bucket, inBucket = "read", progress = unseen }: CheckOptions,
): AsyncGenerator<Finding> {
  if (inBucket === "left") return;
  const bodies = await openedBucket(folder, bucket);
  try {
    if (inBucket === "listed") yield* checkListed(db, bodies);
    else yield* checkBytes(db, bytesInBucket(bodies), progress);
  } finally {
    await bodies.close();
  }
}

/** Says to the operator what the server says in its log. */
export function reached(thrown: SignalboxError): SignalboxError {
  if (!(thrown.cause instanceof Error)) return thrown;
  return new SignalboxError(thrown.code, `SIGNALBOX_BLOBS: ${thrown.cause.message}`, { cause: thrown });
}

function* checkDatabase(path: string, db: DatabaseSync): Generator<Finding> {
  for (const row of db.prepare("PRAGMA integrity_check(10)").all()) {
    const what = String(Object.values(row)[0]);
    if (what !== "ok") yield { level: "damage", what: `${path}: ${what.replaceAll("\n", " ")}`, remedy: restore };
  }
  const orphaned = db.prepare("PRAGMA foreign_key_check").all();
  if (orphaned.length > 0) {
    const tables = [...new Set(orphaned.map(({ table }) => String(table)))].join(", ");
    yield {
      level: "damage",
      what: `${path}: ${orphaned.length} rows of ${tables} refer to rows that are gone`,
      remedy: restore,
    };
  }
}

function* checkCommits({ database, mark }: Found): Generator<Finding> {
  if (database?.id === undefined) return;
  if (mark === undefined || mark.folder !== database.id) {
    const what = "the mark of the last commit, blobs/commits.mark, is missing or damaged";
    yield {
      level: "note",
      what,
      remedy: "whether the database lost commits is not known; the next start makes it anew",
    };
  } else if (mark.commits > database.commits) {
    yield {
      level: "damage",
      what: `the database has made ${database.commits} commits, and the blobs know of ${mark.commits}`,
      remedy: "put back the newer signalbox.db with its -wal file; if there is none, say so with signalbox adopt",
    };
  }
}

function* checkSeals(folder: string, db: DatabaseSync, keys: Keys): Generator<Finding> {
  let vault: Vault | undefined;
  try {
    vault = vaultOf(folder, keys);
    const { all, failed, names } = unopened(db, vault);
    if (all > 0) openVault(folder, keys, true);
    if (failed > 0) {
      const what = `${failed} of ${all} sealed secrets cannot be opened with the key (${names.join(", ")})`;
      yield {
        level: "damage",
        what,
        remedy: "set SIGNALBOX_SECRET_KEY to the key that was used before, or give these secrets anew",
      };
    }
  } catch (thrown) {
    yield refused(thrown);
  }
}
