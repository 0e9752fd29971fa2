import { rmSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { parseBlobId, runOf } from "../blobs/blobs.ts";
import { writerOf } from "../blobs/bodies.ts";
import type { Clock } from "../clock.ts";
import { SignalboxError } from "../errors.ts";
import { MarkWriter, markPath } from "../folder/commit-mark.ts";
import { blobsFolder, writeFolderId } from "../folder/identity.ts";
import { type Keys, openVault, vaultOf, writeCheck } from "../open-folder/secret-key.ts";
import { inspectFolder } from "../store/sqlite/inspect.ts";
import { databaseFile, lockFolder, migrate, openWriter } from "../store/sqlite/open.ts";
import { transaction } from "../store/sqlite/transaction.ts";
import { blobFiles } from "./blob-files.ts";
import { liesInBucket, type OpenBucket, openedBucket } from "./bucket.ts";
import { mustExist, reached } from "./check.ts";
import { unopened } from "./seals.ts";

const put = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";

/**
 * Says that the database, the blobs and the key that lie in a folder belong together, and that there is no newer database: blobs that this one
 * does not refer to are swept from the next start on. Throws `conflict`, having changed nothing, when the folder is in use, has no sound
 * database, or its key does not open what was sealed.
 *
 * @param keys `SIGNALBOX_SECRET_KEY` and the previous one, when they are set
 */
export async function adoptFolder(
  folder: string,
  { keys, clock, bucket }: { readonly keys: Keys; readonly clock: Clock; readonly bucket?: OpenBucket | undefined },
): Promise<void> {
  mustExist(folder);
  using _lock = lockFolder(folder, 0);
  const { database } = inspectFolder(folder, { adopting: true });
  if (database === undefined) {
    throw new SignalboxError(
      "conflict",
      `there is no database in ${folder}: there is nothing that its files could belong to`,
    );
  }
  const db = openWriter(join(folder, databaseFile));
  try {
    migrate(db);
    const vault = vaultOf(folder, keys);
    const { all, failed } = unopened(db, vault);
    if (failed > 0) {
      // What is missing or wrong is reported as a start would report it.
      openVault(folder, keys, true);
      throw new SignalboxError(
        "conflict",
        `the key does not open ${failed} of ${all} secrets in ${folder}: set SIGNALBOX_SECRET_KEY to the key that was used before`,
      );
    }
    const id = database.id ?? Buffer.from(clock.bytes(16)).toString("hex");
    const run = database.run ?? Buffer.from(clock.bytes(6)).toString("hex");
    know(db, [...runsOfBlobs(folder), ...(await runsInBucket(folder, db, bucket)), run], clock.now());
    transaction(db, () => {
      db.prepare(put).run("folder_id", id);
      db.prepare(put).run("run", run);
      db.prepare(put).run("opening", run);
      db.prepare("DELETE FROM meta WHERE key = 'folder_id_pending'").run();
    });
    writeFolderId(folder, "blobs", id);
    writeFolderId(folder, "folder", id);
    rmSync(markPath(folder), { force: true });
    const marks = new MarkWriter(markPath(folder), { folder: id, run });
    marks.write(database.commits);
    marks.close();
    if (all > 0 && vault !== undefined) writeCheck(folder, vault);
  } finally {
    db.close();
  }
}

/** Of the server that used the bucket last, too. */
async function runsInBucket(folder: string, db: DatabaseSync, bucket: OpenBucket | undefined): Promise<Set<string>> {
  const runs = new Set<string>();
  if (bucket === undefined && !liesInBucket(db)) return runs;
  const bodies = await openedBucket(folder, bucket);
  try {
    const owner = await bodies.owner();
    if (owner !== undefined) runs.add(owner.run);
    for await (const page of bodies.all(new AbortController().signal)) {
      for (const { body } of page) runs.add(writerOf(body));
    }
    return runs;
  } catch (thrown) {
    throw thrown instanceof SignalboxError ? reached(thrown) : thrown;
  } finally {
    await bodies.close();
  }
}

function runsOfBlobs(folder: string): Set<string> {
  const runs = new Set<string>();
  for (const { id } of blobFiles(join(folder, blobsFolder))) {
    const blob = parseBlobId(id);
    if (blob !== undefined) runs.add(runOf(blob));
  }
  return runs;
}

function know(db: DatabaseSync, runs: readonly string[], nowMs: number): void {
  const add = db.prepare("INSERT OR IGNORE INTO run (mark, started_ms) VALUES (?, ?)");
  transaction(db, () => {
    for (const run of runs) add.run(run, nowMs);
    db.prepare("UPDATE run SET complete = 1, ended_ms = coalesce(ended_ms, ?)").run(nowMs);
  });
}
