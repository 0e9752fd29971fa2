import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseBlobId } from "../blobs/blobs.ts";

/** Every file of a blob below `blobs/`, those that were put aside too. */
export function* blobFiles(blobs: string): Generator<{ readonly id: string; readonly aside: boolean }> {
  for (const name of foldersIn(blobs)) {
    if (/^[\da-f]{2}$/.test(name)) yield* blobsIn(join(blobs, name), false);
  }
  const quarantine = join(blobs, "quarantine");
  for (const day of foldersIn(quarantine)) yield* blobsIn(join(quarantine, day), true);
}

function* blobsIn(folder: string, aside: boolean): Generator<{ readonly id: string; readonly aside: boolean }> {
  for (const name of readdirSync(folder)) if (parseBlobId(name) !== undefined) yield { id: name, aside };
}

/** Where a blob lies; `undefined`: nowhere. */
export function pathOfBlob(blobs: string, id: string): string | undefined {
  const own = join(blobs, id.slice(0, 2), id);
  const quarantine = join(blobs, "quarantine");
  const places = [own, ...foldersIn(quarantine).map((day) => join(quarantine, day, id))];
  return places.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

function foldersIn(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

const pieceBytes = 2 ** 20;

/** Of a whole file. Throws when the disk does not give it. */
export function md5Of(path: string): Buffer {
  const hash = createHash("md5");
  const buffer = Buffer.alloc(pieceBytes);
  const file = openSync(path, "r");
  try {
    for (;;) {
      const read = readSync(file, buffer, 0, pieceBytes, null);
      if (read === 0) return hash.digest();
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
}
