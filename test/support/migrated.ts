/** Databases of the newest schema. To run every migration takes 26 ms of a processor, more than most tests that open a store. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databaseFile, migrate, openWriter } from "../../src/store/sqlite/open.ts";

let empty: Buffer | undefined;

/** Puts one into a data folder that has none, as a first start leaves it that was cut off after the migrations. Gives the folder. */
export function migrated(folder: string): string {
  const path = join(folder, databaseFile);
  if (existsSync(path)) return folder;
  empty ??= emptyDatabase();
  writeFileSync(path, empty, { mode: 0o600 });
  return folder;
}

function emptyDatabase(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-migrated-"));
  try {
    const path = join(folder, databaseFile);
    const db = openWriter(path);
    migrate(db);
    db.close();
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
