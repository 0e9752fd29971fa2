import { type OpenedFolder, type OpenOptions, openFolder } from "./open-folder.ts";

/**
 * Opens what the settings name: a data folder with its database in it, or one whose database is in PostgreSQL.
 *
 * @throws SignalboxError that names the remedy: `conflict` when it is another process's or another's, damaged, made by a newer Signalbox, or
 * sealed with another key; `unavailable` when the database cannot be reached.
 */
export async function openStore(options: OpenOptions): Promise<OpenedFolder> {
  const { store: url } = options.config;
  if (url === undefined) return openFolder(options);
  // Which loads a client that is not needed without.
  const { openPostgres } = await import("./open-postgres.ts");
  return openPostgres(url, options);
}
