import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import type { Clock } from "../clock.ts";
import { SignalboxError } from "../errors.ts";
import { type CommitMark, MarkWriter, markPath, readMark } from "../folder/commit-mark.ts";
import { blobsFolder, idPath, readFolderId, writeFolderId } from "../folder/identity.ts";
import type { Log } from "../log.ts";
import { beginRun, type KnownRuns, knownRuns } from "../store/postgres/run.ts";
import { putSetting, settingOf } from "../store/postgres/setting.ts";
import { sequencesPerMs } from "../store/sql/events-sql.ts";
import { databaseFile } from "../store/sqlite/open.ts";
import type { Run } from "../store/sqlite/run.ts";

/** A data folder whose database is in PostgreSQL: that the two belong together, and what each has lost of the last run. */

/** For so long what may still be needed is kept. */
const keptMs = 7 * 86_400_000;
const anew = "to begin anew, name an empty folder with SIGNALBOX_DATA and an empty database with SIGNALBOX_STORE";

/** Throws `conflict` where the folder has a database of its own, which would be left aside. The caller holds its lock. */
export function refuseOwnDatabase(folder: string): void {
  const path = join(folder, databaseFile);
  if (!existsSync(path)) return;
  throw new SignalboxError(
    "conflict",
    `${path} is a database of this folder's own, which SIGNALBOX_STORE would leave aside: start without SIGNALBOX_STORE, or name another folder with SIGNALBOX_DATA`,
  );
}

export interface RunOn {
  readonly run: Run;
  /** Of the last sequence. The caller closes it. */
  readonly marks: MarkWriter;
}

interface Opening {
  readonly folder: string;
  /** Of the run that begins. */
  readonly mark: string;
  /** The marks of other nodes that work on the database. */
  readonly others: readonly string[];
  /** How long events are kept at the least. */
  readonly retentionMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Begins a run on a folder, which is this process's, and the database, which others may work on too. Writes the identity where there is none yet.
 *
 * @throws SignalboxError `conflict`, with the remedy: they do not belong together
 */
export async function openRunOn(client: Client, opening: Opening): Promise<RunOn> {
  const { folder, mark, others, clock } = opening;
  const ids = { folder: readFolderId(folder, "folder"), blobs: readFolderId(folder, "blobs") };
  const known = await knownRuns(client);
  const found = await settingOf(client, "identity");
  if (found === undefined) refuseUsed(folder);
  else checkTogether(folder, { id: found, ids, ...known });
  const id = found ?? Buffer.from(clock.bytes(16)).toString("hex");
  if (found === undefined) await putSetting(client, "identity", id);
  const nowMs = clock.now();
  const last = readMark(markPath(folder));
  const complete = await isComplete(known, { ...opening, id, mark: last, nowMs });
  const lost = last !== undefined && (await known.has(last.run)) ? last.run : known.last;
  const newerExists = await beginRun(client, { mark, nowMs, sinceMs: nowMs - keptMs, others }, { lost, complete });
  if (ids.blobs !== id) writeFolderId(folder, "blobs", id);
  if (ids.folder !== id) writeFolderId(folder, "folder", id);
  const marks = new MarkWriter(markPath(folder), { folder: id, run: mark });
  marks.write(known.newest);
  return { run: { folder: id, mark, newerExists }, marks };
}

/** The database is new: the folder must be too. */
function refuseUsed(folder: string): void {
  const signs = [idPath(folder, "folder"), idPath(folder, "blobs"), markPath(folder)];
  const sign = signs.find((path) => existsSync(path));
  if (sign === undefined) return;
  throw refuse(
    `the database that SIGNALBOX_STORE names is new, although ${sign} shows that this folder was in use`,
    `name the database that it was used with; ${anew}`,
  );
}

function checkTogether(
  folder: string,
  {
    id,
    ids,
    refersToFolder,
  }: {
    readonly id: string;
    readonly ids: { readonly folder: string | undefined; readonly blobs: string | undefined };
    readonly refersToFolder: boolean;
  },
): void {
  for (const place of ["folder", "blobs"] as const) {
    if (ids[place] === undefined || ids[place] === id) continue;
    throw refuse(
      `${idPath(folder, place)} shows that this folder belongs to another database than the one that SIGNALBOX_STORE names`,
      `name the folder of this database with SIGNALBOX_DATA, or the database of this folder with SIGNALBOX_STORE; ${anew}`,
    );
  }
  if (ids.blobs === undefined && refersToFolder) {
    throw refuse(
      `${join(folder, blobsFolder)} is missing or has lost its folder.id, although the database refers to bytes in it`,
      `put back the blobs folder from where it was moved or from a backup, or name the folder of this database with SIGNALBOX_DATA; if they are lost, write ${id} into ${idPath(folder, "blobs")}: objects without their bytes are then answered with 503`,
    );
  }
}

interface Judged extends Pick<Opening, "folder" | "retentionMs" | "log"> {
  readonly id: string;
  /** Of the folder's last run. */
  readonly mark: CommitMark | undefined;
  readonly nowMs: number;
}

/** Whether all that the folder's last run committed is in the database, as far as the folder knows; says so when it is not. */
async function isComplete(known: KnownRuns, judged: Judged): Promise<boolean> {
  const { last, lastSequence, refersToFolder } = known;
  const { id, folder, mark, log } = judged;
  if (last === undefined) return true;
  const file = markPath(folder);
  if (mark === undefined || mark.folder !== id) {
    // As on another machine, where there is nothing in the folder that could be lost.
    if (!refersToFolder) return true;
    log.warn(
      { file },
      "the mark of the last commit is missing or damaged: whether the database lost any is not known; nothing of the last run is swept",
    );
    return false;
  }
  if (await isOlder(known, mark, judged)) {
    log.error(
      { file, known: mark.commits, sequence: lastSequence },
      "the database is older than the bytes of the objects: it does not have commits that were acknowledged, as after a backup was restored. Bytes that they " +
        "refer to are kept",
    );
    return false;
  }
  // Of a folder without bytes that is as it should be: others go on while it is not used.
  if (refersToFolder && mark.run !== last && mark.commits < lastSequence) {
    log.warn(
      { file },
      "the bytes of the objects are older than the database, as after a backup of the folder was put back: bytes of objects may be missing",
    );
  }
  return true;
}

/** For so long, and no longer than events are kept, it is looked for the very event that a mark is of. */
const lookedForMs = 86_400_000;

/** Whether the database lacks what a run committed: the run, all that came after some time, or, where others have gone on since, the one event. */
async function isOlder(
  { has, hasEvent, lastSequence }: KnownRuns,
  { run, commits }: CommitMark,
  { retentionMs, nowMs }: Pick<Judged, "retentionMs" | "nowMs">,
): Promise<boolean> {
  if (!(await has(run)) || commits > lastSequence) return true;
  const isKept = commits / sequencesPerMs > nowMs - Math.min(lookedForMs, retentionMs) / 2;
  return isKept && !(await hasEvent(commits));
}

function refuse(what: string, remedy: string): SignalboxError {
  return new SignalboxError("conflict", `${what}: ${remedy}. Nothing was changed.`);
}
