import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileText, writeDurably } from "./durable-file.ts";

/**
 * A data folder has an identity: 32 random hex digits, made with its database and kept in three places: in the database, in `blobs/`,
 * and in the folder itself, beside the key. So a start sees when one of them came from elsewhere.
 */
const idFile = "folder.id";
const idForm = /^[0-9a-f]{32}$/;

/** Of the bytes of objects, below the data folder. */
export const blobsFolder = "blobs";

type FolderPlace = "folder" | "blobs";

/** Where the identity is written, beside the key (`folder`) or beside the blobs. */
export function idPath(folder: string, place: FolderPlace): string {
  return place === "folder" ? join(folder, idFile) : join(folder, blobsFolder, idFile);
}

/** `undefined`: there is none, or what is there is none. */
export function readFolderId(folder: string, place: FolderPlace): string | undefined {
  const text = fileText(idPath(folder, place))?.trim() ?? "";
  return idForm.test(text) ? text : undefined;
}

/** Durably; makes `blobs/` when it is not there. */
export function writeFolderId(folder: string, place: FolderPlace, id: string): void {
  if (place === "blobs") mkdirSync(join(folder, blobsFolder), { recursive: true, mode: 0o700 });
  writeDurably(idPath(folder, place), `${id}\n`);
}
