import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { asError, type SignalboxError } from "../../errors.ts";
import { type CommitMark, markPath, readMark } from "../../folder/commit-mark.ts";
import { blobsFolder, idPath, readFolderId } from "../../folder/identity.ts";
import * as refusals from "../../folder/refusals.ts";
import { refusedBySystem } from "../../folder/system-refusals.ts";
import { isDamage } from "./damage.ts";
import { databaseFile } from "./open.ts";

/** What is in a data folder before anything in it is written. */
export interface Found {
  /** `undefined`: there is no database, and nothing that belongs to one. */
  readonly database: FoundDatabase | undefined;
  readonly ids: { readonly folder: string | undefined; readonly blobs: string | undefined };
  readonly mark: CommitMark | undefined;
}

interface FoundDatabase {
  /** `undefined`: made by a version that knew of no identity, or by a first start that was cut off. */
  readonly id: string | undefined;
  /** The identity is in the database, and was perhaps not yet written elsewhere. */
  readonly pending: boolean;
  readonly run: string | undefined;
  readonly commits: number;
  readonly refersToBlobs: boolean;
}

const magic = "SQLite format 3\0";
const walHeaderBytes = 32;
const frameHeaderBytes = 24;

/**
 * Looks whether what lies in a folder belongs together, without changing anything: SQLite itself would take a missing or empty database for
 * a new one, and write a log that belongs to another database into this one. The caller holds the folder's lock.
 *
 * @param adopting whose blobs and key those are is about to be said by the operator: they may be another's
 * @throws SignalboxError `conflict` with the remedy
 */
export function inspectFolder(folder: string, { adopting = false }: { readonly adopting?: boolean } = {}): Found {
  const path = join(folder, databaseFile);
  const ids = { folder: readFolderId(folder, "folder"), blobs: readFolderId(folder, "blobs") };
  const mark = readMark(markPath(folder));
  const bytes = sizeOf(path);
  if (bytes === undefined || bytes === 0) {
    const shows = signOfUse(folder);
    if (shows === undefined) return { database: undefined, ids, mark };
    throw refusals.databaseMissing(path, bytes === undefined ? "missing" : "empty", shows);
  }
  checkHeader(path, bytes);
  const database = readDatabase(path);
  if (database === undefined) {
    const shows = signOfUse(folder);
    if (shows !== undefined) throw refusals.databaseMissing(path, "empty", shows);
  } else if (!adopting) checkIdentity(folder, database, ids);
  return { database, ids, mark };
}

/** Some file that only a folder has which was in use. */
function signOfUse(folder: string): string | undefined {
  const signs = [idPath(folder, "folder"), idPath(folder, "blobs"), markPath(folder), join(folder, "secret.check")];
  const wal = `${join(folder, databaseFile)}-wal`;
  if ((sizeOf(wal) ?? 0) > 0) return wal;
  return signs.find((path) => existsSync(path)) ?? aBlob(join(folder, blobsFolder));
}

function aBlob(blobs: string): string | undefined {
  if (!existsSync(blobs)) return undefined;
  for (const name of readdirSync(blobs)) {
    if (!/^[\da-f]{2}$/.test(name)) continue;
    const [first] = readdirSync(join(blobs, name));
    if (first !== undefined) return join(blobs, name, first);
  }
  return undefined;
}

/** What the first page says of the file: that it is a database, and how long it is. */
function checkHeader(path: string, bytes: number): void {
  const header = Buffer.alloc(100);
  const file = open(path);
  try {
    readSync(file, header, 0, 100, 0);
  } catch (thrown) {
    throw unusable(path, thrown);
  } finally {
    closeSync(file);
  }
  if (header.toString("latin1", 0, 16) !== magic) throw refusals.databaseDamaged(path, "it is no SQLite database");
  const stated = header.readUInt16BE(16);
  const pageBytes = stated === 1 ? 65_536 : stated;
  const pages = header.readUInt32BE(28);
  // The log may hold the pages that a checkpoint had not yet come to.
  const logged = Math.max(0, (sizeOf(`${path}-wal`) ?? 0) - walHeaderBytes) / (pageBytes + frameHeaderBytes);
  if (bytes + Math.floor(logged) * pageBytes < pages * pageBytes) {
    throw refusals.databaseDamaged(
      path,
      `it has ${bytes} bytes, and should have ${pages * pageBytes}: its end is missing`,
    );
  }
}

function open(path: string): number {
  try {
    return openSync(path, "r");
  } catch (thrown) {
    throw unusable(path, thrown);
  }
}

function unusable(path: string, thrown: unknown): SignalboxError {
  const refused = refusedBySystem(thrown, { folder: dirname(path), path });
  return refused ?? refusals.databaseUnusable(path, asError(thrown).message, thrown);
}

/** The database with its log, which must be its own; `undefined` when there is no table in it. */
function readDatabase(path: string): FoundDatabase | undefined {
  const logged = (sizeOf(`${path}-wal`) ?? 0) > walHeaderBytes;
  const whole = reading(path, path, readMeta);
  if (whole === undefined) return undefined;
  if ("lacks" in whole) throw refusals.databaseDamaged(path, lacking(whole));
  if (logged && whole.meta.get("run") !== undefined) {
    // Each run of the server writes its mark into the file itself before it writes into the log.
    const alone = metaAlone(path);
    const run = whole.meta.get("run");
    if (alone === "half") {
      if (!reading(path, path, isSound)) throw refusals.walOfAnother(path);
    } else if (run !== alone?.get("run") && run !== alone?.get("opening")) throw refusals.walOfAnother(path);
  }
  const { meta, refersToBlobs } = whole;
  const text = (key: string): string | undefined => (meta.has(key) ? String(meta.get(key)) : undefined);
  return {
    id: text("folder_id"),
    pending: meta.get("folder_id_pending") === 1,
    run: text("run"),
    commits: Number(meta.get("commits") ?? 0),
    refersToBlobs,
  };
}

/**
 * What the file says without its log. Half of it may have been brought up to date when the disk was full, or the process killed: then only
 * the log makes it whole, and that the two are sound together says that they belong together.
 */
function metaAlone(path: string): ReadonlyMap<string, unknown> | "half" | undefined {
  const url = pathToFileURL(path);
  url.searchParams.set("immutable", "1");
  try {
    const found = using(url, readMeta);
    if (found === undefined) return undefined;
    return "lacks" in found ? "half" : found.meta;
  } catch (thrown) {
    if (isDamage(thrown)) return "half";
    throw unusable(path, thrown);
  }
}

/** Reads all of it. */
function isSound(db: DatabaseSync): boolean {
  return Object.values(db.prepare("PRAGMA quick_check(1)").get() ?? {})[0] === "ok";
}

interface Meta {
  readonly meta: ReadonlyMap<string, unknown>;
  readonly refersToBlobs: boolean;
}

/** A database of another program. */
interface Foreign {
  /** The table that it has not. */
  readonly lacks: string;
}

function lacking({ lacks }: Foreign): string {
  return `it has no table ${lacks}: it is no database of Signalbox`;
}

function readMeta(db: DatabaseSync): Meta | Foreign | undefined {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  if (tables.length === 0) return undefined;
  const names = new Set(tables.map(({ name }) => name));
  for (const needed of ["meta", "piece", "part"]) {
    if (!names.has(needed)) return { lacks: needed };
  }
  const rows = db.prepare("SELECT key, value FROM meta").all();
  const referring = db.prepare("SELECT 1 WHERE EXISTS (SELECT 1 FROM piece) OR EXISTS (SELECT 1 FROM part)").get();
  return {
    meta: new Map(rows.map(({ key, value }) => [String(key), value])),
    refersToBlobs: referring !== undefined,
  };
}

function using<T>(location: string | URL, read: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(location, { readOnly: true, timeout: 5_000 });
  try {
    return read(db);
  } finally {
    db.close();
  }
}

/** Without writing: the log stays as it is. */
function reading<T>(path: string, location: string | URL, read: (db: DatabaseSync) => T): T {
  try {
    return using(location, read);
  } catch (thrown) {
    const { message } = asError(thrown);
    if (isDamage(thrown)) throw refusals.databaseDamaged(path, message, thrown);
    throw unusable(path, thrown);
  }
}

function checkIdentity(folder: string, { id, pending, refersToBlobs }: FoundDatabase, ids: Found["ids"]): void {
  const path = join(folder, databaseFile);
  const blobs = join(folder, blobsFolder);
  if (pending) return;
  if (id === undefined) {
    if (ids.folder !== undefined || ids.blobs !== undefined) throw refusals.databaseOfAnother(path, folder);
    return;
  }
  const others = [ids.folder, ids.blobs].filter((other) => other !== undefined && other !== id);
  if (others.length === 2 || (others.length === 1 && ids.folder !== id && ids.blobs !== id)) {
    throw refusals.databaseOfAnother(path, folder);
  }
  if (ids.blobs !== undefined && ids.blobs !== id) throw refusals.blobsOfAnother(blobs, folder);
  if (ids.folder !== undefined && ids.folder !== id) throw refusals.folderOfAnother(idPath(folder, "folder"), folder);
  if (ids.blobs === undefined && refersToBlobs) throw refusals.blobsMissing(blobs, folder);
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}
