import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { asError } from "../errors.ts";
import { blobsFolder } from "../folder/identity.ts";
import { blobFiles, md5Of, pathOfBlob } from "./blob-files.ts";
import { type FoundBytes } from "./bucket.ts";
import type { Finding } from "./finding.ts";
import { type Progress, reported } from "./progress.ts";

const objectPieces = `SELECT o.bucket, o.key, o.etag, o.size AS whole, p.blob, p.size FROM object o
  LEFT JOIN piece p ON p.bucket = o.bucket AND p.key = o.key ORDER BY o.bucket, o.key, p.position`;
const parts = "SELECT upload, number, etag, blob, size FROM part ORDER BY upload, number";
const referred =
  "SELECT 1 WHERE EXISTS (SELECT 1 FROM piece WHERE blob = ?1) OR EXISTS (SELECT 1 FROM part WHERE blob = ?1)";

interface Piece {
  readonly blob: string;
  readonly size: number;
}

interface Whole {
  readonly name: string;
  readonly eTag: string;
  readonly size: number;
  readonly pieces: Piece[];
}

/** Whether the bytes of every object and part are there, as many as there should be, and those that their ETag was made of. */
export async function* checkBytes(db: DatabaseSync, found: FoundBytes, progress: Progress): AsyncGenerator<Finding> {
  const total = Number(db.prepare("SELECT COUNT(*) AS n FROM object").get()?.["n"] ?? 0);
  for (const whole of reported(wholes(db), { progress, doing: "reading objects", total })) {
    yield* checkWhole(found, whole);
  }
  for (const row of db.prepare(parts).iterate()) {
    const piece = { blob: String(row["blob"]), size: Number(row["size"]) };
    const name = `part ${String(row["number"])} of upload ${String(row["upload"])}`;
    yield* checkWhole(found, { name, eTag: String(row["etag"]), size: piece.size, pieces: [piece] });
  }
}

/** Bytes that lie in the data folder itself. */
export function bytesInFolder(folder: string): FoundBytes {
  const blobs = join(folder, blobsFolder);
  return {
    shown: (blob) => pathOfBlob(blobs, blob) ?? join(blobs, blob.slice(0, 2), blob),
    remedy: "put back this file from a backup of blobs/, or write the object anew",
    digest: async (blob, expected) => {
      const path = pathOfBlob(blobs, blob);
      if (path === undefined) return undefined;
      const bytes = statSync(path).size;
      if (bytes !== expected) return `has ${bytes} bytes instead of ${expected}`;
      try {
        return md5Of(path);
      } catch (thrown) {
        return `cannot be read (${asError(thrown).message})`;
      }
    },
  };
}

/** Files of blobs in the data folder that nothing refers to. */
export function* checkOthers(folder: string, db: DatabaseSync): Generator<Finding> {
  const blobs = join(folder, blobsFolder);
  const isReferred = db.prepare(referred);
  const counts = { orphans: 0, aside: 0 };
  for (const { id, aside } of blobFiles(blobs)) {
    if (isReferred.get(id) === undefined) counts[aside ? "aside" : "orphans"] += 1;
  }
  if (counts.orphans > 0) {
    yield {
      level: "note",
      what: `${counts.orphans} files in ${blobs} are referred to by nothing in this database`,
      remedy:
        "the next start puts aside those that it may; those of a newer database wait for it, or for signalbox adopt",
    };
  }
  if (counts.aside > 0) {
    yield {
      level: "note",
      what: `${counts.aside} files were put aside in ${join(blobs, "quarantine")}`,
      remedy: "they are deleted after a week; a database that is put back finds them there",
    };
  }
}

function* wholes(db: DatabaseSync): Generator<Whole> {
  let whole: Whole | undefined;
  let place = "";
  for (const row of db.prepare(objectPieces).iterate()) {
    const here = `${String(row["bucket"])}/${String(row["key"])}`;
    if (whole === undefined || here !== place) {
      if (whole !== undefined) yield whole;
      place = here;
      const name = `object ${JSON.stringify(row["key"])} of bucket ${String(row["bucket"])}`;
      whole = { name, eTag: String(row["etag"]), size: Number(row["whole"]), pieces: [] };
    }
    if (row["blob"] !== null) whole.pieces.push({ blob: String(row["blob"]), size: Number(row["size"]) });
  }
  if (whole !== undefined) yield whole;
}

async function* checkWhole(found: FoundBytes, { name, eTag, size, pieces }: Whole): AsyncGenerator<Finding> {
  const digests: Buffer[] = [];
  let damaged = false;
  const damage = (what: string): Finding => {
    damaged = true;
    return { level: "damage", what, remedy: found.remedy };
  };
  for (const { blob, size: expected } of pieces) {
    const digest = await found.digest(blob, expected);
    if (typeof digest === "object") digests.push(digest);
    else yield damage(`${found.shown(blob)} of ${name} ${digest ?? "is missing"}`);
  }
  if (damaged) return;
  const total = pieces.reduce((sum, piece) => sum + piece.size, 0);
  if (total !== size) yield damage(`the pieces of ${name} have ${total} bytes, and it should have ${size}`);
  else if (!fits(eTag, digests)) {
    const places = pieces.map(({ blob }) => found.shown(blob)).join(", ");
    yield damage(`the bytes of ${name} are not those that its ETag ${eTag} was made of (${places})`);
  }
}

/** The MD5 of the bytes, or for what was uploaded in parts the MD5 of those of the parts, and their number. */
function fits(eTag: string, digests: readonly Buffer[]): boolean {
  const [, hex = "", count] = /^([\da-f]{32})(?:-(\d+))?$/.exec(eTag) ?? [];
  if (count !== undefined) {
    return Number(count) !== digests.length || createHash("md5").update(Buffer.concat(digests)).digest("hex") === hex;
  }
  const [only] = digests;
  if (digests.length > 1) return true;
  return (only ?? createHash("md5").digest()).toString("hex") === hex;
}
