import { readdirSync, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { asError, SignalboxError } from "../../errors.ts";
import { closeToOthers, privateDataFolder, privateFile } from "../../folder/private-folder.ts";
import { lockDamaged } from "../../folder/refusals.ts";
import { isBusy, refusedBySystem } from "../../folder/system-refusals.ts";
import { isDamage } from "./damage.ts";

/** Files of the embedded store inside the data folder. */
export const databaseFile = "signalbox.db";
const lockFile = "lock.db";

/** Of the database's files; 0 for one that is not there. */
export async function databaseSizes(
  folder: string,
): Promise<{ readonly databaseBytes: number; readonly logBytes: number }> {
  const path = join(folder, databaseFile);
  const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => undefined))?.size ?? 0;
  return { databaseBytes: await sizeOf(path), logBytes: await sizeOf(`${path}-wal`) };
}

/**
 * Locks a data folder for this process by an exclusive transaction on `lock.db`. The kernel frees it when the process ends,
 * however it ends; a pid file would not. (`locking_mode=EXCLUSIVE` on the database itself would refuse our own second
 * connection.) Waits at most `waitMs`, then throws `conflict` naming the folder. What other users of the machine may do with the
 * folder and what is in it is taken from them; so a folder of something else is refused.
 */
export function lockFolder(folder: string, waitMs: number): Disposable {
  privateDataFolder(folder);
  const path = join(folder, lockFile);
  let db: DatabaseSync | undefined;
  try {
    privateFile(path);
    db = new DatabaseSync(path, { timeout: waitMs });
    // Without a journal on disk, which a full one has no room for: nothing is ever written.
    db.exec("PRAGMA journal_mode = MEMORY");
    db.exec("BEGIN EXCLUSIVE");
    closeToOthers(folder);
  } catch (thrown) {
    db?.close();
    if (isDamage(thrown)) throw lockDamaged(path, thrown);
    if (!isBusy(thrown)) throw refusedBySystem(thrown, { folder, path }) ?? thrown;
    throw new SignalboxError(
      "conflict",
      `the data folder ${folder} is in use by another Signalbox process: stop that one, or choose another folder with SIGNALBOX_DATA`,
      { cause: asError(thrown) },
    );
  }
  const opened = db;
  return { [Symbol.dispose]: () => opened.close() };
}

/** The connection that writes. WAL with an fsync for each commit is what "durable" rests on, so it is asserted, not assumed. */
export function openWriter(path: string): DatabaseSync {
  // SQLite gives -wal and -shm the mode of this one.
  privateFile(path);
  const db = new DatabaseSync(path, { timeout: 5_000 });
  // Takes effect only before the first table exists; later it is a no-op.
  db.exec("PRAGMA auto_vacuum = INCREMENTAL");
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = FULL");
  db.exec("PRAGMA wal_autocheckpoint = 4000");
  db.exec("PRAGMA cache_size = -32000");
  db.exec("PRAGMA temp_store = MEMORY");
  const journal = db.prepare("PRAGMA journal_mode").get()?.["journal_mode"];
  const synchronous = db.prepare("PRAGMA synchronous").get()?.["synchronous"];
  if (journal !== "wal" || synchronous !== 2) {
    db.close();
    throw new Error(
      `SQLite refused durable settings: journal_mode=${String(journal)}, synchronous=${String(synchronous)}`,
    );
  }
  return db;
}

export function openReader(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  db.exec("PRAGMA cache_size = -16000");
  return db;
}

const migrations = new URL("../migrations/", import.meta.url);

interface Migration {
  readonly number: number;
  readonly name: string;
  /** Read when it is asked for. */
  readonly sql: string;
}

/** The numbered files, `0001_init.sql` first. */
export function migrationFiles(): Migration[] {
  return readdirSync(migrations)
    .filter((name) => /^\d{4}_.+\.sql$/.test(name))
    .sort()
    .map((name) => ({
      number: Number(name.slice(0, 4)),
      name,
      get sql() {
        return readFileSync(new URL(name, migrations), "utf8");
      },
    }));
}

/**
 * Brings the database to the newest schema, each step in a transaction of its own, and a new database in one; refuses one that a newer
 * Signalbox made.
 */
export function migrate(db: DatabaseSync): void {
  const files = migrationFiles();
  const newest = files.at(-1)?.number ?? 0;
  const current = Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (current > newest) {
    throw new SignalboxError(
      "conflict",
      `the database has schema ${current}, made by a newer Signalbox; this one knows ${newest}: upgrade, or restore a backup`,
    );
  }
  const missing = files.filter(({ number }) => number > current);
  for (const together of current === 0 ? [missing] : missing.map((migration) => [migration])) run(db, together);
}

function run(db: DatabaseSync, migrations: readonly Migration[]): void {
  let running = "";
  db.exec("BEGIN IMMEDIATE");
  try {
    for (const { number, name, sql } of migrations) {
      running = name;
      db.exec(sql);
      db.exec(`PRAGMA user_version = ${number}`);
    }
    db.exec("COMMIT");
  } catch (thrown) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw new Error(`migration ${running} failed: ${asError(thrown).message}`, { cause: thrown });
  }
}
