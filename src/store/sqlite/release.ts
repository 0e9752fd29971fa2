import type { DatabaseSync } from "node:sqlite";
import type { Statements } from "./statements.ts";

/** Free pages that stay for the next writes, so that the file does not shrink and grow by turns: 1 MiB, or a twentieth. */
function cushionPages(pages: number, pageBytes: number): number {
  return Math.max(Math.ceil(1_048_576 / pageBytes), Math.floor(pages / 20));
}

/** Gives at most `bytes` of free pages back to the disk; false when there are none beyond the cushion. */
export function releaseStep(db: DatabaseSync, statements: Statements, bytes: number): boolean {
  const pragma = (name: string): number => Number(Object.values(statements.get(`PRAGMA ${name}`) ?? {})[0] ?? 0);
  const pageBytes = pragma("page_size");
  const spare = pragma("freelist_count") - cushionPages(pragma("page_count"), pageBytes);
  if (spare <= 0) return false;
  const pages = Math.min(spare, Math.max(1, Math.floor(bytes / pageBytes)));
  db.exec(`PRAGMA incremental_vacuum(${pages})`);
  // The file itself shrinks at a checkpoint.
  if (pages === spare) db.exec("PRAGMA wal_checkpoint(PASSIVE)");
  return true;
}
