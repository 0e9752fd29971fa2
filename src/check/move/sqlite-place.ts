import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { SignalboxError } from "../../errors.ts";
import { fileText, syncFolderOf, writeDurably } from "../../folder/durable-file.ts";
import { blobsFolder, idPath, readFolderId, writeFolderId } from "../../folder/identity.ts";
import { checkFile } from "../../open-folder/secret-key.ts";
import { refersToFolder } from "../../store/postgres/run.ts";
import type { Row, Sql } from "../../store/sql/step.ts";
import { databaseFile, lockFolder, migrate, openWriter } from "../../store/sqlite/open.ts";
import {
  type AgreedTarget,
  agreedName,
  type Belongings,
  keyOf,
  type MoveSource,
  type MoveTarget,
  metaKeys,
  sqlName,
  type Table,
} from "./place.ts";

const movedFile = `${databaseFile}.moved`;
const movingFile = `${databaseFile}.moving`;

class Folder implements MoveSource {
  protected readonly db: DatabaseSync;
  protected readonly folder: string;
  readonly #lock: Disposable;

  constructor(db: DatabaseSync, folder: string, lock: Disposable) {
    this.db = db;
    this.folder = folder;
    this.#lock = lock;
  }

  async tables(): Promise<readonly Table[]> {
    const names = this.db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all();
    return names
      .map(({ name }) => String(name))
      .map((name) => {
        const columns = this.db.prepare(`SELECT name, pk FROM pragma_table_info(?) ORDER BY cid`).all(name);
        const key = columns.filter(({ pk }) => pk !== 0).toSorted((a, b) => Number(a["pk"]) - Number(b["pk"]));
        const named = (all: typeof columns): string[] => all.map((column) => String(column["name"]));
        return { name, columns: named(columns), key: named(key) };
      });
  }

  async count(table: Table): Promise<number> {
    return Number(this.db.prepare(`SELECT count(*) AS n FROM ${sqlName(table.name)}${only(table)}`).get()?.["n"]);
  }

  async rows(table: Table, after: readonly Sql[] | undefined, max: number): Promise<readonly Row[]> {
    const key = table.key.map(sqlName).join(", ");
    const columns = table.columns.map(sqlName).join(", ");
    const behind = after === undefined ? "" : `(${key}) > (${table.key.map(() => "?").join(", ")})`;
    const which = [only(table).replace(" WHERE ", ""), behind].filter((part) => part !== "").join(" AND ");
    const sql = `SELECT ${columns} FROM ${sqlName(table.name)}${which === "" ? "" : ` WHERE ${which}`} ORDER BY ${key} LIMIT ${max}`;
    return this.db.prepare(sql).all(...((after ?? []) as SQLInputValue[])) as unknown as Row[];
  }

  async belongings(): Promise<Belongings> {
    const meta = (key: string): unknown => this.db.prepare("SELECT value FROM meta WHERE key = ?").get(key)?.["value"];
    const identity = meta("folder_id");
    return {
      lastSequence: Number(meta("last_sequence") ?? 0),
      identity: typeof identity === "string" ? identity : undefined,
      secretCheck: fileText(join(this.folder, checkFile))?.trim(),
      refersToFolder: this.db.prepare(refersToFolder).get() !== undefined,
    };
  }

  async retire(): Promise<string> {
    this.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    this.db.close();
    const name = freeName(this.folder);
    renameSync(join(this.folder, databaseFile), join(this.folder, name));
    syncFolderOf(join(this.folder, name));
    return `the database of ${this.folder} is kept as ${name}, and no server starts on it: delete it when it is not needed any more`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.db.isOpen) this.db.close();
    this.#lock[Symbol.dispose]();
  }
}

/** An older one that was put aside is not lost for it. */
function freeName(folder: string): string {
  let name = movedFile;
  for (let number = 2; existsSync(join(folder, name)); number += 1) name = `${movedFile}.${number}`;
  return name;
}

/** No server is running: what the last one committed is all here. */
function endRuns(db: DatabaseSync): void {
  db.prepare("UPDATE run SET ended_ms = started_ms, complete = 1 WHERE ended_ms IS NULL").run();
}

/** Of `meta`, what means the same elsewhere. */
function only({ name }: Table): string {
  return name === "meta" ? ` WHERE key IN (${metaKeys.map((key) => `'${key}'`).join(", ")})` : "";
}

/** A data folder that no server uses. */
export function sourceFolder(folder: string): MoveSource {
  if (!existsSync(join(folder, databaseFile))) {
    const moved = existsSync(join(folder, movedFile)) ? `: it was moved, and what it was is ${movedFile}` : "";
    throw new SignalboxError("not_found", `there is no database in ${folder}${moved}`);
  }
  const lock = lockFolder(folder, 0);
  const db = openWriter(join(folder, databaseFile));
  migrate(db);
  endRuns(db);
  return new Folder(db, folder, lock);
}

class NewFolder extends Folder implements MoveTarget {
  readonly #path: string;
  readonly #final: string;

  constructor(db: DatabaseSync, folder: string, lock: Disposable) {
    super(db, folder, lock);
    this.#path = join(folder, movingFile);
    this.#final = join(folder, databaseFile);
  }

  async begun(): Promise<ReadonlyMap<string, readonly Sql[]>> {
    const rows = this.db.prepare("SELECT name, behind FROM move_progress").all();
    return new Map(rows.map(({ name, behind }) => [String(name), JSON.parse(String(behind)) as Sql[]]));
  }

  async put(table: Table, rows: readonly Row[]): Promise<void> {
    const last = rows.at(-1);
    if (last === undefined) return;
    const columns = table.columns.map(sqlName).join(", ");
    const marks = table.columns.map(() => "?").join(", ");
    const insert = this.db.prepare(`INSERT OR REPLACE INTO ${sqlName(table.name)} (${columns}) VALUES (${marks})`);
    this.db.exec("BEGIN IMMEDIATE");
    for (const row of rows) insert.run(...table.columns.map((column) => (row[column] ?? null) as SQLInputValue));
    this.db
      .prepare("INSERT OR REPLACE INTO move_progress (name, behind) VALUES (?, ?)")
      .run(table.name, JSON.stringify(keyOf(table, last)));
    this.db.exec("COMMIT");
  }

  async agree(belongings: Belongings): Promise<void> {
    this.db
      .prepare("INSERT OR REPLACE INTO move_progress (name, behind) VALUES (?, ?)")
      .run(agreedName, JSON.stringify(belongings));
  }

  async finish({ lastSequence, identity, secretCheck }: Belongings): Promise<void> {
    const put = this.db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)");
    put.run("last_sequence", lastSequence);
    if (identity !== undefined) this.#identify(identity, put);
    if (secretCheck !== undefined) writeDurably(join(this.folder, checkFile), `${secretCheck}\n`);
    endRuns(this.db);
    const triggers = this.db.prepare("SELECT sql FROM move_trigger").all();
    this.db.exec("BEGIN IMMEDIATE");
    for (const { sql } of triggers) this.db.exec(String(sql));
    this.db.exec("DROP TABLE move_trigger; DROP TABLE move_progress; COMMIT");
    this.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    this.db.close();
    renameSync(this.#path, this.#final);
    syncFolderOf(this.#final);
  }

  /** Also in a folder that is new, as where bytes lie in a bucket: a start wants to see whose it is. */
  #identify(id: string, put: StatementSync): void {
    put.run("folder_id", id);
    for (const place of ["blobs", "folder"] as const) {
      if (readFolderId(this.folder, place) === undefined) writeFolderId(this.folder, place, id);
    }
  }

  override async retire(): Promise<string> {
    throw new TypeError("a folder that is being filled is not retired");
  }
}

/** A server would refuse to start on it, when the database that was moved cannot be used any more either. */
function refuseOther(folder: string, { identity, refersToFolder: needsBlobs }: Belongings): void {
  const refuse = (what: string): SignalboxError => new SignalboxError("conflict", `${folder} ${what}`);
  if (existsSync(join(folder, databaseFile))) {
    throw refuse("has a database: move it away and keep it, or name another folder");
  }
  if (identity === undefined) return;
  const name = "name the data folder that was used with the database";
  for (const place of ["folder", "blobs"] as const) {
    const id = readFolderId(folder, place);
    if (id !== undefined && id !== identity)
      throw refuse(`belongs to another store (${idPath(folder, place)}): ${name}`);
  }
  if (needsBlobs && readFolderId(folder, "blobs") === undefined) {
    throw refuse(`has not the bytes of the objects: ${name}, or bring its ${blobsFolder}/ here before`);
  }
}

/** A data folder without a database, or with one that a move has begun. Counters are moved as they are, so nothing counts meanwhile. */
export function newFolder(folder: string, belongings: Belongings): MoveTarget {
  const lock = lockFolder(folder, 0);
  try {
    refuseOther(folder, belongings);
  } catch (thrown) {
    lock[Symbol.dispose]();
    throw thrown;
  }
  const db = openWriter(join(folder, movingFile));
  migrate(db);
  db.exec("PRAGMA foreign_keys = OFF");
  db.exec("BEGIN IMMEDIATE");
  db.exec("CREATE TABLE IF NOT EXISTS move_progress (name TEXT PRIMARY KEY, behind TEXT NOT NULL) STRICT");
  db.exec("CREATE TABLE IF NOT EXISTS move_trigger (name TEXT PRIMARY KEY, sql TEXT NOT NULL) STRICT");
  db.exec("INSERT OR IGNORE INTO move_trigger SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'");
  for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all()) {
    db.exec(`DROP TRIGGER ${sqlName(String(name))}`);
  }
  db.exec("COMMIT");
  return new NewFolder(db, folder, lock);
}

/** One that has everything, and waits to be made whole; `undefined`: there is none. */
export function agreedFolder(folder: string): AgreedTarget | undefined {
  if (!existsSync(join(folder, movingFile))) return undefined;
  const lock = lockFolder(folder, 0);
  const db = openWriter(join(folder, movingFile));
  const row = db.prepare("SELECT behind FROM move_progress WHERE name = ?").get(agreedName);
  if (row !== undefined) {
    return { target: new NewFolder(db, folder, lock), belongings: JSON.parse(String(row["behind"])) as Belongings };
  }
  db.close();
  lock[Symbol.dispose]();
  return undefined;
}
